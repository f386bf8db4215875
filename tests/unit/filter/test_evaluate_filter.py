"""The arithmetic of the filter's evaluation, on rows small enough to count by hand."""

from __future__ import annotations

import json

import pytest

from services.operator.evaluate_filter import Row, evaluate
from shared.contracts.pipeline import Verdict
from shared.errors import Malformed


def _judge(text: str) -> Verdict:
    return Verdict(
        passed="pass" in text, rule="scored_call" if "pass" in text else "scored_noise", score=float(len(text))
    )


ROWS = [
    Row("1", "pass one", True, "film", "ar"),
    Row("2", "pass two", True, "film", "en", hard=True, duplicate_of="1"),
    Row("3", "stop", True, "series", "ar", hard=True),
    Row("4", "pass noise", False, "spam", "ar", hard=True),
    Row("5", "stop this", False, "chat", "en"),
    Row("6", "stop that too", False, "chat", "en"),
]


def test_the_figures_are_counted_right() -> None:
    found = evaluate(ROWS, _judge)
    overall = found.overall
    assert (overall.recall, overall.precision, overall.false_positive_rate, overall.n) == (0.6667, 0.6667, 0.3333, 6)
    assert overall.f1 == 0.6667
    assert (found.hard.recall, found.hard.false_positive_rate, found.hard.n) == (0.5, 1.0, 3)


def test_a_group_without_calls_has_no_recall() -> None:
    found = evaluate(ROWS, _judge)
    assert found.by_kind["chat"].recall is None
    assert found.by_kind["chat"].false_positive_rate == 0
    assert found.by_kind["film"].false_positive_rate is None
    assert list(found.by_language) == ["ar", "en"]


def test_copies_cost_one_model_call() -> None:
    copies = [*ROWS, Row("7", "*PASS  one* 🎬", True, "film", "ar", duplicate_of="1")]
    judge = lambda text: _judge(text.lower())  # noqa: E731 - a word of glue
    assert evaluate(copies, judge).model_calls_per_unique_call == 1.5  # one, two and the noise, for two calls


def test_missed_calls_come_first_among_what_is_wrong() -> None:
    assert [one.row.id for one in evaluate(ROWS, _judge).wrong] == ["3", "4"]


def test_no_rows_give_no_figures() -> None:
    found = evaluate([], _judge)
    assert found.overall.n == 0
    assert found.overall.recall is None
    assert found.model_calls_per_unique_call is None


def test_the_json_has_the_promised_fields() -> None:
    value = json.loads(json.dumps(evaluate(ROWS, _judge).as_json()))
    assert value.keys() == {"overall", "hard", "by_kind", "by_language", "model_calls_per_unique_call"}
    assert value["overall"].keys() == {"recall", "precision", "false_positive_rate", "f1", "n"}


@pytest.mark.parametrize("value", [{}, {"id": "1", "text": "x", "label": "maybe"}, {"id": "1", "label": "other"}])
def test_a_row_that_is_no_row_is_malformed(value: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        Row.of(value)
