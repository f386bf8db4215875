"""The tokens in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.storage.tokens import Token


class MemoryTokens:
    """As `shared.storage.tokens.TokenStore` says."""

    def __init__(self) -> None:
        self.tokens: dict[str, Token] = {}

    async def add(self, token: Token) -> None:
        """As the port says."""
        self.tokens[token.id] = token

    async def get(self, id: str) -> Token | None:
        """As the port says."""
        return self.tokens.get(id)

    async def all(self) -> list[Token]:
        """As the port says."""
        return sorted(self.tokens.values(), key=lambda token: (token.created_at, token.id), reverse=True)

    async def revoke(self, id: str, at: datetime) -> bool:
        """As the port says."""
        token = self.tokens.get(id)
        if token is None or token.revoked_at is not None:
            return False
        self.tokens[id] = replace(token, revoked_at=at)
        return True

    async def used(self, id: str, at: datetime) -> None:
        """As the port says."""
        if token := self.tokens.get(id):
            self.tokens[id] = replace(token, used_at=at)
