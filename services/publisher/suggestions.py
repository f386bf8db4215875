"""What happens to a call when its message is edited, deleted or called filled in WhatsApp, and who decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.publisher.differences import changes
from services.publisher.steps import NotAllowed, leave, publish, step, with_fields
from shared.contracts.calls import CastingCall
from shared.contracts.pipeline import Change, Ending, EndKind, ExtractedCall, Sighting
from shared.errors import Permanent
from shared.storage.calls import Call, Status, Suggestion

_OPEN = (Status.PENDING, Status.APPROVED)


@dataclass(frozen=True, slots=True)
class Automatic:
    """What is done without asking a reviewer."""

    withdraw_deleted: bool = False
    update_edited: bool = False
    withdraw_filled: bool = False


ASK = Automatic()


def edited_in_whatsapp(
    call: Call,
    event: ExtractedCall,
    now: datetime,
    *,
    automatic: Automatic = ASK,
    seen_in: Sequence[Sighting] = (),
) -> Call | None:
    """The call after its message was edited: new fields where no person touched it, else a suggestion. None: known.

    Where the settings say so the new facts are taken all the same; what a reviewer corrected otherwise stays. An edit
    that a replay brings may be older than one that is here: then it is a suggestion beside the others.
    """
    if event.edit_id is None or event.edit_id in call.edits or event.edit_id in _suggested(call):
        return None
    if event.edited_at and call.edited_at and event.edited_at < call.edited_at:
        return None  # it was read late: later words are here
    call = call.model_copy(update={"edited_at": event.edited_at or call.edited_at})
    late = event.replay is not None and bool(call.edits)
    if call.status is Status.PENDING and not call.touched and not late:
        return _read_again(call, event, now)
    suggestion = Suggestion(
        id=event.edit_id,
        kind="edited",
        at=now,
        message=event.message,
        fields=event.call,
        evidence=event.evidence,
        confidence=event.confidence,
        flags=event.flags,
        engine=event.engine,
    )
    if automatic.update_edited and call.status in _OPEN and not late:
        noted = call.model_copy(
            update={"suggestions": (*call.suggestions, suggestion.model_copy(update={"open": False}))}
        )
        return _taken_up(noted, suggestion, "updated", "whatsapp", now, seen_in)
    # A later edit replaces what an earlier one suggested.
    standing = tuple(
        item.model_copy(update={"open": False}) if item.kind == "edited" and not late else item
        for item in call.suggestions
    )
    return step(call, "suggested", "whatsapp", now, note="edited", suggestions=(*standing, suggestion))


def read_anew(call: Call, event: ExtractedCall, now: datetime) -> Call | None:
    """The call as a replay reads the words that it has. None where nothing changes, or a person has touched the call.

    A reading of other words, such as those before an edit, is out of date.
    """
    if call.status is not Status.PENDING or call.touched or call.message.text != event.message.text:
        return None
    values: dict[str, Any] = {"evidence": event.evidence, "confidence": event.confidence, "flags": event.flags}
    if call.fields == event.call and all(getattr(call, name) == value for name, value in values.items()):
        return None
    return step(
        call,
        "replayed",
        "operator",
        now,
        note=event.replay,
        changes=changes(call.fields, event.call),
        original=event.call,
        engine=event.engine,
        **values,
        **with_fields(event.call, call.message),
    )


def deleted_in_whatsapp(
    call: Call, event_id: str, now: datetime, *, withdraw_it: bool, seen_in: Sequence[Sighting] = ()
) -> Call | None:
    """The call after its message was deleted: withdrawn, or with a suggestion to do so. None: nothing to do.

    A call that was seen elsewhere as well may go on there: a reviewer is asked.
    """
    if call.status not in _OPEN or event_id in _suggested(call):
        return None
    withdraw_it = withdraw_it and not seen_in
    suggestion = Suggestion(id=event_id, kind="deleted", at=now, open=not withdraw_it)
    if withdraw_it:
        noted = call.model_copy(update={"suggestions": (*call.suggestions, suggestion)})
        return leave(noted, Status.WITHDRAWN, "withdrawn", "whatsapp", now, seen_in, reason="deleted")
    return step(call, "suggested", "whatsapp", now, note="deleted", suggestions=(*call.suggestions, suggestion))


def ended_in_whatsapp(
    call: Call,
    event: Ending,
    now: datetime,
    *,
    sure: bool,
    automatic: Automatic = ASK,
    seen_in: Sequence[Sighting] = (),
) -> Call | None:
    """The call after a sign that it is over: with a suggestion to withdraw it, or withdrawn. None: nothing to do.

    One open suggestion of a kind is enough, unless what comes now is sure and the first was not.
    """
    if call.status not in _OPEN or event.event_id in _suggested(call):
        return None
    kind: Literal["filled", "reworded"] = "filled" if event.kind is EndKind.FILLED else "reworded"
    withdraw_it = sure and kind == "filled" and automatic.withdraw_filled
    if not withdraw_it and any(item.open and item.kind == kind and item.sure >= sure for item in call.suggestions):
        return None
    message = event.message
    suggestion = Suggestion(id=event.event_id, kind=kind, at=now, open=not withdraw_it, sure=sure, message=message)
    if withdraw_it:
        noted = call.model_copy(update={"suggestions": (*call.suggestions, suggestion)})
        return leave(noted, Status.WITHDRAWN, "withdrawn", "whatsapp", now, seen_in, reason=kind)
    standing = tuple(
        item.model_copy(update={"open": False}) if item.kind == kind else item for item in call.suggestions
    )
    return step(call, "suggested", "whatsapp", now, note=kind, suggestions=(*standing, suggestion))


def accept(call: Call, suggestion_id: str, actor: str, now: datetime, seen_in: Sequence[Sighting] = ()) -> Call:
    """The call after a reviewer took up a suggestion: the edited message's fields; out, where it is over or deleted."""
    suggestion = _open_suggestion(call, suggestion_id)
    noted = _settled(call, suggestion)
    if suggestion.kind != "edited":
        if call.status not in _OPEN:
            raise NotAllowed("withdraw", call.status)
        return leave(noted, Status.WITHDRAWN, "withdrawn", actor, now, seen_in, reason=suggestion.kind)
    if call.status not in _OPEN:
        raise NotAllowed("edit", call.status)
    return _taken_up(noted, suggestion, "accepted", actor, now, seen_in)


def _taken_up(
    call: Call, suggestion: Suggestion, action: str, actor: str, now: datetime, seen_in: Sequence[Sighting]
) -> Call:
    fields, message = taken_up(call, suggestion), suggestion.message or call.message
    after = step(
        call,
        action,
        actor,
        now,
        note=suggestion.kind,
        changes=changes(call.fields, fields),
        touched=True,
        original=suggestion.fields or call.original,
        message=message,
        evidence=suggestion.evidence,
        confidence=suggestion.confidence,
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
        confidence=event.confidence,
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
