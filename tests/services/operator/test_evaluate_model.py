"""The evaluation of the model engine: what is planted is counted, what comes through is named."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.extractor.reading import Reading
from services.extractor.settings import OpenAISettings
from services.operator.evaluate_model import evaluate_model
from services.operator.plants import Plants, escaped, lost_values
from services.sandbox.inventions import Plant
from shared.contracts.calls import CastingCall, Compensation, Contact, ContactKind, PayKind, Role
from shared.contracts.pipeline import Engine, Extraction
from shared.errors import Misconfigured

Rows = Sequence[dict[str, Any]]


@pytest.fixture
def rows(corpus_path: Path) -> Rows:
    """Every sixth labelled call."""
    found = [json.loads(line) for line in corpus_path.read_text().splitlines()]
    return [row for row in found if row["gold"]][::6]


def test_every_planted_invention_is_caught_and_no_true_value_is_dropped(rows: Rows) -> None:
    report = evaluate_model(rows)
    kinds = {"phone", "email", "link", "instagram", "deadline", "shoot_dates", "amount", "city", "company", "role"}
    assert kinds | {"title", "obeyed", "denied"} == set(report.planted_by_kind)
    assert (report.caught, report.escaped) == (report.planted, [])
    assert report.planted >= 12 * len(rows)
    assert (report.dropped_true_values, report.lost) == (0, [])
    answer = report.as_json()
    assert {"fields", "invented", "grounded_share", "planted", "caught", "dropped_true_values"} <= set(answer)
    assert set(answer["invented"].values()) == {0}
    assert answer["grounded_share"] == 1.0
    assert answer["fields"]["contacts"]["f1"] == 1.0
    assert answer["model"]["questions"] == len(rows)
    assert answer["model"]["cost_usd"] > 0


def test_what_comes_through_is_named(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the look-up of companies broken, exactly the companies escape."""
    monkeypatch.setattr(Reading, "_company", lambda _self, said: said.production_company)
    report = evaluate_model(rows[:5])
    assert {kind for _, kind, _ in report.escaped} == {"company"}
    assert (report.planted - report.caught, len(report.escaped)) == (5, 5)


def test_a_true_value_that_is_dropped_is_named(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    with_contacts = [row for row in rows if row["gold"]["contacts"]][:3]
    monkeypatch.setattr(Reading, "_contacts", lambda _self, _said, _country: ())
    report = evaluate_model(with_contacts)
    assert report.dropped_true_values >= 3
    assert {field for _, field, _ in report.lost} == {"contacts"}


def test_a_real_endpoint_needs_a_key(rows: Rows) -> None:
    with pytest.raises(Misconfigured, match="OPENAI_API_KEY"):
        evaluate_model(rows, OpenAISettings(api_key=None))


CALL = CastingCall(
    title="دور +966500007777",
    production_company="c",
    location_city="Sohar",
    deadline=date(2031, 1, 31),
    roles=(Role(name="r"),),
    compensation=Compensation(kind=PayKind.PAID, amount=25),
    contacts=(Contact(kind=ContactKind.INSTAGRAM, value="star.maker"),),
)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("title", "+966500007777"),
        ("company", "c"),
        ("city", "Sohar"),
        ("deadline", "2031-01-31"),
        ("role", "r"),
        ("amount", "25"),
        ("instagram", "star.maker"),
    ],
)
def test_every_kind_of_plant_is_seen_where_it_stands(kind: str, value: str) -> None:
    read = Extraction(call=CALL, engine=Engine(name="m"))
    plant = Plant(kind, kind, value)
    other = Plant(kind, kind, {"deadline": "2031-02-28", "amount": "26"}.get(kind, "elsewhere"))
    assert escaped([plant, other], read) == [plant]
    assert escaped([plant], read.model_copy(update={"call": None})) == []


def test_a_denied_call_is_seen_and_its_values_are_not_the_models_to_lose() -> None:
    none = Extraction(call=None, reason="-", engine=Engine(name="m"))
    denied = Plant("denied", "is_casting_call", "false")
    row = {"id": "r1", "text": "x", "gold": CALL.model_dump(mode="json")}
    assert escaped([denied], none) == [denied]
    assert lost_values(row, none) == [("r1", "is_casting_call", "true")]
    assert lost_values(row, none, except_for=[denied]) == []


def test_the_notes_belong_to_the_message_that_was_asked_about() -> None:
    rows = [{"text": "مطلوب ممثل"}, {"text": "مطلوب ممثل في جدة"}]
    plants = Plants(rows)
    plants.note("<<\nمطلوب ممثل في جدة\n>>", [Plant("city", "location_city", "Sohar")])
    assert plants.of(rows[0]) == ()
    assert [plant.kind for plant in plants.of(rows[1])] == ["city"]
    assert plants.kinds == ["city"]
