"""Trains the filter's linear model from labelled messages, and measures it on messages that it was not trained on."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from math import log
from pathlib import Path

from services.filter.features import SCANNED, Reading, read
from services.filter.lexicon import SIGNALS, Lexicon
from services.filter.linear import CONSTANT, MODEL, Given, Linear, Shown, features_of, scale_of, words_of
from services.filter.logic import Policy, judge_text
from services.operator.evaluate_filter import Evaluation, Row, Same, evaluated
from services.operator.logistic import Example, fit
from shared.arabic.fingerprint import fingerprint
from shared.arabic.normalise import fold_text
from shared.contracts.pipeline import Verdict

SEED = 1
FOLDS = 10
STRENGTH = 10.0  # the weight of a mistake against the penalty, for words and their pieces
LIST_STRENGTH = 1 / 6  # … for the lists' weights, whose penalty is their distance from what weights.txt says
CALL_WEIGHT = 1.5  # to miss a call is worse than to pass a joke: in the lists' weights
_FEWEST_ROWS = 3  # in which a feature must stand to be learnt
_LIGHT = 100  # one in so many calls is lighter than the text that gets the whole constant
_DECIMALS = 3
_START = "bias"  # what the lists start with


def train(rows: Sequence[Row], *, seed: int = SEED) -> Linear:
    """The model of these rows; the same rows and seed give the same model, in whatever order they come."""
    rows = sorted(rows, key=lambda row: row.id)
    folded = [fold_text(row.text[:SCANNED]) for row in rows]
    readings = [_read(row, text) for row, text in zip(rows, folded, strict=True)]
    return Linear(_words(rows, readings, seed), _lists(rows, readings, seed))


def judge_of(model: Linear) -> Callable[[str], Verdict]:
    """The filter's own decision with this model in it, under the shipped lists and thresholds."""
    lexicon, policy = _lexicon().weighted(model.lists), Policy()
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


def _read(row: Row, folded: str) -> Reading:
    return read(row.text, _lexicon(), min_chars=Policy().min_chars, folded=folded)


@cache
def _lexicon() -> Lexicon:
    return Lexicon.load()


def _words(rows: Sequence[Row], readings: Sequence[Reading], seed: int) -> dict[str, Given]:
    """Points and mass of every feature that some rows share; the constant's mass is that of a very light call.

    A feature counts by its rarity (the usual logarithm), so its mass is the square of that. Calls and noise weigh
    alike, however many there are of each.
    """
    found = [features_of(Shown(words_of(one.tokens), one.kinds, _signals(one))) for one in readings]
    number = Counter(name for features in found for name in features)
    shared = {name: having for name, having in number.items() if having >= _FEWEST_ROWS}
    rarity = {name: log((1 + len(rows)) / (1 + having)) + 1 for name, having in shared.items()}
    calls = sum(row.is_call for row in rows)
    examples = []
    masses = []
    for row, features in zip(rows, found, strict=True):
        known = {name: value for name, value in features.items() if name in rarity}
        mass = sum(value * rarity[name] ** 2 for name, value in known.items())
        masses += [mass] if row.is_call else []
        scaled = {name: value * rarity[name] / scale_of(mass) for name, value in known.items()}
        of_its_side = calls if row.is_call else len(rows) - calls
        examples.append(Example(scaled | {CONSTANT: 1.0}, row.is_call, len(rows) / 2 / of_its_side))
    weights = fit(examples, strength=STRENGTH, seed=seed)
    given = {name: (_rounded(weights[name] * rare), round(rare**2, 2)) for name, rare in sorted(rarity.items())}
    light = sorted(masses)[len(masses) // _LIGHT]
    return given | {CONSTANT: (_rounded(weights[CONSTANT]), float(round(light)))}


def _signals(reading: Reading) -> list[str]:
    return [name for name in reading.values if name in SIGNALS]


def _lists(rows: Sequence[Row], readings: Sequence[Reading], seed: int) -> dict[str, float]:
    """The weights of the lists and signals: as weights.txt says, moved as far as the rows ask for it."""
    shipped = _lexicon().weights
    examples = []
    for row, reading in zip(rows, readings, strict=True):
        features = {name: min(value, shipped[name].cap) for name, value in reading.values.items()}
        features[_START] = 1.0
        given = sum(shipped[name].weight * value for name, value in features.items())
        examples.append(Example(features, row.is_call, CALL_WEIGHT if row.is_call else 1.0, given))
    moved = fit(examples, strength=LIST_STRENGTH, seed=seed)
    return {name: _rounded(one.weight + moved.get(name, 0.0)) for name, one in shipped.items()}


def _rounded(weight: float) -> float:
    return round(weight, _DECIMALS) + 0.0


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
