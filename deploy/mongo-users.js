// Run once by the database's image, before the database is reachable: the users that the stack works with.
// Both are bound to the one database; the administrator (root) is used by nothing afterwards.
const read = (name) => require("fs").readFileSync(`/run/secrets/${name}`, "utf8").trim();
const database = process.env.TWIN_DATABASE || "takeone_twin";
const admin = db.getSiblingDB("admin");

// The services: documents and indexes of the one database, no users, no other database.
admin.createUser({
  user: "twin",
  pwd: read("mongo_app_password"),
  roles: [{ role: "readWrite", db: database }],
});

// `twin`, for provisioning, back-ups and restores: the same database as a whole.
admin.createUser({
  user: "twin_operator",
  pwd: read("mongo_operator_password"),
  roles: [{ role: "dbOwner", db: database }],
});
