"""Accounts: names, passwords and the limit on guesses."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import argon2
import pytest

from services.publisher.accounts import Accounts
from shared.errors import Permanent, RateLimited
from shared.storage.accounts import Role
from shared.storage.memory.accounts import MemoryAccounts

PASSWORD = "correct horse battery"


class Desk:
    """Accounts with cheap hashes and a clock to turn."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
        self.store = MemoryAccounts()
        self.accounts = Accounts(self.store, clock=lambda: self.now)
        self.accounts._hasher = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_person_is_added_once_and_found_under_any_case(desk: Desk) -> None:
    first = await desk.accounts.add(" Sara.K ", PASSWORD, "admin")
    assert (first.name, first.role, first.epoch) == ("sara.k", Role.ADMIN, 1)
    assert PASSWORD not in first.password_hash
    again = await desk.accounts.add("sara.k", PASSWORD + "!", Role.REVIEWER)
    assert (again.role, again.epoch) == (Role.REVIEWER, 2)
    assert len(await desk.accounts.all()) == 1
    assert await desk.accounts.authenticate("SARA.K", PASSWORD + "!", "::1") == again
    assert await desk.accounts.authenticate("sara.k", PASSWORD, "::1") is None


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("", PASSWORD),
        ("a b", PASSWORD),
        ("x" * 61, PASSWORD),
        ("<script>", PASSWORD),
        ("sara", "short"),
        ("sara", "x" * 1001),
    ],
)
async def test_unusable_names_and_passwords_are_refused(desk: Desk, name: str, password: str) -> None:
    with pytest.raises(Permanent):
        await desk.accounts.add(name, password)
    assert await desk.accounts.all() == []


async def test_parallel_guesses_cannot_outrun_the_limit(desk: Desk) -> None:
    await desk.accounts.add("sara", PASSWORD)
    tries = (desk.accounts.authenticate("sara", f"guess number {n}", f"10.0.0.{n}") for n in range(30))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert results.count(None) == 10
    assert sum(isinstance(result, RateLimited) for result in results) == 20


async def test_one_address_cannot_try_many_names(desk: Desk) -> None:
    for number in range(50):
        assert await desk.accounts.authenticate(f"user{number}", "guess guess", "10.0.0.1") is None
    with pytest.raises(RateLimited) as refused:
        await desk.accounts.authenticate("another", "guess guess", "10.0.0.1")
    assert refused.value.retry_after is not None
    desk.now += timedelta(seconds=refused.value.retry_after)
    assert await desk.accounts.authenticate("another", "guess guess", "10.0.0.1") is None


async def test_success_clears_the_count_of_the_account(desk: Desk) -> None:
    await desk.accounts.add("sara", PASSWORD)
    for _ in range(3):
        for _ in range(9):
            assert await desk.accounts.authenticate("sara", "guess guess", "10.0.0.1") is None
        assert await desk.accounts.authenticate("sara", PASSWORD, "10.0.0.2") is not None


async def test_a_hash_of_older_settings_is_renewed_at_the_next_login(desk: Desk) -> None:
    old = await desk.accounts.add("sara", PASSWORD)
    desk.accounts._hasher = argon2.PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    renewed = await desk.accounts.authenticate("sara", PASSWORD, "10.0.0.1")
    assert renewed is not None
    assert renewed.password_hash != old.password_hash
    assert renewed.epoch == old.epoch
