"""What may become of a call: each function takes a call and gives the call after it, with its history.

pending ──approve──▶ approved ──withdraw──▶ withdrawn      reopen: from any decided state back to pending
   └─────reject────▶ rejected     └──expire──▶ expired     (a reopened approval is withdrawn from consumers)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from services.publisher.differences import changes
from services.publisher.steps import NotAllowed, closing_day, leave, publish, search_text, step, with_fields
from shared.contracts.calls import CastingCall
from shared.contracts.pipeline import Change, ExtractedCall, Sighting
from shared.storage.calls import Call, HistoryEntry, Status
from shared.storage.ledger import Entry, State

_SAUDI_OFFSET = timedelta(hours=3)  # the whole year


class Reason(StrEnum):
    """Why a reviewer rejects a call: the short list."""

    NOT_A_CALL = "not_a_call"
    DUPLICATE = "duplicate"
    INCOMPLETE = "incomplete"
    OVER = "over"
    SUSPICIOUS = "suspicious"
    OUTSIDE = "outside"
    OTHER = "other"


def received(event: ExtractedCall, now: datetime) -> Call:
    """The pending call that this event brings."""
    return Call(
        id=event.call_id,
        fields=event.call,
        original=event.call,
        message=event.message,
        verdict=event.verdict,
        evidence=event.evidence,
        confidence=event.confidence,
        flags=event.flags,
        engine=event.engine,
        check=event.check,
        likeness=event.likeness,
        edits=(event.edit_id,) if event.edit_id else (),
        edited_at=event.edited_at,
        history=(HistoryEntry(at=now, actor="extractor", action="queued", after=Status.PENDING),),
        search=search_text(event.call, event.message),
        closes_on=closing_day(event.call),
        queued_at=now,
        updated_at=now,
    )


def edit(call: Call, fields: CastingCall, actor: str, now: datetime, seen_in: Sequence[Sighting] = ()) -> Call:
    """The call with these fields. An approved one is published again; the same fields change nothing."""
    if call.status not in (Status.PENDING, Status.APPROVED):
        raise NotAllowed("edit", call.status)
    found = changes(call.fields, fields)
    if not found:
        return call
    after = step(call, "edited", actor, now, changes=found, touched=True, **with_fields(fields, call.message))
    return publish(after, Change.UPDATED, now, seen_in) if call.status is Status.APPROVED else after


def approve(
    call: Call, actor: str, now: datetime, seen_in: Sequence[Sighting] = (), fields: CastingCall | None = None
) -> Call:
    """The call approved, with `fields` where the reviewer corrected some in the same step."""
    if call.status is not Status.PENDING:
        raise NotAllowed("approve", call.status)
    wanted = fields or call.fields
    after = step(
        call,
        "approved",
        actor,
        now,
        changes=changes(call.fields, wanted),
        status=Status.APPROVED,
        touched=True,
        decided_by=actor,
        **with_fields(wanted, call.message),
    )
    return publish(after, Change.APPROVED, now, seen_in)


def reject(call: Call, reason: Reason, note: str | None, actor: str, now: datetime) -> Call:
    """The call rejected, with its reason. Consumers hear nothing: it was never public."""
    if call.status is not Status.PENDING:
        raise NotAllowed("reject", call.status)
    values: dict[str, Any] = {"status": Status.REJECTED, "touched": True, "decided_by": actor}
    return step(call, "rejected", actor, now, reason=str(reason), note=note, **values)


def withdraw(call: Call, note: str | None, actor: str, now: datetime, seen_in: Sequence[Sighting] = ()) -> Call:
    """The approved call taken back, and its consumers told."""
    if call.status is not Status.APPROVED:
        raise NotAllowed("withdraw", call.status)
    return leave(call, Status.WITHDRAWN, "withdrawn", actor, now, seen_in, note=note)


def reopen(call: Call, actor: str, now: datetime, seen_in: Sequence[Sighting] = ()) -> Call:
    """The decision undone: the call is pending again, and taken back from consumers where they had it."""
    if call.status is Status.PENDING or call.faded:  # nobody can decide on a call without its words
        raise NotAllowed("reopen", call.status)
    after = leave(call, Status.PENDING, "reopened", actor, now, seen_in)
    return after.model_copy(update={"merged_into": None, "fields_before": None})


def is_call(call: Call, actor: str, now: datetime) -> Call:
    """The message that the filter stopped is a call after all: it now waits like any other."""
    if call.status is not Status.PENDING or not asks_about_filter(call):
        raise NotAllowed("confirm", call.status)
    return step(call, "is_call", actor, now, touched=True)


def asks_about_filter(call: Call) -> bool:
    """Whether a reviewer has yet to say if the filter was right to stop this message."""
    return call.check and not any(line.action == "is_call" for line in call.history)


def takes_copies(call: Call) -> bool:
    """Whether a copy of this call is no news: it waits, is public, or was rejected for what it is. One that is over may
    have been opened again.
    """
    over = call.status is Status.REJECTED and call.reason == Reason.OVER
    return not over and call.status in (Status.PENDING, Status.APPROVED, Status.REJECTED)


def is_on_its_way(entry: Entry | None) -> bool:
    """Whether this message was handed on as a call that has not arrived yet."""
    if entry is None or entry.state is not State.CANDIDATE:
        return False
    return bool(entry.stages.get("extractor", {}).get("is_call"))


def expire(call: Call, today: date, now: datetime, seen_in: Sequence[Sighting] = ()) -> Call | None:
    """The approved call after its last day; None while it is open, or not approved."""
    if call.status is not Status.APPROVED or call.closes_on is None or call.closes_on >= today:
        return None
    return leave(call, Status.EXPIRED, "expired", "clock", now, seen_in, reason="expired")


def local_day(now: datetime) -> date:
    """The day that it is in Saudi Arabia, where the deadlines are meant."""
    return (now.astimezone(UTC) + _SAUDI_OFFSET).date()
