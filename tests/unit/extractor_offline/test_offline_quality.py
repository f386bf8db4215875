"""Floors on the development corpus: a few points under what is measured, so that a regression fails."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.extractor.offline.engine import extract
from services.operator.evaluate_extract import ExtractReport, compare, evaluate_extract
from shared.contracts.calls import CastingCall, Compensation, Contact, ContactKind, Evidence, PayKind
from shared.contracts.pipeline import Engine, Extraction

GOLD: dict[str, Any] = {"roles": [], "contacts": [], "compensation": {"kind": "unspecified"}}
CORPUS = Path(__file__).parents[2] / "corpus"
FLOORS = {
    "title": 0.75, "project_type": 0.93, "production_company": 0.85, "location_city": 0.96, "country": 0.96,
    "deadline": 0.95,
    "shoot_dates": 0.95, "compensation_kind": 0.97, "compensation_amount": 0.96, "compensation_currency": 0.96,
    "compensation_per": 0.80, "contacts": 0.98, "role_gender": 0.89, "role_ages": 0.95,
}  # fmt: skip
OTHER_FLOORS = {
    "contacts": 0.97, "deadline": 0.95, "shoot_dates": 0.93, "compensation_kind": 0.97, "compensation_amount": 0.97,
    "location_city": 0.95, "role_gender": 0.88, "role_ages": 0.93, "project_type": 0.90,
}  # fmt: skip


@pytest.fixture(scope="module")
def report() -> ExtractReport:
    return evaluate_extract(rows("dev"), extract)


@pytest.fixture(scope="module")
def other() -> ExtractReport:
    return evaluate_extract(rows("extra"), extract)


def rows(corpus: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPUS / f"{corpus}.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("field", "floor"), FLOORS.items())
def test_a_field_stays_above_its_floor(report: ExtractReport, field: str, floor: float) -> None:
    assert report.fields[field]["f1"] >= floor, report.wrong[field]


@pytest.mark.parametrize(("field", "floor"), OTHER_FLOORS.items())
def test_a_field_stays_above_its_floor_on_the_posts_of_others(other: ExtractReport, field: str, floor: float) -> None:
    assert other.fields[field]["f1"] >= floor, other.wrong[field]


def test_nothing_is_invented(report: ExtractReport, other: ExtractReport) -> None:
    for one in (report, other):
        assert set(one.invented.values()) == {0}
        assert one.grounded_share == 1.0


def test_the_report_tells_language_latency_and_refusals(report: ExtractReport) -> None:
    found = report.as_json()
    assert set(found["by_language"]) == {"ar", "en", "mixed"}
    assert (
        sum(found["by_language"][one]["title"]["n"] for one in ("ar", "en", "mixed")) == found["fields"]["title"]["n"]
    )
    assert (found["refused"], found["took"]["cost_per_message_usd"]) == (0, 0.0)
    assert found["took"]["median_ms"] <= found["took"]["p95_ms"]


def test_no_call_is_refused(report: ExtractReport) -> None:
    assert report.not_a_call == []


def test_a_value_that_does_not_stand_in_the_text_counts_as_invented() -> None:
    """The measure itself: an engine that makes up a number, a sum and a date is caught."""
    row = {
        "id": "x",
        "label": "casting_call",
        "text": "مطلوب ممثل",
        "sent_at": "2026-10-01T10:00:00+03:00",
        "gold": GOLD,
    }
    evidence = Evidence(start=0, end=5, text="مطلوب")
    call = CastingCall(
        title="ممثل",
        deadline=date(2026, 10, 9),
        compensation=Compensation(kind=PayKind.PAID, amount=Decimal(900)),
        contacts=(Contact(kind=ContactKind.PHONE, value="+966500009999"),),
    )
    made_up = Extraction(
        call=call, evidence={"contacts.0": evidence, "compensation": evidence}, engine=Engine(name="x")
    )
    report = evaluate_extract([row], lambda text, sent_at: made_up)
    assert {name: count for name, count in report.invented.items() if count} == {
        "contacts": 1,
        "compensation": 1,
        "deadline": 1,
    }
    assert report.grounded_share == 0.0
    assert report.fields["deadline"]["precision"] == 0.0


def test_roles_are_aligned_before_they_are_scored() -> None:
    gold = [
        {"name": "أم", "gender": "female", "age_min": 50, "age_max": 60},
        {"name": "سائق", "gender": None, "age_min": 30, "age_max": 40},
    ]
    given = [
        {"name": "سائق", "gender": "any", "age_min": 30, "age_max": 40},
        {"name": "الأم", "gender": "female", "age_min": 50, "age_max": 60},
    ]
    scores = compare({"roles": given}, {"roles": gold})
    assert scores["role_gender"] == (2, 2, 2)
    assert scores["role_ages"] == (2, 2, 2)
