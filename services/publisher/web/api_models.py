"""The shapes of the JSON API: what programs send and get."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.publisher.logic import Reason
from services.publisher.web.problems import Problem
from shared.contracts.calls import CastingCall, EvidenceMap, Flag
from shared.contracts.messages import RawMessage
from shared.contracts.pipeline import Confidence, Engine, Likeness, Sighting, Verdict
from shared.storage.calls import Call, HistoryEntry, Status, Suggestion, Summary


class Row(BaseModel):
    """One call in a list."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    version: int
    status: Status
    title: str
    project_type: str
    city: str | None
    language: str
    group_id: str
    group_name: str | None
    flags: list[str]
    suggestions: int
    confidence: float | None
    check: bool
    alike: str | None
    closes_on: date | None
    sent_at: datetime
    queued_at: datetime
    updated_at: datetime


class QueuePage(BaseModel):
    """A page of the queue. `total` counts all that match; `next` is the cursor of the next page."""

    items: list[Row]
    total: int | None
    next: str | None


class CallView(BaseModel):
    """One call, whole, with its message and what the ledger knows of it."""

    id: str
    version: int
    status: Status
    revision: int
    fields: CastingCall
    original: CastingCall
    message: RawMessage
    verdict: Verdict
    evidence: EvidenceMap
    flags: list[Flag]
    confidence: Confidence
    check: bool
    likeness: Likeness | None
    merged_into: str | None
    engine: Engine
    history: list[HistoryEntry]
    suggestions: list[Suggestion]
    seen_in: list[Sighting] = []
    ledger: dict[str, Any] | None = None
    queued_at: datetime
    updated_at: datetime
    decided_by: str | None
    reason: str | None


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Versioned(_Strict):
    """A decision on the version that the reviewer saw."""

    version: int = Field(ge=1)


class Edit(Versioned):
    """Corrections: those top-level fields of the call that are to change, each one whole."""

    fields: dict[str, Any]


class Approval(Versioned):
    """An approval, with corrections where there are any."""

    fields: dict[str, Any] | None = None


class Rejection(Versioned):
    """A rejection with its reason."""

    reason: Reason
    note: str | None = Field(None, max_length=500)


class Withdrawal(Versioned):
    """A withdrawal; the note goes to the consumers as its reason."""

    note: str | None = Field(None, max_length=500)


class Merge(Versioned):
    """The earlier call that this one repeats or updates."""

    earlier: str = Field(min_length=1, max_length=80)


class SignIn(_Strict):
    """Who wants in."""

    name: str = Field(max_length=200)
    password: str = Field(max_length=2000)


class SessionView(BaseModel):
    """Who is signed in, and the token for the X-CSRF-Token header of writes."""

    name: str
    role: str
    csrf_token: str


class Trouble(BaseModel):
    """What went wrong."""

    code: str
    message: str
    problems: list[Problem] = []
    current: CallView | None = None


class ErrorView(BaseModel):
    """An error's body."""

    error: Trouble


class PublicCall(BaseModel):
    """An open casting call as the public sees it."""

    id: str
    revision: int
    call: CastingCall
    posted_at: datetime
    changed_at: datetime
    closes_on: date | None
    url: str


class Gone(BaseModel):
    """A call that was public and is no more."""

    id: str
    changed_at: datetime
    status: Status


class PublicPage(BaseModel):
    """A page of the feed. `gone` is filled with `updated_since` only, which does not tell a total."""

    items: list[PublicCall]
    gone: list[Gone] = []
    total: int | None = None
    next: str | None


class ProblemView(BaseModel):
    """An error of the public API (RFC 9457). `code` is constant, `problems` names the parameters that are wrong."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    problems: list[Problem] = []


def row(summary: Summary) -> Row:
    """The row of a summary."""
    return Row.model_validate(summary)


def call_view(call: Call, *, seen_in: tuple[Sighting, ...] = (), ledger: dict[str, Any] | None = None) -> CallView:
    """The call as the API shows it."""
    return CallView(
        **{name: getattr(call, name) for name in CallView.model_fields if name not in ("seen_in", "ledger")},
        seen_in=list(seen_in),
        ledger=ledger,
    )
