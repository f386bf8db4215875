"""Running totals of the ledger: for each hour, how many messages of each group ended where.

The ledger stays the truth; the totals follow it within seconds. Each entry belongs for ever to the one hour in which it
was first seen, and is counted there once, however often it is delivered and whenever it is settled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from shared.storage.ledger import State

_BY_FILTER = frozenset({State.REJECTED, State.TOO_OLD, State.NO_TEXT})


class Fate(NamedTuple):
    """Where messages of one group stand. `stage` put them there; `checked`: a rejection on its way to a reviewer."""

    source: str
    state: State
    rule: str  # the filter's
    stage: str
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour (UTC, by when messages were first seen) and how many entries had which fate in it."""

    at: datetime
    counts: Mapping[Fate, int]


class Totals(Protocol):
    """The totals' port."""

    async def follow(self, now: datetime, *, limit: int = 200) -> int:
        """Counts again what changed in the ledger since the last time, so many batches at most.

        Returns how many batches that were. Any number of replicas may do so at once; a crash anywhere loses nothing.
        """
        ...

    async def since(self, at: datetime) -> list[Hour]:
        """The hours that began at or after `at`, earliest first; those without messages are left out."""
        ...

    async def changed_since(self, at: datetime) -> list[Hour]:
        """The hours whose counts changed at or after `at`, by the clocks that were given to `follow`; in no order."""
        ...


def fate_of(source: str, state: State, rule: str, stages: Mapping[str, Mapping[str, Any]]) -> Fate:
    """The fate of an entry with these stages."""
    checked = bool(stages.get("filter", {}).get("check"))
    return Fate(source, state, rule, _stage_of(state, stages), checked)


def _stage_of(state: State, stages: Mapping[str, Mapping[str, Any]]) -> str:
    if state in _BY_FILTER:
        return "filter"
    if state is State.DEAD:
        return str(stages.get("dead", {}).get("stage", "unknown"))
    if state is State.CALL:
        return "publisher"
    return "extractor" if "extractor" in stages else "filter"


def summed(counts: Iterable[Mapping[Fate, int]]) -> Counter[Fate]:
    """All of these together."""
    total: Counter[Fate] = Counter()
    for part in counts:
        total.update(part)
    return total


def hour_of(at: datetime) -> datetime:
    """When the hour of `at` began."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
