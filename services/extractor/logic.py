"""What becomes of a model's answer: held against the message and against the offline reading; and what is recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from services.extractor.answer import Answer
from services.extractor.confidence import confidence
from services.extractor.reading import LONGEST, Reading, clean, first_line
from services.extractor.support.words import read
from shared.contracts.calls import CastingCall, Compensation, Evidence, Flag, PayKind, ProjectType
from shared.contracts.ids import call_id
from shared.contracts.pipeline import Candidate, Engine, ExtractedCall, Extraction

MODEL_FAILED = Flag(name="model_failed")
MODEL_AWAY = Flag(name="model_away")
BUDGET_SPENT = Flag(name="budget_spent")
SHORTENED = Flag(name="shortened")


def joined(answer: Answer, shadow: Extraction, *, text: str, sent_at: datetime, engine: Engine) -> Extraction:
    """The model's reading, without what the message does not hold, beside the offline one (`shadow`).

    Nothing in a message can talk a call away: where it speaks to machines and the model then sees no call, the offline
    reading stands and the reviewer is told.
    """
    if answer.call is None or not answer.is_casting_call:
        return _no_call(answer, shadow, engine)
    reading = Reading(read(text, sent_at), answer, shadow)
    call = reading.call(answer.call)
    differ = disagreements(call, shadow.call)
    dropped = (Flag(name=f"unsupported:{field}") for field in reading.unsupported)
    disagree = (Flag(name=f"disagree:{field}") for field in differ)
    evidence = reading.evidence | project_evidence(call, shadow)
    return Extraction(
        call=call,
        evidence=evidence,
        confidence=confidence(call, evidence, shadow.call, disagree=differ, unsupported=reading.unsupported),
        flags=tuple(dict.fromkeys((*shadow.flags, *dropped, *disagree))),
        engine=engine,
    )


def _no_call(answer: Answer, shadow: Extraction, engine: Engine) -> Extraction:
    doubt = (Flag(name="disagree:is_casting_call"),) if shadow.call is not None else ()
    if shadow.call is not None and any(flag.name == "injection" for flag in shadow.flags):
        return shadow.model_copy(update={"flags": (*shadow.flags, *doubt), "engine": engine})
    reason = clean(answer.reason) or "the model gives no reason"
    return Extraction(call=None, reason=reason, flags=(*shadow.flags, *doubt), engine=engine)


def unsupported(extraction: Extraction) -> list[str]:
    """The fields of which the message does not hold what the answer named."""
    names = (flag.name.partition(":") for flag in extraction.flags)
    return [field for kind, _, field in names if kind == "unsupported"]


def project_evidence(call: CastingCall, shadow: Extraction) -> dict[str, Evidence]:
    """The words for the type of project, which only the parsers give."""
    known = shadow.evidence.get("project_type")
    same = shadow.call is not None and call.project_type is shadow.call.project_type
    return {"project_type": known} if known and same else {}


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


def to_check(candidate: Candidate, extraction: Extraction) -> CastingCall | None:
    """What a reviewer is shown: the call, or of a rejection to check at least its first line."""
    if extraction.call is None and candidate.check:
        return CastingCall(title=first_line(candidate.message.text))
    return extraction.call


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
        edited_at=candidate.edited_at,
        check=candidate.check,
        replay=candidate.replay,
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
