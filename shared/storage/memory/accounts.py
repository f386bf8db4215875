"""The accounts in memory."""

from __future__ import annotations

from datetime import datetime

from shared.storage.accounts import Account, window_of


class MemoryAccounts:
    """The port `AccountStore`, kept in dictionaries."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}
        self._attempts: dict[tuple[str, int], int] = {}
        self._ended: dict[str, datetime] = {}

    async def get(self, name: str) -> Account | None:
        """As the port says."""
        return self._accounts.get(name)

    async def put(self, account: Account) -> None:
        """As the port says."""
        self._accounts[account.name] = account

    async def all(self) -> list[Account]:
        """As the port says."""
        return sorted(self._accounts.values(), key=lambda account: account.name)

    async def attempt(self, key: str, now: datetime, window_s: int) -> int:
        """As the port says."""
        place = (key, window_of(now, window_s))
        self._attempts[place] = self._attempts.get(place, 0) + 1
        return self._attempts[place]

    async def forget_attempts(self, key: str, now: datetime, window_s: int) -> None:
        """As the port says."""
        self._attempts.pop((key, window_of(now, window_s)), None)

    async def end_session(self, id: str, until: datetime) -> None:
        """As the port says."""
        self._ended[id] = until

    async def session_ended(self, id: str) -> bool:
        """As the port says."""
        return id in self._ended
