"""The database's users as deploy/mongo-users.js makes them, on a database that asks who one is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from services.operator import embedded
from shared.errors import Misconfigured
from shared.settings import MongoSettings
from shared.storage.mongo import indexes
from shared.storage.mongo.connect import Mongo

SCRIPT = (Path(__file__).parents[2] / "deploy" / "mongo-users.js").read_text()
DATABASE = "takeone_twin"


def users() -> dict[str, list[dict[str, str]]]:
    """Each user of the script with its roles."""
    found = re.findall(r'user: "(\w+)",\s+pwd: .*,\s+roles: \[\{ role: "(\w+)", db: database \}\],', SCRIPT)
    return {user: [{"role": role, "db": DATABASE}] for user, role in found}


@pytest.fixture(scope="module")
def guarded_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a database with the script's users, each with its name as its password."""
    server = embedded.start_mongo(tmp_path_factory.mktemp("mongo-users"))
    with MongoClient[dict[str, Any]]("127.0.0.1", server.port, directConnection=True) as client:
        client.admin.command("createUser", "root", pwd="root", roles=["root"])
        for user, roles in users().items():
            client.admin.command("createUser", user, pwd=user, roles=roles)
    server.command.append("--auth")
    server.restart()
    yield server.port
    server.stop()


def settings(port: int, user: str, password: str | None = None, database: str = DATABASE) -> MongoSettings:
    address = f"mongodb://{user}:{password or user}@127.0.0.1:{port}/?authSource=admin&directConnection=true"
    return MongoSettings(url=SecretStr(address), database=database, timeout_s=10)


def test_the_script_makes_two_users_of_the_one_database() -> None:
    assert SCRIPT.count("createUser") == len(users()) == 2
    assert {user: roles[0]["role"] for user, roles in users().items()} == {
        "twin": "readWrite",
        "twin_operator": "dbOwner",
    }


@pytest.mark.parametrize("user", ["twin", "twin_operator"])
async def test_both_users_make_the_indexes_and_write(user: str, guarded_database: int) -> None:
    mongo = Mongo(settings(guarded_database, user))
    assert await indexes.provision(mongo)
    await mongo.collection(f"things_{user}").insert_one({"_id": 1})
    assert await mongo.collection(f"things_{user}").find_one({}) == {"_id": 1}
    await mongo.close()


@pytest.mark.parametrize("user", ["twin", "twin_operator"])
def test_neither_reaches_another_database_or_makes_users(user: str, guarded_database: int) -> None:
    with MongoClient[dict[str, Any]](settings(guarded_database, user).url.get_secret_value()) as client:
        for forbidden in (
            lambda: client["another"]["things"].find_one({}),
            lambda: client["another"]["things"].insert_one({"_id": 1}),
            lambda: client.drop_database("another"),
            lambda: client["admin"]["system.users"].find_one({}),
            lambda: client.admin.command("createUser", "evil", pwd="evil", roles=["root"]),
        ):
            with pytest.raises(OperationFailure, match="not authorized"):
                forbidden()


def test_the_services_user_cannot_drop_the_database(guarded_database: int) -> None:
    with (
        MongoClient[dict[str, Any]](settings(guarded_database, "twin").url.get_secret_value()) as client,
        pytest.raises(OperationFailure, match="not authorized"),
    ):
        client.drop_database(DATABASE)


async def test_a_wrong_password_is_told_without_showing_it(guarded_database: int) -> None:
    mongo = Mongo(settings(guarded_database, "twin", "canary-password"))
    with pytest.raises(Misconfigured, match="refuses our user") as caught:
        await mongo.ping()
    await mongo.close()
    assert "canary" not in str(caught.value)
