"""Floors on the development corpus: a few points under what is measured, so that a regression fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.extractor.offline.engine import extract
from services.operator.evaluate_extract import ExtractReport, evaluate_extract

CORPUS = Path(__file__).parents[2] / "corpus" / "dev.jsonl"
FLOORS = {
    "title": 0.75, "project_type": 0.93, "production_company": 0.85, "location_city": 0.96, "country": 0.96, "deadline": 0.96,
    "shoot_dates": 0.95, "compensation_kind": 0.97, "compensation_amount": 0.96, "compensation_currency": 0.96,
    "compensation_per": 0.80, "contacts": 0.98, "role_gender": 0.89, "role_ages": 0.95,
}  # fmt: skip


@pytest.fixture(scope="module")
def report() -> ExtractReport:
    rows = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    return evaluate_extract(rows, extract)


@pytest.mark.parametrize(("field", "floor"), FLOORS.items())
def test_a_field_stays_above_its_floor(report: ExtractReport, field: str, floor: float) -> None:
    assert report.fields[field]["f1"] >= floor, report.wrong[field]


def test_nothing_is_invented(report: ExtractReport) -> None:
    assert set(report.invented.values()) == {0}
    assert report.grounded_share == 1.0


def test_no_call_is_refused(report: ExtractReport) -> None:
    assert report.not_a_call == []
