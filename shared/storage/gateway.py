"""What is known of the gateway: its state, since when, and when the groups were last read from it. One document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

CHANGES_KEPT = 50


@dataclass(frozen=True, slots=True)
class StateChange:
    """The gateway came into `state` at this time."""

    state: str
    working: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class GatewayStatus:
    """`state` is the gateway's own word ("AUTH" = working) or ours ("UNREACHABLE", "REFUSED"); None before any check.

    `alarmed`: the operator was told that it is lost, and not yet that it is back. `changes` are the last ones, oldest
    first.
    """

    state: str | None = None
    working: bool = False
    advice: str = ""  # what the operator must do; empty while it works
    since: datetime | None = None
    checked_at: datetime | None = None
    alarmed: bool = False
    synced_at: datetime | None = None  # when the groups were last read to the end
    changes: tuple[StateChange, ...] = ()


class GatewayRecord(Protocol):
    """The port of what is known of the gateway."""

    async def get(self) -> GatewayStatus:
        """All that is known; an empty status before the first check."""
        ...

    async def checked(self, state: str, *, working: bool, advice: str, at: datetime) -> bool:
        """Notes the outcome of a check; True when the state is another than before (see `since` and `changes`)."""
        ...

    async def alarmed(self, alarmed: bool) -> None:
        """Notes whether the operator was told that the gateway is lost."""
        ...

    async def synced(self, at: datetime | None) -> None:
        """Notes when the groups were read; None asks for it to be done at once."""
        ...
