"""API tokens: issued to a person, shown once, kept as a digest, revoked for good."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from services.publisher.accounts import name_of
from shared.errors import Permanent
from shared.storage.accounts import Account, AccountStore
from shared.storage.tokens import Token, TokenStore

log = structlog.get_logger(__name__)

PREFIX: Final = "takeone"
_USED_EVERY: Final = timedelta(minutes=1)
_LONGEST_LABEL: Final = 80


class Tokens:
    """Issues tokens and says whose a token is."""

    def __init__(self, store: TokenStore, accounts: AccountStore, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._accounts = accounts
        self._clock = clock

    async def issue(self, owner: str, label: str, *, by: str) -> str:
        """A new token as its user has to send it; it can never be shown again.

        Permanent where there is no such person, or where what it is for is not said.
        """
        label, owner = label.strip(), name_of(owner)
        if not 1 <= len(label) <= _LONGEST_LABEL:
            raise Permanent(f"say in 1 to {_LONGEST_LABEL} characters what the token is for", reason="label")
        account = await self._accounts.get(owner)
        if account is None or account.disabled:
            raise Permanent(f"there is nobody called {owner} who may sign in", reason="owner")
        id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        await self._store.add(Token(id, owner, label, _digest(secret), self._clock(), by))
        log.info("publisher.token_issued", token=id, owner=owner, by=by)
        return f"{PREFIX}_{id}_{secret}"

    async def all(self) -> list[Token]:
        """Every token, latest first."""
        return await self._store.all()

    async def revoke(self, id: str) -> bool:
        """Ends it. False where there is no such token, or where it has ended already."""
        ended = await self._store.revoke(id, self._clock())
        log.info("publisher.token_revoked", token=id[:20], ended=ended)
        return ended

    async def account_of(self, sent: str) -> Account | None:
        """The account in whose name this token acts; None for one that is unknown, revoked or somebody's shut out."""
        prefix, _, rest = sent.partition("_")
        id, _, secret = rest.partition("_")
        if prefix != PREFIX or not id or not secret or len(sent) > 200:
            return None
        token = await self._store.get(id)
        if token is None or token.revoked_at is not None or not hmac.compare_digest(token.digest, _digest(secret)):
            return None
        account = await self._accounts.get(token.owner)
        if account is None or account.disabled:
            return None
        now = self._clock()
        if token.used_at is None or now - token.used_at >= _USED_EVERY:
            await self._store.used(id, now)
        return account


def _digest(secret: str) -> str:
    # A long random secret needs no slow hash: there is nothing to guess.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
