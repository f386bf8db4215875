"""Trains the filter's linear model from labelled messages, and measures it on messages that it was not trained on."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from services.filter.features import read
from services.filter.lexicon import TOKEN, Lexicon
from services.filter.linear import MODEL, Linear, features_of, scale_of
from services.filter.logic import Policy, judge_text
from services.operator.evaluate_filter import Evaluation, Row, Same, evaluated
from services.operator.logistic import Example, fit
from shared.arabic.fingerprint import fingerprint
from shared.arabic.normalise import fold_text
from shared.contracts.pipeline import Verdict

SEED = 1
FOLDS = 10
STRENGTH = 5.0  # the weight of a mistake against the penalty, for words and their pieces
LIST_STRENGTH = 1 / 6  # … for the lists' weights, whose penalty is their distance from what weights.txt says
CALL_WEIGHT = 1.5  # to miss a call is worse than to pass a joke: in the lists' weights
SCANNED = 8_000  # characters; the filter looks no further
_FEWEST_ROWS = 2  # in which a feature must stand to be learnt
_DECIMALS = 3
_START = "bias"  # what the lists start with


def train(rows: Sequence[Row], *, seed: int = SEED) -> Linear:
    """The model of these rows; the same rows and seed give the same model, in whatever order they come."""
    rows = sorted(rows, key=lambda row: row.id)
    folded = [fold_text(row.text[:SCANNED]) for row in rows]
    weights = fit(_words(rows, folded), strength=STRENGTH, seed=seed)
    return Linear(_rounded(weights), _lists(rows, folded, seed))


def judge_of(model: Linear) -> Callable[[str], Verdict]:
    """The filter's own decision with this model in it, under the shipped lists and thresholds."""
    lexicon, policy = Lexicon.load().weighted(model.lists), Policy()
    return lambda text: judge_text(text, policy=policy, lexicon=lexicon, linear=model)


def cross_validated(
    rows: Sequence[Row], *, folds: int = FOLDS, seed: int = SEED, same: Same | None = None
) -> Evaluation:
    """The figures of all rows, each judged by a model that saw neither it nor a near-duplicate of it.

    The word lists are not part of the training: where they were written with some rows in view, these are flattered.
    """
    fold_of = folded(rows, folds=folds, seed=seed)
    judges = {
        number: judge_of(train([row for row in rows if fold_of[row.id] != number], seed=seed))
        for number in sorted(set(fold_of.values()))
    }
    return evaluated([(row, judges[fold_of[row.id]](row.text)) for row in rows], same=same)


def folded(rows: Sequence[Row], *, folds: int, seed: int) -> dict[str, int]:
    """The fold of each row, by id. Copies and near-duplicates share theirs; calls and noise are spread alike."""
    groups = _groups(rows)
    fold_of: dict[str, int] = {}
    shuffle = random.Random(seed).shuffle  # noqa: S311 - a division of rows, no secret
    for is_call in (True, False):
        names = sorted({groups[row.id] for row in rows if row.is_call == is_call and groups[row.id] not in fold_of})
        shuffle(names)
        fold_of.update({name: at % folds for at, name in enumerate(names)})
    return {row.id: fold_of[groups[row.id]] for row in rows}


def write(model: Linear, path: Path = MODEL) -> None:
    """Writes the model as the filter reads it: sorted lines, rounded weights."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(model.dump(), encoding="utf-8")


def _words(rows: Sequence[Row], folded: Sequence[str]) -> list[Example]:
    """The rows as the regression takes them, without the features that hardly any of them has."""
    found = [features_of(TOKEN.findall(text)) for text in folded]
    number = Counter(name for features in found for name in features)
    examples = []
    for row, features in zip(rows, found, strict=True):
        known = {name: value for name, value in features.items() if number[name] >= _FEWEST_ROWS}
        scale = scale_of(sum(known.values()))
        examples.append(Example({name: value / scale for name, value in known.items()}, row.is_call))
    return examples


def _lists(rows: Sequence[Row], folded: Sequence[str], seed: int) -> dict[str, float]:
    """The weights of the lists and signals: as weights.txt says, moved as far as the rows ask for it."""
    lexicon = Lexicon.load()
    shipped = {name: weight.weight for name, weight in lexicon.weights.items()}
    examples = []
    for row, text in zip(rows, folded, strict=True):
        values = read(row.text, lexicon, min_chars=Policy().min_chars, folded=text).values
        features = {name: min(value, lexicon.weights[name].cap) for name, value in values.items()}
        features[_START] = 1.0
        given = sum(shipped[name] * value for name, value in features.items())
        examples.append(Example(features, row.is_call, CALL_WEIGHT if row.is_call else 1.0, given))
    moved = fit(examples, strength=LIST_STRENGTH, seed=seed)
    return _rounded({name: weight + moved.get(name, 0.0) for name, weight in shipped.items()})


def _rounded(weights: Mapping[str, float]) -> dict[str, float]:
    return {name: round(weight, _DECIMALS) + 0.0 for name, weight in weights.items()}


def _groups(rows: Sequence[Row]) -> dict[str, str]:
    """For each row the first row of which it is a copy or a near-duplicate, over any number of steps."""
    parent = {row.id: row.id for row in rows}

    def first(id: str) -> str:
        while parent[id] != id:
            id = parent[id]
        return id

    by_text: dict[str, str] = {}
    for row in rows:
        like = by_text.setdefault(fingerprint(row.text) or row.id, row.id)
        for other in (like, row.duplicate_of):
            if other in parent:
                one, two = sorted((first(row.id), first(other)))
                parent[two] = one
    return {row.id: first(row.id) for row in rows}
