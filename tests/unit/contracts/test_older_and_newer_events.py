"""Events of every form that was ever published are read as they were meant; newer ones are read or kept, never misread.

tests/fixtures/contracts holds an event of each form, as that release wrote it, and the schema of each form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from shared.broker.settle import Dead, decide
from shared.contracts.base import Event
from shared.contracts.calls import Support
from shared.contracts.messages import MessageDeleted, MessageEdited, RawMessage, Via
from shared.contracts.pipeline import (
    ApprovedCall,
    Candidate,
    Change,
    DeadLetter,
    Ending,
    EndKind,
    ExtractedCall,
    Relation,
)
from shared.contracts.subjects import ROUTES
from shared.errors import Permanent

FOLDER = Path(__file__).parents[2] / "fixtures" / "contracts"
SCHEMAS = FOLDER / "schemas"
AT = datetime(2026, 9, 1, 6, 12, 22, tzinfo=UTC)

NARROWED = {
    # What is less than a cent was written as 0, which no reader takes.
    "Compensation.amount: exclusiveMinimum 0.0 became minimum 0.01",
    "Compensation.amount_max: exclusiveMinimum 0.0 became minimum 0.01",
}
"""Values that were allowed and are no more, each with the reason why none was ever sent."""


def folder_of(event: type[Event]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", event.__name__).lower()


EVENTS = {folder_of(route.event): route.event for route in ROUTES}
FORMS = [
    pytest.param(EVENTS[path.parent.name], path, id=f"{path.parent.name}-{path.stem}")
    for path in sorted(FOLDER.glob("*/v*__*.json"))
    if path.parent != SCHEMAS
]


def read(event: type[Event], path: Path) -> Any:
    return event.model_validate_json(path.read_bytes())


def test_every_event_has_its_first_form_on_record() -> None:
    assert {name for name in EVENTS if not list((FOLDER / name).glob("v1__first.json"))} == set()
    assert {name for name in EVENTS if not list(SCHEMAS.glob(f"{name}__v1__first.json"))} == set()


@pytest.mark.parametrize(("event", "path"), FORMS)
def test_every_form_ever_published_is_read_without_losing_a_field(event: type[Event], path: Path) -> None:
    written = json.loads(path.read_bytes())
    again = json.loads(read(event, path).model_dump_json())
    assert list(_lost(written, again)) == []


@pytest.mark.parametrize(("event", "path"), FORMS)
def test_a_newer_release_s_unknown_fields_are_passed_over(event: type[Event], path: Path) -> None:
    newer = json.loads(path.read_bytes()) | {"of_tomorrow": {"a": [1]}}
    for name in ("message", "call", "engine", "origin", "group", "verdict"):
        if isinstance(newer.get(name), dict):
            newer[name]["of_tomorrow"] = True
    assert event.model_validate(newer) == read(event, path)


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_an_event_of_a_newer_version_is_kept_as_a_dead_letter_that_says_why(event: type[Event]) -> None:
    newer = json.loads((FOLDER / folder_of(event) / "v1__first.json").read_bytes()) | {"schema_version": 2}
    with pytest.raises(Permanent) as raised:
        event.model_validate_json(json.dumps(newer))
    verdict = decide(raised.value, 1)
    assert isinstance(verdict, Dead)
    assert verdict.reason == "newer_contract"
    assert "version 2" in verdict.detail


def test_the_oldest_raw_events_mean_what_they_meant() -> None:
    raw = read(RawMessage, FOLDER / "raw_message" / "v1__first.json")
    assert (raw.message_id, raw.sent_at, raw.via, raw.forwarded) == ("msg-1", AT, Via.WEBHOOK, True)
    assert (raw.group.name, raw.sender.kind, raw.quoted.message_id) == ("كاستنج السعودية", "phone", "msg-0")
    edited = read(MessageEdited, FOLDER / "message_edited" / "v1__first.json")
    assert edited.text.endswith("اكتفينا")
    deleted = read(MessageDeleted, FOLDER / "message_deleted" / "v1__first.json")
    assert (deleted.group, deleted.deleted_at) == (None, AT)


def test_the_oldest_candidates_are_no_samples_of_rejections() -> None:
    first = read(Candidate, FOLDER / "candidate" / "v1__first.json")
    assert (first.verdict.rule, first.check, first.edit_id) == ("likely", False, None)
    assert read(Candidate, FOLDER / "candidate" / "v1__with_check.json").check


def test_the_oldest_calls_have_no_likeness_and_no_confidence() -> None:
    first = read(ExtractedCall, FOLDER / "extracted_call" / "v1__first.json")
    assert (first.likeness, first.confidence, first.check, first.engine.cached) == (None, {}, False, False)
    assert (first.call.deadline, first.call.compensation.amount) == (date(2026, 9, 15), 1500)
    evidence = first.evidence["deadline"]
    assert first.message.text[evidence.start : evidence.end] == evidence.text
    assert evidence.support is Support.DERIVED
    later = read(ExtractedCall, FOLDER / "extracted_call" / "v1__with_likeness.json")
    assert (later.likeness.relation, later.confidence) == (Relation.SAME, {"deadline": 0.9})


def test_the_oldest_ends_mean_what_they_meant() -> None:
    approved = read(ApprovedCall, FOLDER / "approved_call" / "v1__first.json")
    assert (approved.type, approved.revision, approved.reason) == (Change.WITHDRAWN, 2, "filled")
    ending = read(Ending, FOLDER / "ending" / "v1__first.json")
    assert (ending.kind, ending.about, ending.wholly) == (EndKind.FILLED, "msg-0", False)
    dead = read(DeadLetter, FOLDER / "dead_letter" / "v1__first.json")
    assert (dead.stream, dead.sequence, dead.message_id) == ("RAW", 7, "msg-1")


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.stem)
def test_today_s_schema_takes_all_that_an_older_one_took(path: Path) -> None:
    before = json.loads(path.read_bytes())
    today = EVENTS[path.stem.partition("__")[0]].model_json_schema(mode="validation")
    found = set(_narrower(before, today, before, today, before["title"]))
    assert found - NARROWED == set()


def test_a_narrowed_schema_is_noticed() -> None:
    before = RawMessage.model_json_schema(mode="validation")
    after = json.loads(json.dumps(before))
    after["required"] = [*after["required"], "text"]
    after["properties"]["message_id"]["maxLength"] = 20
    after["properties"]["text"]["type"] = "integer"
    after["$defs"]["Via"]["enum"] = ["webhook"]
    del after["$defs"]["Group"]["properties"]["name"]
    assert len(list(_narrower(before, after, before, after, "RawMessage"))) == 5


def _lost(before: Any, after: Any, where: str = "") -> Iterator[str]:
    """What stood in the older event and does not stand in what today's class makes of it."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            if key not in after:
                yield f"{where}.{key}"
            else:
                yield from _lost(value, after[key], f"{where}.{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _lost(one, other, f"{where}.{index}")
    elif before != after:
        yield where


_LIMITS = {"maxLength": 1, "maximum": 1, "exclusiveMaximum": 1, "maxItems": 1, "minLength": -1, "minimum": -1,
           "exclusiveMinimum": -1, "minItems": -1}  # fmt: skip


def _narrower(before: Any, after: Any, old: Any, new: Any, where: str) -> Iterator[str]:
    """Where the later schema refuses what the earlier one took. `old` and `new` hold the definitions."""
    before, after = _resolved(before, old), _resolved(after, new)
    where = before.get("title", where) if "properties" in before else where
    for name in set(after.get("required", ())) - set(before.get("required", ())):
        yield f"{where}.{name}: required"
    for name, value in before.get("properties", {}).items():
        if name not in after.get("properties", {}):
            yield f"{where}.{name}: gone"
        else:
            yield from _narrower(value, after["properties"][name], old, new, f"{where}.{name}")
    if "enum" in after and set(before.get("enum", ())) - set(after["enum"]):
        yield f"{where}: fewer values"
    if "type" in before and after.get("type", before["type"]) != before["type"]:
        yield f"{where}: {before['type']} became {after['type']}"
    if "pattern" in after and after["pattern"] != before.get("pattern"):
        yield f"{where}: another pattern"
    for name, sign in _LIMITS.items():
        if name in after and (name not in before or sign * after[name] < sign * before[name]):
            was = next(
                (f"{key} {before[key]} " for key in before if key.lower().endswith(name[-7:].lower())), "nothing "
            )
            yield f"{where}: {was}became {name} {after[name]}"
    for key in ("items", "additionalProperties"):
        if isinstance(before.get(key), dict) and isinstance(after.get(key), dict):
            yield from _narrower(before[key], after[key], old, new, f"{where}[]")
    yield from _choices(before, after, old, new, where)


def _choices(before: Any, after: Any, old: Any, new: Any, where: str) -> Iterator[str]:
    """Each of the earlier schema's alternatives must be taken by one of the later schema's."""
    if "anyOf" not in before:
        return
    for one in before["anyOf"]:
        problems = [list(_narrower(one, other, old, new, where)) for other in after.get("anyOf", [after])]
        if all(problems):
            yield from min(problems, key=len)


def _resolved(schema: Any, root: Any) -> Any:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema
