"""The accounts' contract, on the fake and on the real database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.storage.accounts import Account, AccountStore, Role
from shared.storage.memory.accounts import MemoryAccounts
from shared.storage.mongo.accounts import MongoAccounts
from shared.storage.mongo.connect import Mongo

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SARA = Account("sara", "$argon2id$…", Role.ADMIN, NOW)


@pytest.fixture(params=["memory", "mongo"])
def store(request: pytest.FixtureRequest) -> AccountStore:
    if request.param == "memory":
        return MemoryAccounts()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoAccounts(mongo)


async def test_an_account_is_kept_and_replaced_under_its_name(store: AccountStore) -> None:
    assert await store.get("sara") is None
    await store.put(SARA)
    assert await store.get("sara") == SARA
    changed = replace(SARA, disabled=True, epoch=2)
    await store.put(changed)
    assert await store.all() == [changed]


async def test_everybody_comes_by_name(store: AccountStore) -> None:
    for name in ("omar", "badr", "سارة"):
        await store.put(replace(SARA, name=name))
    assert [account.name for account in await store.all()] == ["badr", "omar", "سارة"]


async def test_attempts_are_counted_one_by_one_also_at_once(store: AccountStore) -> None:
    counts = await asyncio.gather(*(store.attempt("account:sara", NOW, 900) for _ in range(6)))
    assert max(counts) == 6
    assert await store.attempt("account:omar", NOW, 900) == 1


async def test_attempts_are_forgotten_on_request_and_with_the_window(store: AccountStore) -> None:
    await store.attempt("a", NOW, 900)
    assert await store.attempt("a", NOW + timedelta(seconds=900), 900) == 1
    await store.forget_attempts("a", NOW, 900)
    assert await store.attempt("a", NOW, 900) == 1


async def test_a_session_that_was_ended_stays_ended_and_no_other_is(store: AccountStore) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    assert not await store.session_ended("one")
    await store.end_session("one", until)
    await store.end_session("one", until)
    assert await store.session_ended("one")
    assert not await store.session_ended("two")
