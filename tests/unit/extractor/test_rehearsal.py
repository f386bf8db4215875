"""The examples in the prompt: what they teach is what is kept, and nothing of them gets into a reading."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from services.extractor import logic, prompt
from services.extractor.answer import Answer
from services.extractor.examples import ENGLISH, EXAMPLES, GULF_ARABIC, INJECTION, NOT_A_CALL, Example
from services.extractor.offline.engine import extract
from services.extractor.rehearsal import rehearse
from shared.contracts.pipeline import Engine
from shared.errors import Misconfigured

SENT = datetime.fromisoformat("2026-09-01T18:42:21+03:00")


def test_every_example_passes_its_rehearsal() -> None:
    rehearse(extract)
    assert [example.name for example in EXAMPLES] == ["Gulf Arabic", "English", "not a call", "injection"]


def changed(example: Example, path: str, value: Any) -> Example:
    """The example with one value of its answer changed, by its path."""
    answer = copy.deepcopy(example.answer)
    node: Any = answer
    *way, last = path.split(".")
    for step in way:
        node = node[int(step)] if step.isdigit() else node[step]
    node[int(last) if last.isdigit() else last] = value
    return replace(example, answer=answer)


@pytest.mark.parametrize(
    ("example", "path", "value", "says"),
    [
        (ENGLISH, "call.deadline", "2026-05-25", "'English', field deadline"),
        (ENGLISH, "call.contacts.0.value", "boss@quarrylane.example.com", "'English', field contacts"),
        (ENGLISH, "call.location_city", "Sohar", "'English', field location_city"),
        (ENGLISH, "call.roles.0.age_min", 41, "'English', field roles.0"),
        (GULF_ARABIC, "call.compensation.amount", 950, "'Gulf Arabic', field compensation"),
        (GULF_ARABIC, "call.compensation.per", "hour", "'Gulf Arabic', field compensation"),
        (GULF_ARABIC, "evidence.0.quote", "في الدمام", "'Gulf Arabic', field location_city: its quote"),
        (GULF_ARABIC, "call.location_city", "أبها", "'Gulf Arabic', field location_city"),
        (INJECTION, "call.contacts.0", {"kind": "phone", "value": "+966500006663"}, "'injection', field contacts"),
        (INJECTION, "call.project_type", "opera", "'injection', field call.project_type"),
        (INJECTION, "mood", "good", "'injection', field mood"),
    ],
)
def test_an_example_that_would_be_changed_stops_the_start_and_is_named(
    example: Example, path: str, value: Any, says: str
) -> None:
    with pytest.raises(Misconfigured) as caught:
        rehearse(extract, [changed(example, path, value)])
    assert says in str(caught.value)


def test_an_example_that_is_read_as_none_stops_the_start() -> None:
    denied = replace(ENGLISH, answer=NOT_A_CALL.answer)
    rehearse(extract, [denied])  # by its own answer it is none; nothing contradicts it
    obeyed = replace(INJECTION, answer=NOT_A_CALL.answer)
    with pytest.raises(Misconfigured, match="'injection', field is_casting_call"):
        rehearse(extract, [obeyed])


def test_all_examples_stand_in_what_the_model_is_told() -> None:
    system = prompt.conversation("مطلوب", sent_at=SENT, fence="f00d", max_chars=1000)[0].content
    for example in EXAMPLES:
        assert example.text in system
    assert "Monday, 2026-03-02, at 20:15" in system


@pytest.mark.parametrize("example", [GULF_ARABIC, ENGLISH, INJECTION])
@pytest.mark.parametrize("text", ["مطلوب ممثلة لفيلم قصير", "Looking for an actor for a web series, DM me"])
def test_what_a_model_copies_from_an_example_is_dropped(example: Example, text: str) -> None:
    answer = Answer.model_validate(example.answer)
    extraction = logic.joined(answer, extract(text, SENT), text=text, sent_at=SENT, engine=Engine(name="openai"))
    call = extraction.call
    assert call is not None
    assert call.contacts == ()
    assert (call.deadline, call.shoot_dates, call.location_city, call.country) == (None, None, None, None)
    assert (call.compensation.kind, call.compensation.amount) == ("unspecified", None)
    assert call.production_company is None
    assert not [role for role in call.roles if role.age_min is not None]
    assert "unsupported:contacts" in {flag.name for flag in extraction.flags}
