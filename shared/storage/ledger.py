"""The message ledger: every raw message ends here in exactly one recorded state."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class State(StrEnum):
    """Where a message stands. A message that became a call takes its further state from that call."""

    CANDIDATE = "candidate"  # passed the filter, on its way
    REJECTED = "rejected"  # by the filter's rule
    DUPLICATE = "duplicate"  # of another message (`duplicate_of`)
    TOO_OLD = "too_old"
    NO_TEXT = "no_text"
    NOT_A_CALL = "not_a_call"  # by the extractor
    CALL = "call"  # see the call: pending, approved, rejected, withdrawn, expired
    DEAD = "dead"  # a dead letter tells why


STOPPED = frozenset({State.REJECTED, State.TOO_OLD, State.NO_TEXT, State.DEAD})
"""What a replay may judge anew: nobody behind the filter has worked on it, or whoever did gave up."""

PUBLISHED = frozenset({State.CALL, State.DUPLICATE})
"""What the publisher makes of a message that the extractor has handed on."""

JUDGED = ("state", "rule", "score", "reasons", "fingerprint", "duplicate_of")
"""The fields of an entry that the filter's verdict sets."""


@dataclass(slots=True)
class Entry:
    """One message's life. `claim` names the delivery that owns it (stream:sequence); a second one is a sighting.

    `id` is the message id, or the event id for an edit. `stages` keeps what each stage found, by stage name.
    """

    id: str
    claim: str
    state: State
    group_id: str
    sent_at: datetime
    seen_at: datetime
    via: str
    rule: str = ""
    score: float = 0.0
    reasons: tuple[str, ...] = ()
    text: str = ""
    kind: str = "text"
    sender: str | None = None
    sender_name: str | None = None
    channel_id: str | None = None
    group_name: str | None = None
    fingerprint: str | None = None
    duplicate_of: str | None = None
    edit_of: str | None = None
    call_id: str | None = None
    erased: str = ""  # what was taken out: "words" (its writer asked), "mention" (somebody in it did), "age"
    batch: str = field(default="", compare=False)  # set by `record`: entries made together (see totals.py)
    sightings: list[dict[str, Any]] = field(default_factory=list)
    stages: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Again:
    """A further delivery of a message that is in the ledger already."""

    id: str
    claim: str
    via: str
    at: datetime


class Ledger(Protocol):
    """The ledger's port."""

    async def record(self, entries: Sequence[Entry]) -> list[Entry | None]:
        """Claims and records all in one write. For each: None when it is ours now, else the entry that stood there.

        A duplicate is noted with the entry that it is a copy of (`copies_of`), whether that one is there yet or not.
        """
        ...

    async def seen_again(self, sightings: Sequence[Again]) -> None:
        """Adds these deliveries to their entries' sightings; the same delivery twice is kept once."""
        ...

    async def settle(
        self, id: str, state: State, *, stage: str, detail: dict[str, Any], never_over: Collection[State] = ()
    ) -> bool:
        """Moves an entry to `state` and keeps `detail` under `stages.<stage>`.

        False when there is no such entry, or it stands in one of `never_over`, which a later stage has set. `call_id`
        and `duplicate_of` in the detail become the entry's own.
        """
        ...

    async def rejudge(self, entry: Entry, *, run: str) -> bool:
        """Gives a stopped entry the verdict of a replay, and keeps what stood there under `stages.replay`.

        False where the entry is another claim's or no longer stands in one of `STOPPED`: it then stays as it is.
        """
        ...

    async def get(self, id: str) -> Entry | None:
        """The entry of this id."""
        ...

    async def known(self, ids: Sequence[str]) -> set[str]:
        """Those of these ids that have an entry."""
        ...

    async def copies_of(self, id: str, *, limit: int = 200) -> list[Entry]:
        """The entries that are duplicates of this one, oldest first: where else the call was seen."""
        ...

    async def count_by_state(self, *, since: datetime | None = None) -> dict[str, int]:
        """How many entries stand in each state (those first seen at or after `since`)."""
        ...
