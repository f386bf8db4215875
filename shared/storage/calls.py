"""Casting calls from the moment they wait for a reviewer: their fields, what was decided, and what has to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Protocol

from pydantic import AfterValidator, Field

from shared.contracts.base import AwareDatetime, Contract
from shared.contracts.calls import CastingCall, EvidenceMap, Flag
from shared.contracts.messages import RawMessage
from shared.contracts.pipeline import ApprovedCall, Confidence, Engine, Likeness, Verdict


class Status(StrEnum):
    """Where a call stands. Only an approved one is public."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


def _to_milliseconds(value: datetime) -> datetime:
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


Moment = Annotated[AwareDatetime, AfterValidator(_to_milliseconds)]
"""A time with zone, whole milliseconds: what the database keeps."""


class FieldChange(Contract):
    """One field before and after, as JSON values. Paths as in the evidence, down to the leaf: "roles.0.age_min"."""

    path: str
    before: Any = None
    after: Any = None


class HistoryEntry(Contract):
    """One thing that happened to a call. Entries are only ever added."""

    at: Moment
    actor: str  # a reviewer's name, or "extractor", "whatsapp", "clock"
    action: str
    before: Status | None = None
    after: Status
    reason: str | None = None  # a code of the short list
    note: str | None = None
    changes: tuple[FieldChange, ...] = ()


class Outgoing(Contract):
    """An event that this call owes to the consumers; sent once `Call.sent_revision` reaches its revision."""

    revision: int
    event: ApprovedCall


class Suggestion(Contract):
    """What happened in WhatsApp after a person had touched the call; a reviewer takes it up or dismisses it."""

    id: str  # of the event that brought it
    kind: Literal["edited", "deleted", "filled", "reworded"]
    at: Moment
    open: bool = True
    sure: bool = True  # false: said by somebody else, of a part only, or without saying of which call
    message: RawMessage | None = None
    fields: CastingCall | None = None
    evidence: EvidenceMap = Field(default_factory=dict)
    confidence: Confidence = Field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    engine: Engine | None = None


