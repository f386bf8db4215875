"""The shape of the model's answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from services.extractor.answer import Answer, AnswerCall, schema

FULL = {
    "is_casting_call": True,
    "reason": None,
    "call": {
        "title": "إعلان",
        "project_type": "commercial",
        "production_company": None,
        "location_city": "Riyadh",
        "country": "SA",
        "roles": [
            {"name": "شاب", "gender": "male", "age_min": 22, "age_max": 28, "count": None, "requirements": ["سعودي"]}
        ],
        "deadline": "2026-09-05",
        "shoot_dates": {"start": "2026-09-10", "end": "2026-09-11"},
        "compensation": {"kind": "paid", "amount": 1200, "amount_max": None, "currency": "SAR", "per": "day"},
        "contacts": [{"kind": "whatsapp", "value": "+966500000172"}],
        "language": "ar",
    },
    "evidence": [{"field": "deadline", "quote": "آخر موعد للتقديم ٥ سبتمبر"}],
}
NO_CALL = {"is_casting_call": False, "reason": "a film is announced", "call": None, "evidence": []}


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema in a schema."""
    if isinstance(node, list):
        for item in node:
            yield from nodes(item)
    elif isinstance(node, dict):
        yield node
        for key, value in node.items():
            yield from (
                (found for item in value.values() for found in nodes(item))
                if key
                in (
                    "properties",
                    "$defs",
                )
                else nodes(value)
            )


def test_every_object_is_closed_and_requires_all_its_fields() -> None:
    objects = [node for node in nodes(schema()) if node.get("type") == "object"]
    assert len(objects) == 7
    for node in objects:
        assert node["additionalProperties"] is False
        assert node["required"] == list(node["properties"])


def test_nothing_stands_in_the_schema_that_strict_mode_refuses() -> None:
    allowed = {"type", "enum", "const", "description", "items", "anyOf", "properties", "required"}
    allowed |= {"additionalProperties", "$defs", "$ref"}
    for node in nodes(schema()):
        assert set(node) <= allowed
        assert "$ref" not in node or len(node) == 1
    assert schema()["type"] == "object"  # the root may be no anyOf


def test_the_schema_keeps_a_property_that_is_called_title() -> None:
    assert "title" in schema()["$defs"]["AnswerCall"]["properties"]


def test_the_schema_takes_what_can_be_read_and_nothing_half() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    assert validator.is_valid(FULL)
    assert validator.is_valid(NO_CALL)
    assert not validator.is_valid({"is_casting_call": False})
    assert Answer.model_validate(FULL).call is not None


def test_an_endpoint_without_strict_mode_may_leave_fields_out() -> None:
    answer = Answer.model_validate_json('{"is_casting_call": true, "call": {"title": "دور", "extra": 1}}')
    assert answer.call == AnswerCall(title="دور")


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"is_casting_call": True, "call": None},
        {"is_casting_call": True, "call": {"title": "x", "roles": "one"}},
        {"is_casting_call": True, "call": {"title": "x", "project_type": "opera"}},
        {"is_casting_call": True, "call": {"title": "x", "compensation": {"kind": "paid", "amount": "a lot"}}},
        [],
    ],
)
def test_what_does_not_fit_is_refused(broken: object) -> None:
    with pytest.raises(ValidationError):
        Answer.model_validate_json(json.dumps(broken))


def test_quotes_are_found_by_field() -> None:
    assert Answer.model_validate(FULL).quotes("deadline") == ["آخر موعد للتقديم ٥ سبتمبر"]
    assert Answer.model_validate(FULL).quotes("shoot_dates") == []
