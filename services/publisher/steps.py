"""The building blocks of every change to a call: the next version, its line of history, the event that it owes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from shared.arabic.normalise import fold_text
from shared.contracts.calls import CastingCall
from shared.contracts.messages import RawMessage
from shared.contracts.pipeline import ApprovedCall, Change, Origin, Sighting
from shared.errors import Permanent
from shared.storage.calls import Call, FieldChange, HistoryEntry, Outgoing, Status


class NotAllowed(Permanent):
    """The call's status does not allow this step."""

    def __init__(self, action: str, status: Status) -> None:
        super().__init__(f"cannot {action} a call that is {status}", reason="not_allowed")
        self.action = action
        self.status = status


def closing_day(fields: CastingCall) -> date | None:
    """The last day on which a call makes sense: its deadline, else the last day of the shoot, else unknown."""
    if fields.deadline is not None:
        return fields.deadline
    return (fields.shoot_dates.end or fields.shoot_dates.start) if fields.shoot_dates else None


def search_text(fields: CastingCall, message: RawMessage) -> str:
    """What a search looks through, folded: spelling, marks and digit forms no longer matter."""
    parts = (fields.title, fields.production_company, fields.location_city, message.group.name, message.text)
    return fold_text(" ".join(part for part in parts if part))[:8000]


def with_fields(fields: CastingCall, message: RawMessage) -> dict[str, Any]:
    """The values that follow from new fields: themselves, what a search finds, the last day."""
    return {"fields": fields, "search": search_text(fields, message), "closes_on": closing_day(fields)}


def step(
    call: Call,
    action: str,
    actor: str,
    now: datetime,
    *,
    changes: tuple[FieldChange, ...] = (),
    reason: str | None = None,
    note: str | None = None,
    **values: Any,
) -> Call:
    """The next version of a call, with one more line of history."""
    after = values.get("status", call.status)
    line = HistoryEntry(
        at=now,
        actor=actor,
        action=action,
        before=call.status,
        after=after,
        reason=reason,
        note=note or None,
        changes=changes,
    )
    update = {"version": call.version + 1, "updated_at": line.at, "history": (*call.history, line)} | values
    if after is not call.status:
        update.setdefault("reason", reason)
    return call.model_copy(update=update)


def leave(
    call: Call,
    status: Status,
    action: str,
    actor: str,
    now: datetime,
    seen_in: Sequence[Sighting],
    *,
    reason: str | None = None,
    note: str | None = None,
) -> Call:
    """The call in a state that is not public; a withdrawal is owed where it was."""
    values: dict[str, Any] = {"status": status, "decided_by": None if status is Status.PENDING else actor}
    after = step(call, action, actor, now, reason=reason, note=note, touched=True, **values)
    return publish(after, Change.WITHDRAWN, now, seen_in, note or reason or action) if call.published else after


def publish(call: Call, change: Change, now: datetime, seen_in: Sequence[Sighting], reason: str | None = None) -> Call:
    """The call with one more event owed. What was sent already is dropped from the outbox but for the last one."""
    revision = call.revision + 1
    message = call.message
    event = ApprovedCall(
        event_id=f"{call.id}:{revision}",
        type=change,
        call_id=call.id,
        revision=revision,
        call=call.fields,
        origin=Origin(group=message.group, message_ref=message.reference, posted_at=message.sent_at, text=message.text),
        seen_in=tuple(seen_in),
        changed_at=now,
        reason=reason,
    )
    unsent = [item for item in call.outbox if item.revision > call.sent_revision]
    return call.model_copy(
        update={
            "revision": revision,
            "published": change is not Change.WITHDRAWN,
            "outbox": (*(unsent or call.outbox[-1:]), Outgoing(revision=revision, event=event)),
            "changed_at": call.updated_at,
        }
    )
