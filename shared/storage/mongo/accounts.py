"""The accounts on MongoDB."""

from __future__ import annotations

from datetime import datetime, timedelta

from pymongo import ASCENDING, IndexModel

from shared.storage.accounts import Account, Role, window_of
from shared.storage.mongo.connect import Document, Mongo, translated

INDEXES: dict[str, list[IndexModel]] = {
    "login_attempts": [IndexModel([("expires_at", ASCENDING)], name="kept", expireAfterSeconds=0)],
    "ended_sessions": [IndexModel([("expires_at", ASCENDING)], name="kept", expireAfterSeconds=0)],
}


class MongoAccounts:
    """The port `AccountStore` on MongoDB."""

    def __init__(self, mongo: Mongo) -> None:
        self._accounts = mongo.collection("accounts")
        self._attempts = mongo.collection("login_attempts")
        self._ended = mongo.collection("ended_sessions")

    async def get(self, name: str) -> Account | None:
        """As the port says."""
        with translated("read an account"):
            found = await self._accounts.find_one({"_id": name})
        return _account(found) if found else None

    async def put(self, account: Account) -> None:
        """As the port says."""
        values = {
            "password_hash": account.password_hash,
            "role": str(account.role),
            "created_at": account.created_at,
            "disabled": account.disabled,
            "epoch": account.epoch,
        }
        with translated("save an account"):
            await self._accounts.update_one({"_id": account.name}, {"$set": values}, upsert=True)

    async def all(self) -> list[Account]:
        """As the port says."""
        with translated("read the accounts"):
            found = await self._accounts.find({}).to_list(None)
        return sorted((_account(document) for document in found), key=lambda account: account.name)

    async def attempt(self, key: str, now: datetime, window_s: int) -> int:
        """As the port says."""
        id = f"{key}:{window_of(now, window_s)}"
        kept = {"expires_at": now + timedelta(seconds=2 * window_s)}
        with translated("count a log-in attempt"):
            await self._attempts.update_one({"_id": id}, {"$inc": {"count": 1}, "$setOnInsert": kept}, upsert=True)
            found = await self._attempts.find_one({"_id": id})
        return int(found["count"]) if found else 1

    async def forget_attempts(self, key: str, now: datetime, window_s: int) -> None:
        """As the port says."""
        with translated("forget log-in attempts"):
            await self._attempts.delete_one({"_id": f"{key}:{window_of(now, window_s)}"})

    async def end_session(self, id: str, until: datetime) -> None:
        """As the port says."""
        with translated("end a session"):
            await self._ended.update_one({"_id": id}, {"$set": {"expires_at": until}}, upsert=True)

    async def session_ended(self, id: str) -> bool:
        """As the port says."""
        with translated("read an ended session"):
            return await self._ended.find_one({"_id": id}) is not None


def _account(document: Document) -> Account:
    return Account(
        name=document["_id"],
        password_hash=document["password_hash"],
        role=Role(document["role"]),
        created_at=document["created_at"],
        disabled=document["disabled"],
        epoch=document["epoch"],
    )
