"""The filter on the development corpus: floors a little below what was measured. The misses are printed on failure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.filter.linear import MODEL, Linear
from services.filter.logic import Policy
from services.operator.evaluate_filter import Evaluation, Row, evaluate, evaluated
from services.operator.train import CORPORA as LEARNT
from services.operator.train_filter import judge_of, train

CORPORA = Path(__file__).parents[2] / "corpus"


def _rows(*names: str) -> list[Row]:
    lines = [line for name in names for line in (CORPORA / name).read_text(encoding="utf-8").splitlines()]
    return [Row.of(json.loads(line)) for line in lines]


@pytest.fixture(scope="module")
def found() -> Evaluation:
    return evaluate(_rows("dev.jsonl"), judge_of(Linear.load()))


def _wrong(found: Evaluation) -> str:
    lines = [
        f"{'MISSED' if one.row.is_call else 'passed'} {one.row.id} {one.row.kind} {one.verdict.score:+.2f} "
        f"{' '.join(one.verdict.reasons)}\n    {one.row.text[:160]!r}"
        for one in found.wrong
    ]
    return "\n".join([str(found.overall), *lines])


def test_the_corpus_is_whole(found: Evaluation) -> None:
    assert found.overall.n == 400


def test_recall_and_false_positives_hold_their_floors(found: Evaluation) -> None:
    overall, hard = found.overall, found.hard
    for figures, least, most in ((overall, 0.99, 0.06), (hard, 0.98, 0.06)):
        assert figures.recall is not None and figures.recall >= least, _wrong(found)
        assert figures.false_positive_rate is not None and figures.false_positive_rate <= most, _wrong(found)


@pytest.mark.parametrize("language", ["ar", "en", "mixed"])
def test_no_language_is_left_behind(found: Evaluation, language: str) -> None:
    figures = found.by_language[language]
    assert figures.recall is not None and figures.recall >= 0.96, _wrong(found)
    assert figures.false_positive_rate is not None and figures.false_positive_rate <= 0.15, _wrong(found)


@pytest.mark.slow
def test_models_that_saw_nothing_of_a_corpus_judge_it_nearly_as_well() -> None:
    """By other hands, each: what the filter is worth on a group that it does not know."""
    verdicts = []
    for left_out in LEARNT:
        judge = judge_of(train(_rows(*(path.name for path in LEARNT if path != left_out))))
        verdicts += [(row, judge(row.text)) for row in _rows(left_out.name)]
    found = evaluated(verdicts)
    for figures, least, most in ((found.overall, 0.98, 0.10), (found.hard, 0.97, 0.11)):
        assert figures.recall is not None and figures.recall >= least, _wrong(found)
        assert figures.false_positive_rate is not None and figures.false_positive_rate <= most, _wrong(found)


def test_the_shipped_model_is_what_training_makes_of_the_corpora() -> None:
    shipped = train(_rows(*(path.name for path in LEARNT))).dump()
    assert shipped == MODEL.read_text(encoding="utf-8"), "type: twin train --out services/filter/model/ngrams.tsv"


def test_calls_with_an_injection_in_them_are_still_calls(found: Evaluation) -> None:
    marks = ("ignore", "system:", "bot reading", "تجاهل")
    calls = [one for one in found.judged if one.row.is_call and any(mark in one.row.text.lower() for mark in marks)]
    assert len(calls) >= 3
    assert all(one.verdict.passed for one in calls), _wrong(found)


def test_the_minimum_of_characters_kills_no_call_of_the_corpus(found: Evaluation) -> None:
    """The figures that the docstring of logic.py gives."""
    assert min(len(one.row.text) for one in found.judged if one.row.is_call) == 60
    short = [one for one in found.judged if len(one.row.text) < Policy().min_chars]
    assert len(short) == 16
    assert not any(one.verdict.passed for one in short)
