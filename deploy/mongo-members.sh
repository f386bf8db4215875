#!/usr/bin/env bash
# Makes the three databases one replica set; the same again changes nothing. Ends when a primary is elected.
set -euo pipefail
export HOME=/tmp
mongosh --quiet --host mongo --username root --password "$(cat /run/secrets/mongo_password)" \
  --authenticationDatabase admin --eval '
    const members = ["mongo", "mongo-2", "mongo-3"].map((name, place) => ({ _id: place, host: `${name}:27017` }));
    try { rs.status(); } catch (error) {
      if (error.codeName !== "NotYetInitialized") throw error;
      rs.initiate({ _id: "twin", members });
    }
    const elected = () => db.adminCommand({ hello: 1 }).primary;
    for (let second = 0; second < 60 && !elected(); second++) sleep(1000);
    if (!elected()) { print("no primary was elected within a minute"); quit(1); }
    print(`the primary is ${elected()}`);
  '
