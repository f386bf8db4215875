"""Trains the offline engine's model of project types from labelled calls: `python -m services.operator.train_projects`.

Deterministic: the same corpora give the same file, in whatever order they come. One logistic regression a type, each
type against all others.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import sqrt
from pathlib import Path
from typing import Any

from services.extractor.offline.page import read_page
from services.extractor.offline.project_model import BIAS, MODEL, dump, features_of
from services.operator.labelled import calls
from services.operator.logistic import Example, fit
from shared.contracts.calls import ProjectType

SEED = 1
STRENGTH = 5.0  # the weight of a mistake against the penalty
_FEWEST_ROWS = 2  # in which a word must stand to be learnt
_LEAST = 0.2  # weights nearer to nothing are left out
_DECIMALS = 2

Weights = dict[str, dict[ProjectType, float]]


def train(rows: Sequence[Mapping[str, Any]], *, seed: int = SEED) -> Weights:
    """Word → type → weight, from the casting calls among the rows."""
    known = sorted((row for row in rows if row["label"] == "casting_call"), key=lambda row: str(row["id"]))
    words = [features_of(_text(row)) for row in known]
    number = Counter(word for found in words for word in found)
    features = [_scaled([word for word in found if number[word] >= _FEWEST_ROWS]) for found in words]
    weights: Weights = {}
    for kind in ProjectType:
        wanted = [row["gold"]["project_type"] == kind.value for row in known]
        examples = [Example(found, is_it) for found, is_it in zip(features, wanted, strict=True)]
        for word, weight in fit(examples, strength=STRENGTH, seed=seed).items():
            if abs(weight) >= _LEAST:
                weights.setdefault(word, {})[kind] = round(weight, _DECIMALS)
    return weights


def _text(row: Mapping[str, Any]) -> str:
    return read_page(row["text"], datetime.fromisoformat(row["sent_at"])).text


def _scaled(words: list[str]) -> dict[str, float]:
    scale = sqrt(max(len(words), 1))
    return dict.fromkeys(words, 1 / scale) | {BIAS: 1.0}


def main(paths: Sequence[str]) -> None:
    """Writes the model of these corpora where the engine reads it."""
    rows = [row for path in paths for row in calls(Path(path))]
    MODEL.parent.mkdir(parents=True, exist_ok=True)
    MODEL.write_text(dump(train(rows)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:] or [f"tests/corpus/{name}.jsonl" for name in ("dev", "extra", "extra2", "extra3", "extra4")])
