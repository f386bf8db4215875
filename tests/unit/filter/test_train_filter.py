"""The training: the regression against its own optimum, folds that keep copies together, the same bytes each time."""

from __future__ import annotations

import math

import pytest

from services.filter.linear import Shown
from services.operator.evaluate_filter import Row
from services.operator.logistic import Example, fit
from services.operator.train_filter import cross_validated, folded, train

CALLS = [
    "مطلوب ممثلين لمسلسل رمضاني العمر 25-35",
    "نبحث عن موديل بنات لإعلان في جدة",
    "Looking for two actresses for a short film",
    "محتاجين كومبارس يوم الخميس الأجر 300 ريال",
]
NOISE = [
    "ورشة تمثيل الرسوم 400 ريال",
    "صباح الخير يا شباب",
    "Looking for a gaffer for a short film",
    "مبروك الفوز بالجائزة",
]
ROWS = [
    *(Row(f"c{number}{again}", f"{text} {again}", True) for number, text in enumerate(CALLS) for again in range(3)),
    *(Row(f"n{number}{again}", f"{text} {again}", False) for number, text in enumerate(NOISE) for again in range(3)),
]


def test_the_regression_stands_where_the_slope_of_its_penalty_and_its_loss_cancel() -> None:
    examples = [
        Example({"a": 1.0, "b": 0.5}, True),
        Example({"a": 0.2, "c": 1.0}, False, 1.5),
        Example({"b": 1.0, "c": 0.3}, True, 1.0, -0.4),
        Example({"a": 0.7}, False),
    ]
    strength = 2.0
    weights = fit(examples, strength=strength, seed=1)
    for name in ("a", "b", "c"):
        slope = weights[name]
        for example in examples:
            sign = 1.0 if example.positive else -1.0
            score = example.given + sum(weights[key] * value for key, value in example.features.items())
            slope -= strength * example.weight * sign * example.features.get(name, 0.0) / (1 + math.exp(sign * score))
        assert slope == pytest.approx(0, abs=0.01)


def test_the_order_of_the_rows_changes_nothing() -> None:
    assert train(ROWS, seed=3).dump() == train(ROWS[::-1], seed=3).dump()


def test_the_model_tells_what_it_was_shown() -> None:
    model = train(ROWS, seed=1)
    of_call, of_noise = Shown(["مطلوب", "ممثلين"]), Shown(["ورشه", "الرسوم"])
    assert model.score(of_call) > 0 > model.score(of_noise)


def test_copies_and_near_duplicates_share_a_fold() -> None:
    rows = [
        *ROWS,
        Row("x", "  *مطلوب* ممثلين لمسلسل رمضاني العمر ٢٥-٣٥ 0 🔥", True),
        Row("y", "other words for it", True, duplicate_of="x"),
    ]
    for seed in range(5):
        fold_of = folded(rows, folds=4, seed=seed)
        assert fold_of["c00"] == fold_of["x"] == fold_of["y"]
        assert set(fold_of.values()) == {0, 1, 2, 3}


def test_each_row_is_judged_once_in_cross_validation() -> None:
    found = cross_validated(ROWS, folds=3, seed=1)
    assert sorted(one.row.id for one in found.judged) == sorted(row.id for row in ROWS)
