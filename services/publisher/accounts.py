"""Who may sign in: accounts with Argon2 passwords, and a limit on how often somebody may try."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import argon2
import structlog

from shared.errors import Permanent, RateLimited
from shared.storage.accounts import Account, AccountStore, Role

log = structlog.get_logger(__name__)

T = TypeVar("T")

_MIN_PASSWORD = 10
_MAX_PASSWORD = 1000
_WINDOW_S = 15 * 60
_TRIES_ACCOUNT = 10
_TRIES_ADDRESS = 50
_HASHES_AT_ONCE = 2  # each takes 64 MB and a core for some 50 ms


class Accounts:
    """Adds people and checks who they are. Hashing runs in a thread, a few at a time."""

    def __init__(self, store: AccountStore, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store = store
        self._clock = clock
        self._hasher = argon2.PasswordHasher()
        self._room = asyncio.Semaphore(_HASHES_AT_ONCE)
        self._nobody: str | None = None

    async def add(self, name: str, password: str, role: Role | str = Role.REVIEWER) -> Account:
        """Adds a person, or gives an existing one this password and role and ends their sessions.

        Permanent where the name or the password cannot be used.
        """
        name = name_of(name)
        if not _MIN_PASSWORD <= len(password) <= _MAX_PASSWORD:
            raise Permanent(f"a password has {_MIN_PASSWORD} to {_MAX_PASSWORD} characters", reason="password")
        known = await self._store.get(name)
        account = Account(
            name=name,
            password_hash=await self._run(self._hasher.hash, password),
            role=Role(role),
            created_at=known.created_at if known else self._clock(),
            epoch=known.epoch + 1 if known else 1,
        )
        await self._store.put(account)
        log.info("publisher.account_saved", name=name, role=str(account.role), new=known is None)
        return account

    async def disable(self, name: str) -> bool:
        """Shuts a person out and ends their sessions. False: there is no such person."""
        return await self._change(name, disabled=True)

    async def enable(self, name: str) -> bool:
        """Lets a person in again, with the password that they had. False: there is no such person."""
        return await self._change(name, disabled=False)

    async def set_role(self, name: str, role: Role) -> bool:
        """Gives a person another role and ends their sessions. False: there is no such person."""
        return await self._change(name, role=role)

    async def all(self) -> list[Account]:
        """Everybody, by name."""
        return await self._store.all()

    async def signed_in(self, name: str, epoch: int, session_id: str) -> Account | None:
        """The account behind a session, if the session still counts."""
        account = await self._store.get(name)
        if account is None or account.disabled or account.epoch != epoch:
            return None
        return None if await self._store.session_ended(session_id) else account

    async def sign_out(self, session_id: str, *, longest: timedelta) -> None:
        """Ends this session: its cookie, should somebody have a copy, opens nothing. `longest`: a cookie's life."""
        await self._store.end_session(session_id, self._clock() + longest)

    async def authenticate(self, name: str, password: str, address: str) -> Account | None:
        """The account of this name if the password is right. RateLimited after too many tries.

        Each try is counted before the password is looked at, so that parallel guesses cannot outrun the count. An
        unknown name costs the same time as a wrong password.
        """
        name, now = name.strip().casefold()[:100], self._clock()
        for key, allowed in ((f"account:{name}", _TRIES_ACCOUNT), (f"address:{address}", _TRIES_ADDRESS)):
            if await self._store.attempt(key, now, _WINDOW_S) > allowed:
                log.warning("publisher.login_limited", address=address)
                wait = _WINDOW_S - int(now.timestamp()) % _WINDOW_S
                raise RateLimited("too many attempts to sign in", retry_after=wait)
        account = await self._store.get(name)
        known = account.password_hash if account else await self._hash_of_nobody()
        right = len(password) <= _MAX_PASSWORD and await self._run(self._verify, known, password)
        if account is None or account.disabled or not right:
            log.warning("publisher.login_refused", address=address)
            return None
        await self._store.forget_attempts(f"account:{name}", now, _WINDOW_S)
        if self._hasher.check_needs_rehash(account.password_hash):
            account = replace(account, password_hash=await self._run(self._hasher.hash, password))
            await self._store.put(account)
        log.info("publisher.login", name=name)
        return account

    async def _change(self, name: str, **values: Any) -> bool:
        account = await self._store.get(name_of(name))
        if account is None:
            return False
        await self._store.put(replace(account, epoch=account.epoch + 1, **values))
        return True

    def _verify(self, known: str, password: str) -> bool:
        try:
            return self._hasher.verify(known, password)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False

    async def _hash_of_nobody(self) -> str:
        if self._nobody is None:
            self._nobody = await self._run(self._hasher.hash, "a password that nobody has")
        return self._nobody

    async def _run(self, work: Callable[..., T], *args: str) -> T:
        async with self._room:
            return await asyncio.to_thread(work, *args)


def name_of(name: str) -> str:
    """The name as it is kept: case-folded. Permanent: not 1 to 60 letters, digits, dots, dashes, underscores or @."""
    folded = name.strip().casefold()
    if not 1 <= len(folded) <= 60 or not all(char.isalnum() or char in "._-@" for char in folded):
        raise Permanent("a user name has 1 to 60 letters, digits, dots, dashes, underscores or @", reason="name")
    return folded