class Call(Contract):
    """One call, whole. `version` grows by one with each change; `revision` with each change that consumers hear of."""

    id: str
    version: int = 1
    status: Status = Status.PENDING
    revision: int = 0
    sent_revision: int = 0  # moved by `mark_sent` alone
    published: bool | None = None  # null: never was; false: was, and is no more
    fields: CastingCall
    original: CastingCall
    message: RawMessage
    verdict: Verdict
    evidence: EvidenceMap = Field(default_factory=dict)
    confidence: Confidence = Field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    engine: Engine
    check: bool = False  # stopped by the filter, and here so that a reviewer says whether rightly
    likeness: Likeness | None = None
    edits: tuple[str, ...] = ()  # ids of the WhatsApp edits that were taken in
    edited_at: AwareDatetime | None = None  # when the last edit was made that was taken in or suggested
    touched: bool = False  # a person has changed or decided something
    history: tuple[HistoryEntry, ...] = ()
    outbox: tuple[Outgoing, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    search: str = ""  # folded text
    closes_on: date | None = None
    queued_at: Moment
    updated_at: Moment
    changed_at: Moment | None = None  # when consumers were last given something new
    decided_by: str | None = None
    reason: str | None = None
    merged_into: str | None = None  # the earlier call that this one repeats or updates: its message is a sighting
    fields_before: CastingCall | None = None  # what the earlier call held before it took this one's facts
    faded: bool = False  # its words were erased: no case can be made of it any more

    @property
    def unsent(self) -> tuple[ApprovedCall, ...]:
        """The events that consumers have not been given yet, in their order."""
        return tuple(item.event for item in self.outbox if item.revision > self.sent_revision)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list shows of a call, without its message and history."""

    id: str
    version: int
    status: Status
    published: bool | None
    title: str
    project_type: str
    city: str | None
    language: str
    group_id: str
    group_name: str | None
    flags: tuple[str, ...]
    suggestions: int  # open ones
    search: str
    closes_on: date | None
    sent_at: datetime
    queued_at: datetime
    updated_at: datetime
    changed_at: datetime | None
    decided_by: str | None = None
    confidence: float | None = None  # of the least sure field; null where the extractor told none
    check: bool = False
    alike: str | None = None  # how it stands to an earlier call
    reason: str | None = None  # why it was rejected or left the public


def surety(confidence: Confidence) -> float | None:
    """How far the least sure field can be trusted; None where nothing is known."""
    return min(confidence.values(), default=None)


def summary_of(call: Call) -> Summary:
    """The summary of this call."""
    return Summary(
        id=call.id,
        version=call.version,
        status=call.status,
        published=call.published,
        title=call.fields.title,
        project_type=str(call.fields.project_type),
        city=call.fields.location_city,
        language=call.fields.language,
        group_id=call.message.group.id,
        group_name=call.message.group.name,
        flags=tuple(flag.name for flag in call.flags),
        suggestions=sum(item.open for item in call.suggestions),
        search=call.search,
        closes_on=call.closes_on,
        sent_at=_to_milliseconds(call.message.sent_at),
        queued_at=call.queued_at,
        updated_at=call.updated_at,
        changed_at=call.changed_at,
        decided_by=call.decided_by,
        confidence=surety(call.confidence),
        check=call.check,
        alike=str(call.likeness.relation) if call.likeness else None,
        reason=call.reason,
    )


class Calls(Protocol):
    """The calls' port. A verdict and the event it causes are one `save` of one document."""

    async def insert(self, call: Call) -> bool:
        """Adds a call. False when one of this id is there already; it then stays as it is."""
        ...

    async def get(self, id: str) -> Call | None:
        """The call of this id."""
        ...

    async def many(self, ids: Sequence[str]) -> list[Call]:
        """The calls of these ids, in that order; those that are not there are left out."""
        ...

    async def save(self, call: Call, *, over: int) -> bool:
        """Replaces the call if its stored version is still `over`, all or nothing. False when it is not."""
        ...

    async def unsent(self, *, limit: int = 100) -> list[Call]:
        """Calls that owe events to the consumers, the longest waiting first."""
        ...

    async def mark_sent(self, id: str, revision: int) -> None:
        """Notes that the consumers were given everything up to this revision. Never goes back."""
        ...

    async def unlearned(self, *, limit: int = 100) -> list[Call]:
        """Calls that a person has touched and that were saved since they were last made into a case, in no order."""
        ...

    async def mark_learned(self, id: str, version: int) -> None:
        """Notes that this version was made into a case; a later one still waits."""
        ...

    async def standing(self, status: Status) -> list[Summary]:
        """All calls in this status, in no order. For the few statuses that stay small."""
        ...

    async def updated_since(self, at: datetime) -> list[Summary]:
        """All calls that changed at or after `at`, in no order."""
        ...

    async def decided(self, status: Status, *, before: datetime | None = None, limit: int = 50) -> list[Summary]:
        """Calls of this status changed before `before`, by that change, latest first (then by id, highest first)."""
        ...

    async def decided_by(self, actor: str, since: datetime) -> list[Summary]:
        """Calls whose decision stands and is this person's, changed at or after `since`; latest change first."""
        ...

    async def merged_into(self, id: str) -> list[Call]:
        """The calls that reviewers found to be this one again, the oldest message first."""
        ...

    async def gone_since(self, at: datetime, *, limit: int = 500) -> list[Summary]:
        """Calls that were public and are no more, and left at or after `at`; earliest first."""
        ...

    async def closing_before(self, day: date, *, limit: int = 100) -> list[str]:
        """Ids of approved calls that closed before this day."""
        ...

    async def note_deletion(self, id: str, event_id: str, at: datetime) -> None:
        """Remembers for some weeks that the message behind this call id was deleted, the call being here yet or not."""
        ...

    async def deletion(self, id: str) -> str | None:
        """The id of the deletion event that was noted for this call id."""
        ...
