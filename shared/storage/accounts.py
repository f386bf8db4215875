"""People who may sign in, and how often someone tried to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """What a person may do: a reviewer decides on calls, an admin sees and changes everything."""

    REVIEWER = "reviewer"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Account:
    """One person. A session carries the `epoch` of its log-in and ends when the account's epoch moves on."""

    name: str  # case-folded, unique
    password_hash: str
    role: Role
    created_at: datetime
    disabled: bool = False
    epoch: int = 1


class AccountStore(Protocol):
    """The accounts' port."""

    async def get(self, name: str) -> Account | None:
        """The account of this name."""
        ...

    async def put(self, account: Account) -> None:
        """Adds the account or replaces the one of its name."""
        ...

    async def all(self) -> list[Account]:
        """Every account by name; there are few."""
        ...

    async def attempt(self, key: str, now: datetime, window_s: int) -> int:
        """Counts one more attempt under this key and returns how many there are in the current window of time."""
        ...

    async def forget_attempts(self, key: str, now: datetime, window_s: int) -> None:
        """Takes the current window's count of this key back to none."""
        ...

    async def end_session(self, id: str, until: datetime) -> None:
        """Notes that this session has ended; kept as long as its cookie lives. Again changes nothing."""
        ...

    async def session_ended(self, id: str) -> bool:
        """Whether this session was ended before its time."""
        ...


def window_of(now: datetime, window_s: int) -> int:
    """The number of the fixed window that `now` falls into."""
    return int(now.timestamp()) // window_s
