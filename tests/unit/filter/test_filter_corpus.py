"""The filter on the development corpus: floors a little below what was measured. The misses are printed on failure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.filter.lexicon import Lexicon
from services.filter.logic import Policy, judge_text
from services.operator.evaluate_filter import Evaluation, Row, evaluate
from shared.contracts.pipeline import Verdict

CORPUS = Path(__file__).parents[2] / "corpus" / "dev.jsonl"


def _evaluated() -> Evaluation:
    lexicon, policy = Lexicon.load(), Policy()

    def judge(text: str) -> Verdict:
        return judge_text(text, policy=policy, lexicon=lexicon)

    lines = CORPUS.read_text(encoding="utf-8").splitlines()
    return evaluate([Row.of(json.loads(line)) for line in lines], judge)


@pytest.fixture(scope="module")
def found() -> Evaluation:
    return _evaluated()


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
    for figures, least, most in ((overall, 0.985, 0.085), (hard, 0.975, 0.095)):
        assert figures.recall is not None and figures.recall >= least, _wrong(found)
        assert figures.false_positive_rate is not None and figures.false_positive_rate <= most, _wrong(found)


@pytest.mark.parametrize("language", ["ar", "en", "mixed"])
def test_no_language_is_left_behind(found: Evaluation, language: str) -> None:
    figures = found.by_language[language]
    assert figures.recall is not None and figures.recall >= 0.96, _wrong(found)
    assert figures.false_positive_rate is not None and figures.false_positive_rate <= 0.15, _wrong(found)


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
