"""Tokens by which programs use the API in somebody's name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Token:
    """One token. It may do what its owner may, while the owner may sign in. Only a digest of its secret is kept."""

    id: str
    owner: str  # an account's name
    label: str  # what it is for
    digest: str
    created_at: datetime
    created_by: str
    revoked_at: datetime | None = None
    used_at: datetime | None = None


class TokenStore(Protocol):
    """The tokens' port."""

    async def add(self, token: Token) -> None:
        """Keeps a new token."""
        ...

    async def get(self, id: str) -> Token | None:
        """The token of this id, revoked or not."""
        ...

    async def all(self) -> list[Token]:
        """Every token, latest first."""
        ...

    async def revoke(self, id: str, at: datetime) -> bool:
        """Ends it for ever. False where there is no such token, or where it has ended already."""
        ...

    async def used(self, id: str, at: datetime) -> None:
        """Notes when it was last used."""
        ...
