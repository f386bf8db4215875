"""A call without a person who asked to be forgotten, and a call whose time is over without anybody.

What was published is taken back, or published again without the person, through the outbox like any other change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from services.publisher.steps import leave, publish, step, with_fields
from shared.contracts.calls import CastingCall, EvidenceMap
from shared.contracts.pipeline import Change, Confidence, Sighting
from shared.storage.calls import Call, Status

REASON: Final = "erasure request"
ACTION: Final = "erased"
ERASED_TITLE: Final = "[erased]"
_STUB: Final = CastingCall(title=ERASED_TITLE)

Redact = Callable[[Any], Any]
"""A JSON-like value without the person; of the same shape, but for contacts that are left out."""


def erased(
    call: Call, redact: Redact, actor: str, now: datetime, seen_in: Sequence[Sighting] = (), *, own: bool
) -> Call:
    """The call without the person. `own`: they wrote its message, so nothing of its words stays.

    Consumers who ever had the call hear of it: a withdrawal where the person wrote it or was its only contact, else the
    call as it is now.
    """
    bare = (_without_words(call) if own else _redacted(call, redact)).model_copy(update={"outbox": ()})
    lost_all = bool(call.fields.contacts) and not bare.fields.contacts
    if (own and call.status in (Status.PENDING, Status.APPROVED)) or (call.published and lost_all):
        after = leave(bare, Status.WITHDRAWN, ACTION, actor, now, seen_in, reason=REASON)
    else:
        after = step(bare, ACTION, actor, now, reason=REASON)
    if call.revision == 0 or after.revision > call.revision:  # nobody outside ever had it, or they are told already
        return after
    if call.published:
        return publish(after, Change.UPDATED, now, seen_in)
    return publish(after, Change.WITHDRAWN, now, seen_in, REASON)


def faded(call: Call) -> Call:
    """The call after its time: its facts, decisions and dates stay, nobody's words, name or number do.

    A call that is public keeps its contacts: to be reached is what they were published for. It stays where it stood in
    every list, and consumers hear nothing.
    """
    fields = call.fields if call.published else _without_contacts(call.fields)
    history = tuple(line.model_copy(update={"changes": (), "note": None}) for line in call.history)
    return call.model_copy(
        update={
            "version": call.version + 1,
            "faded": True,
            "message": call.message.model_copy(update=_NO_WORDS),
            "original": _without_contacts(call.original),
            "fields_before": _without_contacts(call.fields_before) if call.fields_before else None,
            "evidence": {},
            "flags": tuple(flag.model_copy(update={"words": None}) for flag in call.flags),
            "history": history,
            "suggestions": (),
            "outbox": tuple(item for item in call.outbox if item.revision > call.sent_revision),
            **with_fields(fields, call.message.model_copy(update=_NO_WORDS)),
        }
    )


_NO_WORDS: Final[dict[str, Any]] = {"text": "", "sender": None, "media": None, "quoted": None}


def _without_words(call: Call) -> Call:
    history = tuple(line.model_copy(update={"changes": (), "note": None}) for line in call.history)
    message = call.message.model_copy(update=_NO_WORDS)
    return call.model_copy(
        update={
            "faded": True,
            "message": message,
            "original": _STUB,
            "fields_before": None,
            "evidence": {},
            "confidence": {},
            "flags": (),
            "history": history,
            "suggestions": (),
            **(with_fields(_STUB, message) | {"search": ""}),
        }
    )


def _redacted(call: Call, redact: Redact) -> Call:
    values = call.model_dump(mode="json")
    cut = redact(values)
    cut["evidence"], cut["confidence"] = _moved(values["fields"], cut["evidence"], cut["confidence"], redact)
    for before, after in zip(values["suggestions"], cut["suggestions"], strict=True):
        if before["fields"] is not None:
            moved = _moved(before["fields"], after["evidence"], after["confidence"], redact)
            after["evidence"], after["confidence"] = moved
    found = Call.model_validate(cut | {"search": ""})
    return found.model_copy(update=with_fields(found.fields, found.message))


def _moved(fields: Any, evidence: Any, confidence: Any, redact: Redact) -> tuple[EvidenceMap, Confidence]:
    """Evidence and confidence under the contacts' new places; those of a contact that went are left out."""
    places: dict[str, str | None] = {}
    kept = 0
    for index, contact in enumerate(fields["contacts"]):
        stays = bool(redact([contact]))
        places[f"contacts.{index}"] = f"contacts.{kept}" if stays else None
        kept += stays
    return _renamed(evidence, places), _renamed(confidence, places)


def _renamed(found: Any, places: dict[str, str | None]) -> dict[str, Any]:
    return {place: item for path, item in found.items() if (place := places.get(path, path)) is not None}


def _without_contacts(fields: CastingCall) -> CastingCall:
    return fields.model_copy(update={"contacts": ()})
