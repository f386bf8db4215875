"""The claims' contract, on the fake and on the real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.storage.claims import Claim, Claims
from shared.storage.memory.claims import MemoryClaims
from shared.storage.mongo.claims import MongoClaims
from shared.storage.mongo.connect import Mongo

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=3)


@pytest.fixture(params=["memory", "mongo"])
def claims(request: pytest.FixtureRequest) -> Claims:
    if request.param == "memory":
        return MemoryClaims()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoClaims(mongo)


async def test_the_first_holds_it_and_the_second_is_told_who(claims: Claims) -> None:
    first = Claim("c1", "sara", LATER)
    assert await claims.take(first, now=NOW) == first
    assert await claims.take(Claim("c1", "omar", LATER), now=NOW) == first
    assert await claims.standing(NOW) == [first]


async def test_the_holder_renews_it(claims: Claims) -> None:
    await claims.take(Claim("c1", "sara", LATER), now=NOW)
    renewed = Claim("c1", "sara", LATER + timedelta(minutes=1))
    assert await claims.take(renewed, now=NOW) == renewed
    assert await claims.standing(LATER) == [renewed]


async def test_it_runs_out(claims: Claims) -> None:
    await claims.take(Claim("c1", "sara", LATER), now=NOW)
    assert await claims.standing(LATER) == []
    mine = Claim("c1", "omar", LATER + timedelta(minutes=3))
    assert await claims.take(mine, now=LATER) == mine


async def test_only_the_holder_gives_it_back(claims: Claims) -> None:
    await claims.take(Claim("c1", "sara", LATER), now=NOW)
    await claims.release("c1", "omar")
    assert len(await claims.standing(NOW)) == 1
    await claims.release("c1", "sara")
    await claims.release("c1", "sara")
    assert await claims.standing(NOW) == []


async def test_of_many_at_once_exactly_one_holds_it(claims: Claims) -> None:
    held = await asyncio.gather(*(claims.take(Claim("c1", f"r{n}", LATER), now=NOW) for n in range(12)))
    assert len({claim.by for claim in held}) == 1
