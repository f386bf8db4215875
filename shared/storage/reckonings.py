"""The accounts that were drawn up, and what the gateway was asked for: the latest of each are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

KEPT: Final = 200
"""How many of each are kept."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that should have come further than it did. `kind`: message, edit, deletion, call or event."""

    kind: str
    id: str
    group_id: str
    at: datetime  # when it came in, or was decided
    what: str  # a constant name: what is missing


@dataclass(frozen=True, slots=True)
class Reckoning:
    """One account: each message of the window with the one state it ended in, as sums.

    `since` is the beginning of the window, None where it was all that the streams hold. `unaccounted` counts what is
    older than the grace time, `under_way` what is younger; `missing` names the oldest of the unaccounted.
    """

    at: datetime
    since: datetime | None
    took_s: float
    messages: Mapping[str, int] = field(default_factory=dict)
    edits: Mapping[str, int] = field(default_factory=dict)
    deletions: Mapping[str, int] = field(default_factory=dict)
    events: Mapping[str, int] = field(default_factory=dict)
    under_way: int = 0
    unaccounted: int = 0
    missing: Sequence[Missing] = ()

    @property
    def total(self) -> int:
        """How many messages, edits and deletions were accounted for or not."""
        return sum(self.messages.values()) + sum(self.edits.values()) + sum(self.deletions.values())


@dataclass(frozen=True, slots=True)
class Sweep:
    """One comparison with the gateway. `listed` messages it told of, `found` were known nowhere and were fetched."""

    at: datetime
    groups: int
    listed: int
    found: int
    messages: Sequence[Missing] = ()  # those that were found, the oldest first; the list is cut off
    errors: Mapping[str, int] = field(default_factory=dict)  # by the error's name


class Reckonings(Protocol):
    """The port of the accounts."""

    async def add(self, reckoning: Reckoning) -> None:
        """Keeps an account; the oldest give way."""
        ...

    async def latest(self) -> Reckoning | None:
        """The last account."""
        ...

    async def add_sweep(self, sweep: Sweep) -> None:
        """Keeps what a comparison with the gateway brought; the oldest give way."""
        ...

    async def sweeps(self, since: datetime) -> list[Sweep]:
        """The comparisons made at or after `since`, the latest first."""
        ...
