"""The tokens on MongoDB."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from shared.storage.mongo.connect import Document, Mongo, translated
from shared.storage.tokens import Token

COLLECTION = "tokens"


class MongoTokens:
    """As `shared.storage.tokens.TokenStore` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._tokens = mongo.collection(COLLECTION)

    async def add(self, token: Token) -> None:
        """One insert."""
        document = asdict(token)
        with translated("tokens.add"):
            await self._tokens.insert_one({"_id": document.pop("id"), **document})

    async def get(self, id: str) -> Token | None:
        """One read by key."""
        with translated("tokens.get"):
            document = await self._tokens.find_one({"_id": id})
        return _token(document) if document else None

    async def all(self) -> list[Token]:
        """One read; there are few."""
        with translated("tokens.all"):
            found = [_token(document) async for document in self._tokens.find({})]
        return sorted(found, key=lambda token: (token.created_at, token.id), reverse=True)

    async def revoke(self, id: str, at: datetime) -> bool:
        """One update by key."""
        with translated("tokens.revoke"):
            result = await self._tokens.update_one({"_id": id, "revoked_at": None}, {"$set": {"revoked_at": at}})
        return result.matched_count == 1

    async def used(self, id: str, at: datetime) -> None:
        """One update by key."""
        with translated("tokens.used"):
            await self._tokens.update_one({"_id": id}, {"$set": {"used_at": at}})


def _token(document: Document) -> Token:
    return Token(id=document.pop("_id"), **document)
