"""The trained linear model: what words, pairs of words and pieces of words add to the odds of a casting call.

Its weights are learnt from labelled messages (`services.operator.train_filter`) and shipped as `model/ngrams.tsv`. At
run time there is nothing but dictionaries. A word counts once in a message, however often it stands there, so what a
word gives is one number, found once and kept: most words of a group have been seen before.

Features: `w` a whole word, `p` two words in a row, `c` a piece of a word ("<" and ">" are its ends). Numbers are one of
two words, a short and a long one, so that no phone number or date is learnt by heart. There is no constant: it would
learn that calls are long, and a call of one line is still a call. `l` is what one point of a word list (or of a signal)
adds: trained, too, from what `lists/weights.txt` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import sqrt
from pathlib import Path

from shared.errors import Misconfigured

MODEL = Path(__file__).parent / "model" / "ngrams.tsv"

_SHORT_NUMBER, _LONG_NUMBER = "0", "00"
_LONG_FROM = 5  # digits
_PIECES = (3, 4)  # letters in a piece, the ends counted
_LONGEST = 24  # of a longer word only the beginning is taken to pieces
_WEIGHT = re.compile(r"-?\d{1,3}(?:\.\d{1,6})?")
_FEATURE = re.compile(r"[wcl] \S+|p \S+ \S+")


def words_of(tokens: Iterable[str]) -> list[str]:
    """The words of a folded text as the model counts them."""
    return [
        token if not token.isdigit() else _SHORT_NUMBER if len(token) < _LONG_FROM else _LONG_NUMBER for token in tokens
    ]


def features_of_word(word: str) -> Iterator[str]:
    """The features that a word brings: itself and its pieces. A piece that stands in it twice comes twice."""
    yield f"w {word}"
    ends = f"<{word[:_LONGEST]}>"
    for size in _PIECES:
        for start in range(len(ends) - size + 1):
            yield f"c {ends[start : start + size]}"


def features_of(tokens: Sequence[str]) -> dict[str, int]:
    """The features of a text and in how many of its different words each stands: what training works on."""
    words = words_of(tokens)
    found: dict[str, int] = {}
    for word in dict.fromkeys(words):
        for feature in features_of_word(word):
            found[feature] = found.get(feature, 0) + 1
    for first, second in dict.fromkeys(pairwise(words)):
        found[f"p {first} {second}"] = 1
    return found


def scale_of(known: int) -> float:
    """What the points of a text with so many known features are divided by: a long text has more of everything."""
    return sqrt(max(known, 1))


Points = tuple[float, int]
"""What a word gives: its points, and how many features of it the model knows."""


class _Words(dict[str, Points]):
    """What each word gives, by word. Emptied when full."""

    _BOUND = 30_000

    def __init__(self, weights: Mapping[str, float]) -> None:
        super().__init__()
        self._weights = weights

    def __missing__(self, word: str) -> Points:
        known = [self._weights[feature] for feature in features_of_word(word) if feature in self._weights]
        points = (sum(known), len(known))
        if len(self) >= self._BOUND:
            self.clear()
        self[word] = points
        return points


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights by feature, and the weights of the lists. Empty, it says 0 of every text."""

    weights: Mapping[str, float] = field(default_factory=dict)
    lists: Mapping[str, float] = field(default_factory=dict)
    _words: _Words = field(init=False, repr=False, compare=False)
    _pairs: Mapping[tuple[str, str], float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """What is derived from the weights once."""
        object.__setattr__(self, "_words", _Words(self.weights))
        pairs: dict[tuple[str, str], float] = {}
        for feature, weight in self.weights.items():
            if feature.startswith("p "):
                first, second = feature[2:].split(" ")
                pairs[first, second] = weight
        object.__setattr__(self, "_pairs", pairs)

    @classmethod
    def load(cls, file: Path = MODEL) -> Linear:
        """The model of a file. Misconfigured names file and line of all that cannot be read."""
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured(f"filter model: {file} cannot be read: {error}") from None
        return cls.parse(text, name=file.name)

    @classmethod
    def parse(cls, text: str, *, name: str = "model") -> Linear:
        """The model that a text holds: "feature<TAB>weight" a line, "#" before a comment. Misconfigured as `load`."""
        weights: dict[str, float] = {}
        complaints: list[str] = []
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            feature, _, weight = line.partition("\t")
            if not _FEATURE.fullmatch(feature) or not _WEIGHT.fullmatch(weight):
                complaints.append(f"{name}:{number}: {line[:60]!r} is not 'feature<TAB>weight'")
            elif feature in weights:
                complaints.append(f"{name}:{number}: {feature!r} stands there twice")
            else:
                weights[feature] = float(weight)
        if not weights and not complaints:
            complaints.append(f"{name}: holds no weights")
        if complaints:
            raise Misconfigured("filter model: " + "; ".join(complaints[:20]))
        lists = {feature[2:]: weight for feature, weight in weights.items() if feature[0] == "l"}
        return cls({name: weight for name, weight in weights.items() if name[0] != "l"}, lists)

    def dump(self) -> str:
        """The text that `parse` reads: sorted lines, so that a difference between two models can be read."""
        named = sorted([*((f"l {name}", weight) for name, weight in self.lists.items()), *self.weights.items()])
        return "".join(f"{name}\t{weight:g}\n" for name, weight in named)

    def score(self, tokens: Sequence[str]) -> float:
        """About the logarithm of the odds that a text of these folded words is a call."""
        words = words_of(tokens)
        points_of, pair_of = self._words.__getitem__, self._pairs.get
        total, known = 0.0, 0
        for points, features in map(points_of, dict.fromkeys(words)):  # in their order: a sum of floats depends on it
            total += points
            known += features
        for pair in dict.fromkeys(pairwise(words)):
            weight = pair_of(pair)
            if weight is not None:
                total += weight
                known += 1
        return total / scale_of(known)

    def reasons(self, tokens: Sequence[str], *, number: int) -> list[str]:
        """The words and pairs that weigh most, with their sign: "+word:مطلوب", "-pair:available_for"."""
        words = words_of(tokens)
        found = [(self._words[word][0], f"word:{word}") for word in dict.fromkeys(words)]
        pairs = dict.fromkeys(pairwise(words))
        found += [(self._pairs[pair], "pair:" + "_".join(pair)) for pair in pairs if pair in self._pairs]
        heaviest = sorted(found, key=lambda one: (-abs(one[0]), one[1]))[:number]
        return [f"{'-' if points < 0 else '+'}{name}" for points, name in heaviest if points]
