"""The examples in the prompt held to the rules of every answer, before the service starts: they teach what is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime

from pydantic import ValidationError

from services.extractor import logic
from services.extractor.answer import Answer
from services.extractor.examples import EXAMPLES, Example
from services.extractor.support.words import read
from shared.contracts.calls import CastingCall
from shared.contracts.pipeline import Engine, Extraction
from shared.errors import Misconfigured

_ITSELF = Engine(name="rehearsal")


def rehearse(parse: Callable[[str, datetime], Extraction], examples: Iterable[Example] = EXAMPLES) -> None:
    """Misconfigured, with the example and the field, where an answer does not fit the schema, or would be changed."""
    for example in examples:
        try:
            answer = Answer.model_validate_json(json.dumps(example.answer), strict=True, extra="forbid")
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"])) or "answer"
            raise _wrong(example, where, str(first["msg"])) from None
        _grounded(example, answer)
        _unchanged(example, answer, parse)


def _grounded(example: Example, answer: Answer) -> None:
    words = read(example.text, example.sent_at)
    for item in answer.evidence:
        if words.ground(item.quote) is None:
            raise _wrong(example, item.field, "its quote does not stand in the message")


def _unchanged(example: Example, answer: Answer, parse: Callable[[str, datetime], Extraction]) -> None:
    read_as = logic.joined(
        answer, parse(example.text, example.sent_at), text=example.text, sent_at=example.sent_at, engine=_ITSELF
    )
    for flag in read_as.flags:
        if flag.name.startswith("unsupported:"):
            raise _wrong(example, flag.name.removeprefix("unsupported:"), "the message does not hold it")
    wanted = None if answer.call is None else CastingCall.model_validate(answer.call.model_dump())
    if wanted is None or read_as.call is None:
        if wanted is not read_as.call:
            raise _wrong(example, "is_casting_call", "it is not read so")
        return
    for field in CastingCall.model_fields:
        if getattr(wanted, field) != getattr(read_as.call, field):
            raise _wrong(example, field, "it is not kept as it is")


def _wrong(example: Example, field: str, what: str) -> Misconfigured:
    return Misconfigured(f"the prompt's example {example.name!r}, field {field}: {what}")
