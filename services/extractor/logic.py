"""What becomes of a model's answer: held against the message and against the offline reading; and what is recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from services.extractor import support
from services.extractor.answer import Answer
from services.extractor.reading import LONGEST, Reading, clean
from services.extractor.support import Words
from shared.contracts.calls import (
    CastingCall,
    Compensation,
    Evidence,
    Flag,
    PayKind,
    ProjectType,
    Support,
)
from shared.contracts.ids import call_id
from shared.contracts.pipeline import Candidate, Engine, ExtractedCall, Extraction

MODEL_FAILED = Flag(name="model_failed")
MODEL_AWAY = Flag(name="model_away")
SHORTENED = Flag(name="shortened")


def joined(answer: Answer, shadow: Extraction, *, text: str, sent_at: datetime, engine: Engine) -> Extraction:
    """The model's reading, without what the message does not hold, beside the offline one (`shadow`).

    Nothing in a message can talk a call away: where it speaks to machines and the model then sees no call, the offline
    reading stands and the reviewer is told.
    """
    if answer.call is None or not answer.is_casting_call:
        if shadow.call is not None and any(flag.name == "injection" for flag in shadow.flags):
            flags = (*shadow.flags, Flag(name="disagree:is_casting_call"))
            return shadow.model_copy(update={"flags": flags, "engine": engine})
        reason = clean(answer.reason) or "the model gives no reason"
        doubt = (Flag(name="disagree:is_casting_call"),) if shadow.call is not None else ()
        return Extraction(call=None, reason=reason, flags=(*shadow.flags, *doubt), engine=engine)
    reading = Reading(support.read(text, sent_at), answer, shadow.call)
    call = reading.call(answer.call, text)
    unsupported = (Flag(name=f"unsupported:{field}") for field in reading.unsupported)
    disagree = (Flag(name=f"disagree:{field}") for field in disagreements(call, shadow.call))
    return Extraction(
        call=call,
        evidence=evidence(call, answer, shadow, reading.words),
        flags=tuple(dict.fromkeys((*shadow.flags, *unsupported, *disagree))),
        engine=engine,
    )


def without_model(shadow: Extraction, flag: Flag, engine: Engine) -> Extraction:
    """The offline reading, where the model gave none; `engine` still tells what asking it has cost."""
    return shadow.model_copy(update={"flags": (*shadow.flags, flag), "engine": engine})


def disagreements(call: CastingCall, other: CastingCall | None) -> list[str]:
    """The fields for which both readings give a value, and not the same one."""
    if other is None:
        return ["is_casting_call"]
    found = [
        field
        for field in ("location_city", "country", "deadline", "shoot_dates")
        if _differ(getattr(call, field), getattr(other, field))
    ]
    kinds = {call.project_type, other.project_type}
    if len(kinds) == 2 and ProjectType.OTHER not in kinds:
        found.append("project_type")
    if _pay_differs(call.compensation, other.compensation):
        found.append("compensation")
    numbers, others = ({contact.value for contact in one.contacts} for one in (call, other))
    if numbers and others and numbers != others:
        found.append("contacts")
    return found


def evidence(call: CastingCall, answer: Answer, shadow: Extraction, words: Words) -> dict[str, Evidence]:
    """Where each value stands: by the words that the model quotes, else by those that the parsers read it from."""
    fields = [
        field
        for field in ("title", "production_company", "location_city", "deadline", "shoot_dates")
        if getattr(call, field)
    ]
    if call.compensation.kind is not PayKind.UNSPECIFIED:
        fields.append("compensation")
    fields += [f"roles.{index}" for index in range(len(call.roles))]
    found = {field: quoted for field in fields if (quoted := _quoted(field, answer, words))}
    if shadow.call is None:
        return found
    for field in fields:
        if field in shadow.evidence and "." not in field and getattr(call, field) == getattr(shadow.call, field):
            found[field] = shadow.evidence[field]  # the parsers know the rule that made the value
    places = {contact.value: index for index, contact in enumerate(shadow.call.contacts)}
    for index, contact in enumerate(call.contacts):
        known = shadow.evidence.get(f"contacts.{places.get(contact.value, -1)}")
        if one := known or _quoted(f"contacts.{index}", answer, words):
            found[f"contacts.{index}"] = one
    return found


def _quoted(field: str, answer: Answer, words: Words) -> Evidence | None:
    for quote in answer.quotes(field):
        if place := support.place_of(words, quote):
            there = words.page.raw[slice(*place)]
            if field in ("deadline", "shoot_dates", "compensation", "location_city"):
                held, rule = Support.DERIVED, "model"
            else:
                held, rule = (Support.VERBATIM if there == quote.strip() else Support.NORMALISED), None
            return Evidence(start=place[0], end=place[1], text=there, support=held, rule=rule)
    return None


def extracted(candidate: Candidate, extraction: Extraction, call: CastingCall) -> ExtractedCall:
    """The event of a call that was found; the same candidate always gives the same id."""
    return ExtractedCall(
        event_id=f"extracted:{candidate.event_id}",
        call_id=call_id(candidate.message.message_id),
        message=candidate.message,
        verdict=candidate.verdict,
        call=call,
        evidence=extraction.evidence,
        confidence=extraction.confidence,
        flags=extraction.flags,
        engine=extraction.engine,
        edit_id=candidate.edit_id,
        check=candidate.check,
    )


def entry_of(candidate: Candidate) -> str:
    """The candidate's entry in the ledger: an edit has one of its own."""
    return candidate.edit_id or candidate.message.message_id


def detail(extraction: Extraction) -> dict[str, Any]:
    """What the ledger keeps of a reading."""
    kept: dict[str, Any] = {"is_call": extraction.call is not None} | extraction.engine.model_dump(exclude_none=True)
    if extraction.reason:
        kept["reason"] = extraction.reason[:LONGEST]
    if extraction.flags:
        kept["flags"] = [flag.name for flag in extraction.flags]
    return kept


_Value = TypeVar("_Value")


def _differ(one: _Value | None, other: _Value | None) -> bool:
    return one is not None and other is not None and one != other


def _pay_differs(one: Compensation, other: Compensation) -> bool:
    if PayKind.UNSPECIFIED in (one.kind, other.kind):
        return False
    pairs: list[Callable[[Compensation], Any]] = [
        lambda pay: pay.kind,
        lambda pay: pay.amount,
        lambda pay: pay.amount_max,
        lambda pay: pay.currency,
        lambda pay: pay.per,
    ]
    return any(_differ(value(one), value(other)) for value in pairs)
