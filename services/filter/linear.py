"""The trained linear model: what words, pieces of words, pairs and the order of kinds add to the odds of a call.

Its weights are learnt from labelled messages (`services.operator.train_filter`) and shipped as `model/ngrams.tsv`. At
run time there is nothing but dictionaries. A word counts once in a message, however often it stands there, so what a
word gives is two numbers, found once and kept: most words of a group have been seen before.

Features: `w` a whole word, `p` two words in a row, `c` a piece of a word ("<" and ">" are its ends). Numbers are one of
two words, a short and a long one, so that no phone number or date is learnt by heart. `k` is a kind of word, by the
word lists: `k seeking>roles` says that a role is the next listed word after a verb of seeking, `k seeking>>roles` the
next but one. `s` is a signal of shape. `b constant` is every text's, in full from its mass on. `l` is what one point of
a word list (or of a signal) adds outside all that: trained, too, from what `lists/weights.txt` says.

Each feature has points and a mass, which is greater the rarer it is; the points of a text are divided by the root of
its mass, so that a long text has no more to say than a short one. Of the constant, which is below zero since most calls
have much to say, a text lighter than nearly all calls gets its share only: a call of one line is still a call.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from math import sqrt
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from shared.errors import Misconfigured

MODEL = Path(__file__).parent / "model" / "ngrams.tsv"
CONSTANT = "b constant"

_SHORT_NUMBER, _LONG_NUMBER = "0", "00"
_LONG_FROM = 5  # digits
_PIECES = (2, 3, 4)  # letters in a piece, the ends counted
_LONGEST = 24  # of a longer word only the beginning is taken to pieces
_NUMBER = re.compile(r"-?\d{1,3}(?:\.\d{1,6})?")
_FEATURE = re.compile(r"[wcks] \S+|p \S+ \S+|" + CONSTANT)
_MASS = re.compile(r"\d{1,5}(?:\.\d{1,6})?")
_LIST = re.compile(r"l \S+")


class Shown(NamedTuple):
    """What the model sees of a text."""

    words: Sequence[str]  # as `words_of` gives them
    kinds: Sequence[str] = ()  # the kinds of its listed words, in their order
    signals: Iterable[str] = ()  # the names of what else is there; those that are no signals are passed over


Given = tuple[float, float]
"""What a feature, or all that a word brings, gives: points and mass."""

_NOTHING: Given = (0.0, 0.0)
Key = TypeVar("Key", str, tuple[str, str])


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


def _of_pair(pair: tuple[str, str]) -> Iterator[str]:
    yield f"p {pair[0]} {pair[1]}"


def _of_kind(kind: str) -> Iterator[str]:
    return (f"k {name}" for name in kind.split())


def _of_neighbours(kinds: tuple[str, str]) -> Iterator[str]:
    return (f"k {first}>{second}" for first in kinds[0].split() for second in kinds[1].split())


def _of_next_but_one(kinds: tuple[str, str]) -> Iterator[str]:
    return (f"k {first}>>{second}" for first in kinds[0].split() for second in kinds[1].split())


def _of_signal(name: str) -> Iterator[str]:
    yield f"s {name}"


def features_of(shown: Shown) -> dict[str, int]:
    """The features of a text and in how many of its different words each stands: what training works on."""
    words, kinds = shown.words, shown.kinds
    brought = [
        *(features_of_word(word) for word in dict.fromkeys(words)),
        *(_of_pair(pair) for pair in dict.fromkeys(pairwise(words))),
        *(_of_kind(kind) for kind in dict.fromkeys(kinds)),
        *(_of_neighbours(pair) for pair in dict.fromkeys(pairwise(kinds))),
        *(_of_next_but_one(pair) for pair in dict.fromkeys(zip(kinds, kinds[2:], strict=False))),
        *(_of_signal(name) for name in shown.signals),
    ]
    return dict(Counter(chain.from_iterable(brought)))


def scale_of(mass: float) -> float:
    """What the points of a text of so much mass are divided by."""
    return sqrt(max(mass, 1.0))


class _Kept(dict[Key, Given], Generic[Key]):
    """What each word (or kind, or pair of kinds) gives. Emptied when full."""

    _BOUND = 30_000

    def __init__(self, weights: Mapping[str, Given], features_of_one: Callable[[Key], Iterator[str]]) -> None:
        super().__init__()
        self._weights = weights
        self._features_of_one: Callable[[Key], Iterator[str]] = features_of_one

    def __missing__(self, key: Key) -> Given:
        known = [self._weights[feature] for feature in self._features_of_one(key) if feature in self._weights]
        given = (sum(points for points, _ in known), sum(mass for _, mass in known))
        if len(self) >= self._BOUND:
            self.clear()
        self[key] = given
        return given


@dataclass(frozen=True, slots=True)
class Linear:
    """Points and mass by feature, and the weights of the lists. Empty, it says 0 of every text."""

    weights: Mapping[str, Given] = field(default_factory=dict)
    lists: Mapping[str, float] = field(default_factory=dict)
    _words: _Kept[str] = field(init=False, repr=False, compare=False)
    _kinds: _Kept[str] = field(init=False, repr=False, compare=False)
    _neighbours: _Kept[tuple[str, str]] = field(init=False, repr=False, compare=False)
    _next_but_one: _Kept[tuple[str, str]] = field(init=False, repr=False, compare=False)
    _pairs: Mapping[tuple[str, str], Given] = field(init=False, repr=False, compare=False)
    _signals: Mapping[str, Given] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """What is derived from the weights once."""
        weights, keep = self.weights, object.__setattr__
        keep(self, "_words", _Kept(weights, features_of_word))
        keep(self, "_kinds", _Kept(weights, _of_kind))
        keep(self, "_neighbours", _Kept(weights, _of_neighbours))
        keep(self, "_next_but_one", _Kept(weights, _of_next_but_one))
        pairs = {name: given for name, given in weights.items() if name[0] == "p"}
        keep(self, "_pairs", {_pair(name): given for name, given in pairs.items()})
        keep(self, "_signals", {name[2:]: given for name, given in weights.items() if name[0] == "s"})

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
        """The model that a text holds; `dump` says how it is written. Misconfigured as `load`."""
        weights: dict[str, Given] = {}
        lists: dict[str, float] = {}
        masses: dict[str, float] = {}  # there are few different ones: one number for all that have it
        complaints: list[str] = []
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            feature, *numbers = line.split("\t")
            if not _readable(feature, numbers):
                complaints.append(f"{name}:{number}: {line[:60]!r} is not 'feature<TAB>points<TAB>mass'")
            elif feature in weights or (feature[0] == "l" and feature[2:] in lists):
                complaints.append(f"{name}:{number}: {feature!r} stands there twice")
            elif feature[0] == "l":
                lists[feature[2:]] = float(numbers[0])
            else:
                mass = masses.setdefault(numbers[1], float(numbers[1]))
                weights[feature] = (float(numbers[0]), mass)
        if not weights and not lists and not complaints:
            complaints.append(f"{name}: holds no weights")
        if complaints:
            raise Misconfigured("filter model: " + "; ".join(complaints[:20]))
        return cls(weights, lists)

    def dump(self) -> str:
        """The text that `parse` reads: "feature<TAB>points<TAB>mass" a line, "l list<TAB>weight", "#" before a comment.

        The lines are sorted, so that a difference between two models can be read.
        """
        lines = [f"l {name}\t{weight:g}\n" for name, weight in self.lists.items()]
        lines += [f"{name}\t{points:g}\t{mass:.10g}\n" for name, (points, mass) in self.weights.items()]
        return "".join(sorted(lines))

    def score(self, shown: Shown) -> float:
        """About the logarithm of the odds that a text is a call."""
        points, mass = 0.0, 0.0
        for given in self._given(shown):  # in the text's order: a sum of floats depends on it
            points += given[0]
            mass += given[1]
        constant, whole = self.weights.get(CONSTANT, _NOTHING)
        part = 1.0 if mass >= whole else mass / whole
        return constant * part + points / scale_of(mass)

    def reasons(self, shown: Shown, *, number: int) -> list[str]:
        """What weighs most, with its sign: "+word:مطلوب", "-pair:available_for", "+order:seeking>roles"."""
        words, kinds = shown.words, dict.fromkeys(pairwise(shown.kinds))
        found = [(self._words[word][0], f"word:{word}") for word in dict.fromkeys(words)]
        pairs = dict.fromkeys(pairwise(words))
        found += [(self._pairs[pair][0], "pair:" + "_".join(pair)) for pair in pairs if pair in self._pairs]
        found += [(self._neighbours[pair][0], "order:" + ">".join(pair).replace(" ", "+")) for pair in kinds]
        heaviest = sorted(found, key=lambda one: (-abs(one[0]), one[1]))[:number]
        return [f"{'-' if points < 0 else '+'}{name}" for points, name in heaviest if points]

    def _given(self, shown: Shown) -> Iterator[Given]:
        """What the words, pairs, kinds and signals of a text give."""
        words, kinds = shown.words, shown.kinds
        return chain(
            map(self._words.__getitem__, dict.fromkeys(words)),
            filter(None, map(self._pairs.get, dict.fromkeys(pairwise(words)))),
            map(self._kinds.__getitem__, dict.fromkeys(kinds)),
            map(self._neighbours.__getitem__, dict.fromkeys(pairwise(kinds))),
            map(self._next_but_one.__getitem__, dict.fromkeys(zip(kinds, kinds[2:], strict=False))),
            filter(None, map(self._signals.get, shown.signals)),
        )


def _pair(feature: str) -> tuple[str, str]:
    first, second = feature[2:].split(" ")
    return first, second


def _readable(feature: str, numbers: Sequence[str]) -> bool:
    """Whether a line holds a feature and its numbers: points and mass, or the one weight of a list."""
    if _LIST.fullmatch(feature):
        return len(numbers) == 1 and _NUMBER.fullmatch(numbers[0]) is not None
    if len(numbers) != 2 or not _FEATURE.fullmatch(feature):
        return False
    return _NUMBER.fullmatch(numbers[0]) is not None and _MASS.fullmatch(numbers[1]) is not None
