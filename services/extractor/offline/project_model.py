"""What a message's words in sum say of the project type, where no single word decides: a trained linear model.

Its weights are learnt from labelled calls (`services.operator.train_projects`) and shipped as `model/projects.tsv`: a
word, a tab, and its weight for each type that it says something of ("film=0.8 series=-0.2"). A word counts once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from math import sqrt
from pathlib import Path

from shared.contracts.calls import ProjectType
from shared.errors import Misconfigured

MODEL = Path(__file__).parent / "model" / "projects.tsv"
BIAS = "#"  # what a type has in its favour before a word is read

_WORD = re.compile(r"[^\W\d_]{2,}")
_JOINED = re.compile(r"^(?:وال|بال|لل|ال|و|ب|ل)(?=\w{3})")


@lru_cache(maxsize=4_096)
def _bare(word: str) -> str:
    return _JOINED.sub("", word)


def features_of(text: str) -> list[str]:
    """The different words of a folded text, without what Arabic joins in front of them, in their order."""
    return list(dict.fromkeys(map(_bare, _WORD.findall(text))))


def scores_of(text: str) -> dict[ProjectType, float]:
    """Type → about the logarithm of the odds that a folded text is of it."""
    weights = _weights()
    known = [found for word in features_of(text) if (found := weights.get(word))]
    scale = sqrt(max(len(known), 1))
    total = dict(weights[BIAS])
    for found in known:
        for kind, weight in found.items():
            total[kind] = total.get(kind, 0.0) + weight / scale
    return total


def telling_word(text: str, kind: ProjectType) -> tuple[int, int] | None:
    """Where the word stands that speaks most for a type, or None where none does."""
    weights = _weights()
    found = [
        (weights[_bare(match[0])].get(kind, 0.0), match) for match in _WORD.finditer(text) if _bare(match[0]) in weights
    ]
    weight, match = max(found, key=lambda one: one[0], default=(0.0, None))
    return match.span() if match is not None and weight > 0 else None


@cache
def _weights() -> Mapping[str, Mapping[ProjectType, float]]:
    try:
        return parse(MODEL.read_text(encoding="utf-8"), name=MODEL.name)
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"project model: {MODEL} cannot be read: {error}") from None


def parse(text: str, *, name: str = "model") -> dict[str, dict[ProjectType, float]]:
    """The weights that a text holds. Misconfigured names the lines that are none."""
    weights: dict[str, dict[ProjectType, float]] = {}
    complaints = []
    for number, line in enumerate(text.splitlines(), start=1):
        word, _, rest = line.partition("\t")
        try:
            pairs = [pair.split("=") for pair in rest.split(" ")]
            weights[word] = {ProjectType(kind): float(weight) for kind, weight in pairs}
        except ValueError:
            complaints.append(f"{name}:{number}: {line[:60]!r} is not 'word<TAB>type=weight …'")
    if BIAS not in weights:
        complaints.append(f"{name}: has no line for {BIAS!r}")
    if complaints:
        raise Misconfigured("project model: " + "; ".join(complaints[:20]))
    return weights


def dump(weights: Mapping[str, Mapping[ProjectType, float]]) -> str:
    """The text that `parse` reads, in a fixed order."""
    return "".join(
        f"{word}\t{' '.join(f'{kind.value}={found[kind]:g}' for kind in sorted(found))}\n"
        for word, found in sorted(weights.items())
        if found
    )
