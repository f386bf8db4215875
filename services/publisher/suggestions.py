"""What happens to a call when its message is edited or deleted in WhatsApp, and what a reviewer makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.publisher.differences import changes
from services.publisher.steps import NotAllowed, leave, publish, step, with_fields
from shared.contracts.calls import CastingCall
from shared.contracts.pipeline import Change, ExtractedCall, Sighting
from shared.errors import Permanent
from shared.storage.calls import Call, Status, Suggestion


def edited_in_whatsapp(call: Call, event: ExtractedCall, now: datetime) -> Call | None:
    """The call after its message was edited: new fields where no person touched it, else a suggestion. None: known."""
    if event.edit_id is None or event.edit_id in call.edits or event.edit_id in _suggested(call):
        return None
    if call.status is Status.PENDING and not call.touched:
        return _read_again(call, event, now)
    suggestion = Suggestion(
        id=event.edit_id,
        kind="edited",
        at=now,
        message=event.message,
        fields=event.call,
        evidence=event.evidence,
        flags=event.flags,
        engine=event.engine,
    )
    # A later edit replaces what an earlier one suggested.
    standing = tuple(
        item.model_copy(update={"open": False}) if item.kind == "edited" else item for item in call.suggestions
    )
    return step(call, "suggested", "whatsapp", now, note="edited", suggestions=(*standing, suggestion))


def deleted_in_whatsapp(
    call: Call, event_id: str, now: datetime, *, withdraw_it: bool, seen_in: Sequence[Sighting] = ()
) -> Call | None:
    """The call after its message was deleted: withdrawn, or with a suggestion to do so. None: nothing to do."""
    if call.status not in (Status.PENDING, Status.APPROVED) or event_id in _suggested(call):
        return None
    suggestion = Suggestion(id=event_id, kind="deleted", at=now, open=not withdraw_it)
    if withdraw_it:
        noted = call.model_copy(update={"suggestions": (*call.suggestions, suggestion)})
        return leave(noted, Status.WITHDRAWN, "withdrawn", "whatsapp", now, seen_in, reason="deleted")
    return step(call, "suggested", "whatsapp", now, note="deleted", suggestions=(*call.suggestions, suggestion))


def accept(call: Call, suggestion_id: str, actor: str, now: datetime, seen_in: Sequence[Sighting] = ()) -> Call:
    """The call after a reviewer took up a suggestion: the edited message's fields, or out after a deletion."""
    suggestion = _open_suggestion(call, suggestion_id)
    noted = _settled(call, suggestion)
    if suggestion.kind == "deleted":
        if call.status not in (Status.PENDING, Status.APPROVED):
            raise NotAllowed("withdraw", call.status)
        return leave(noted, Status.WITHDRAWN, "withdrawn", actor, now, seen_in, reason="deleted")
    if call.status not in (Status.PENDING, Status.APPROVED):
        raise NotAllowed("edit", call.status)
    fields, message = taken_up(call, suggestion), suggestion.message or call.message
    after = step(
        noted,
        "accepted",
        actor,
        now,
        note=suggestion.kind,
        changes=changes(call.fields, fields),
        touched=True,
        original=suggestion.fields or call.original,
        message=message,
        evidence=suggestion.evidence,
        flags=suggestion.flags,
        edits=(*call.edits, suggestion.id),
        **with_fields(fields, message),
    )
    return publish(after, Change.UPDATED, now, seen_in) if call.status is Status.APPROVED else after


def taken_up(call: Call, suggestion: Suggestion) -> CastingCall:
    """The call's fields with what the edit changed, and the reviewer's own corrections of the rest."""
    if suggestion.fields is None:
        return call.fields
    changed = {name: value for name, value in suggestion.fields if value != getattr(call.original, name)}
    return call.fields.model_copy(update=changed)


def dismiss(call: Call, suggestion_id: str, actor: str, now: datetime) -> Call:
    """The call after a reviewer turned a suggestion down."""
    suggestion = _open_suggestion(call, suggestion_id)
    return step(_settled(call, suggestion), "dismissed", actor, now, note=suggestion.kind, touched=True)


def _read_again(call: Call, event: ExtractedCall, now: datetime) -> Call:
    return step(
        call,
        "message_edited",
        "whatsapp",
        now,
        changes=changes(call.fields, event.call),
        original=event.call,
        message=event.message,
        verdict=event.verdict,
        evidence=event.evidence,
        flags=event.flags,
        engine=event.engine,
        edits=(*call.edits, str(event.edit_id)),
        **with_fields(event.call, event.message),
    )


def _suggested(call: Call) -> set[str]:
    return {item.id for item in call.suggestions}


def _open_suggestion(call: Call, id: str) -> Suggestion:
    for item in call.suggestions:
        if item.id == id and item.open:
            return item
    raise Permanent("there is no open suggestion of this id", reason="no_suggestion")


def _settled(call: Call, suggestion: Suggestion) -> Call:
    closed = suggestion.model_copy(update={"open": False})
    return call.model_copy(
        update={"suggestions": tuple(closed if item.id == suggestion.id else item for item in call.suggestions)}
    )
