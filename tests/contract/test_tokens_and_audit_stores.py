"""The tokens' and the audit's contracts, on the fakes and on the real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.storage.audit import Audit, Deed
from shared.storage.memory.audit import MemoryAudit
from shared.storage.memory.tokens import MemoryTokens
from shared.storage.mongo.audit import MongoAudit
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.tokens import MongoTokens
from shared.storage.tokens import Token, TokenStore

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["memory", "mongo"])
def stores(request: pytest.FixtureRequest) -> tuple[TokenStore, Audit]:
    if request.param == "memory":
        return MemoryTokens(), MemoryAudit()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoTokens(mongo), MongoAudit(mongo)


def token(id: str, minutes: int = 0) -> Token:
    return Token(id, "sara", "casting site", "0" * 64, NOW + timedelta(minutes=minutes), "boss")


async def test_tokens_come_back_as_they_were_kept_latest_first(stores: tuple[TokenStore, Audit]) -> None:
    tokens, _audit = stores
    await tokens.add(token("t1"))
    await tokens.add(token("t2", minutes=5))
    assert await tokens.all() == [token("t2", minutes=5), token("t1")]
    assert await tokens.get("t1") == token("t1")
    assert await tokens.get("t9") is None


async def test_a_token_is_revoked_once_and_stays_so(stores: tuple[TokenStore, Audit]) -> None:
    tokens, _audit = stores
    await tokens.add(token("t1"))
    await tokens.used("t1", NOW)
    assert await tokens.revoke("t1", NOW + timedelta(hours=1))
    assert not await tokens.revoke("t1", NOW + timedelta(hours=2))
    assert not await tokens.revoke("t9", NOW)
    found = await tokens.get("t1")
    assert found is not None
    assert (found.used_at, found.revoked_at) == (NOW, NOW + timedelta(hours=1))


async def test_deeds_are_told_latest_first_and_by_kind(stores: tuple[TokenStore, Audit]) -> None:
    _tokens, audit = stores
    for minute, (about, subject) in enumerate([("group", "g1"), ("user", "sara"), ("group", "g2"), ("group", "g3")]):
        at = NOW + timedelta(minutes=minute)
        await audit.note(Deed(at, "boss", about, subject, "activated", {"before": "proposed"}))
    found = await audit.recent("group", limit=2)
    assert [deed.subject for deed in found] == ["g3", "g2"]
    assert found[0] == Deed(NOW + timedelta(minutes=3), "boss", "group", "g3", "activated", {"before": "proposed"})
    assert await audit.recent("token") == []
