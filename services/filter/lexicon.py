"""The word lists of the filter, read from `lists/*.txt` into one table that is asked once a word.

All spelling work (prefixes, noun endings, folding) is done here at load time, so that reading a message is a
dictionary look-up for each word and nothing else. How the files are written is said in lists/README.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from sys import intern
from typing import NamedTuple

from services.filter.spelling import Words, forms
from shared.arabic.normalise import fold_text
from shared.errors import Misconfigured

Entries = Mapping[str, Sequence[str]]
"""List → entries, written as in its file."""

LISTS = Path(__file__).parent / "lists"
WEIGHTS_FILE = "weights.txt"
NEUTRAL = "neutral"  # the list whose entries hide what other lists would see in the same words

SIGNALS = (
    "bias",  # of every message; its weight is where the score starts
    "seeks_people",  # a verb of seeking whose object appears, voices or hosts
    "seeks_crew",  # … works behind the camera
    "seeks_things",  # … is a place or a piece of gear
    "counted_people",  # "3 girls", "٤٠ رجال"
    "age_ranges",  # "20-30", "من 20 الى 30": each slot of a role list has one
    "money",  # a number beside a currency word
    "phone",
    "email",
    "link",
    "handle",  # @name
    "asks",  # a question mark
    "short",  # below the policy's least length
    "tiny",  # below a third of it
    "long",  # longer than members' own posts tend to be
    "lines",  # laid out in lines, as notices are
)
"""The features that are no list: `features` finds them. Each has a weight like the lists."""

SEEK, MONEY, PEOPLE = "seek", "money", "seeks_people"
_ROLES = {
    "seeking": SEEK,
    "currency": MONEY,
    "roles": PEOPLE,
    "people": PEOPLE,
    "crew": "seeks_crew",
    "job": "seeks_crew",
    "things": "seeks_things",
}  # what the words of a list do in a sentence; of the other lists they do nothing

# The words and numbers of a folded text. Letters and digits stay together ("e3lan", "60s"); see `features` for "5mins".
TOKEN = re.compile(r"[a-z0-9\u0621-\u064a]+")

_NAME = re.compile(r"[a-z_]+")
_POINTS = re.compile(r"\d{1,3}(?:\.\d{1,4})?")
_WEIGHT = re.compile(r"-?\d{1,3}(?:\.\d{1,4})?")
_NONE: Entries = {}


Points = tuple[tuple[str, float, str], ...]
"""What an entry gives: (list, weight, what the list does in a sentence or ""), one for each list that has it."""


Kind = str
"""What an entry is: the names of its lists, in a row. "" for one that gives nothing."""

Phrases = dict[str, list[tuple[list[str], int, Points, Kind]]]
"""By second word, longest first: (the words after it, how many words follow the first, points, kind)."""

Word = tuple[Phrases | None, Points, Kind]
"""A first word as the table holds it: the phrases that it opens, and what it gives by itself."""


class FeatureWeight(NamedTuple):
    """What one point of a feature adds to the score (its sign: for or against a call) and how many points count."""

    weight: float
    cap: float
    reason: str  # how a verdict names it: "+roles", "-crew"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The lists, ready to be asked by folded word, and the weight of every feature."""

    table: Mapping[str, Word]
    weights: Mapping[str, FeatureWeight]

    @classmethod
    def load(cls, folder: Path = LISTS, *, added: Entries = _NONE, removed: Entries = _NONE) -> Lexicon:
        """The lists of a folder, with entries added and removed by list.

        Misconfigured names file and line of every entry that cannot be read, all at once.
        """
        complaints: list[str] = []
        lists: dict[str, dict[Words, float]] = {}
        files = sorted(file for file in folder.glob("*.txt") if file.name != WEIGHTS_FILE)
        for file in files:
            name = file.stem
            lines = _without(
                [(f"{file.name}:{number}", line) for number, line in _lines(file)], name, removed, complaints
            )
            lines += [(f"added to {name}:{number}", line) for number, line in enumerate(added.get(name, ()), start=1)]
            lists[name] = _read_list(lines, complaints)
        unknown = sorted((set(added) | set(removed)) - set(lists))
        complaints += [f"there is no list {name!r}; there are {', '.join(sorted(lists))}" for name in unknown]
        names = set(lists).difference((NEUTRAL,)).union(SIGNALS)
        weights = _read_weights(folder / WEIGHTS_FILE, names, complaints)
        complaints += [f"{WEIGHTS_FILE}: no weight for {name}" for name in sorted(names - set(weights))]
        if not files:
            complaints.append(f"{folder}: holds no word lists")
        if complaints:
            raise Misconfigured("filter word lists: " + "; ".join(complaints))
        return cls(table=_table(lists), weights=weights)

    def weighted(self, weights: Mapping[str, float]) -> Lexicon:
        """The same lists with other weights, by list or signal; those that are not named keep theirs.

        Misconfigured for a name that is neither.
        """
        if unknown := sorted(set(weights) - set(self.weights)):
            raise Misconfigured(f"filter model: weights for {', '.join(unknown)}, which are neither lists nor signals")
        changed = {name: _weight(name, weight, self.weights[name].cap) for name, weight in weights.items()}
        return Lexicon(self.table, {**self.weights, **changed})


def _table(lists: Mapping[str, Mapping[Words, float]]) -> dict[str, Word]:
    """The entries of all lists by their first word. An entry of the neutral list gives nothing and stops the others."""
    points: dict[Words, list[tuple[str, float, str]]] = {}
    neutral = lists.get(NEUTRAL, {})
    for name, entries in lists.items():
        for words, weight in entries.items():
            given = points.setdefault(words, [])
            if weight and words not in neutral:
                given.append((name, weight, _ROLES.get(name, "")))
    phrases: dict[str, Phrases] = {}
    for words in sorted(points, key=len, reverse=True):
        of_first = phrases.setdefault(words[0], {})
        if len(words) > 1:
            whole = tuple(points[words])
            of_first.setdefault(words[1], []).append((list(words[2:]), len(words) - 1, whole, _kind(whole)))
    same: dict[Points, Word] = {}  # most forms give what their neighbours give: one tuple for all keeps the table small
    table: dict[str, Word] = {}
    for first, opened in phrases.items():
        given_alone = tuple(points.get((first,), ()))
        word = same.setdefault(given_alone, (None, given_alone, _kind(given_alone)))
        table[first] = (opened, *word[1:]) if opened else word
    return table


def _kind(points: Points) -> Kind:
    return intern(" ".join(name for name, _, _ in points))


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"filter word lists: {file} cannot be read: {error}") from None
    for number, line in enumerate(text.splitlines(), start=1):
        said = line.split("#", 1)[0].strip()
        if said:
            yield number, said


def _without(lines: list[tuple[str, str]], name: str, removed: Entries, complaints: list[str]) -> list[tuple[str, str]]:
    """The lines of a list without those whose entry is removed; an entry that is not there is complained of."""
    gone = {_words(entry): f"removed from {name}:{n}" for n, entry in enumerate(removed.get(name, ()), start=1)}
    there = {_words(line) for _, line in lines}
    complaints += [
        f"{where}: {' '.join(words)!r} is not in {name}" for words, where in gone.items() if words not in there
    ]
    return [(where, line) for where, line in lines if _words(line) not in gone]


def _words(line: str) -> Words:
    """The folded words of an entry, without its weight and marks."""
    return tuple(TOKEN.findall(fold_text(line.partition("=")[0])))


def _read_list(lines: Iterable[tuple[str, str]], complaints: list[str]) -> dict[Words, float]:
    """The words of one list → their weight. What is written out beats what `~` or a prefix made of another line."""
    written: dict[Words, float] = {}
    made: dict[Words, float] = {}
    for where, line in lines:
        entry, equals, weight_text = (part.strip() for part in line.partition("="))
        exact, stem = entry.strip('"'), entry.endswith("~")
        words = tuple(TOKEN.findall(fold_text(exact.removesuffix("~"))))
        if not words or words[0].isdigit() or "~" in exact.removesuffix("~") or entry.count('"') not in (0, 2):
            complaints.append(f"{where}: {line!r} is no entry")
            continue
        if equals and not _POINTS.fullmatch(weight_text):
            complaints.append(f"{where}: {weight_text!r} is no weight")
            continue
        weight = float(weight_text) if equals else 1.0
        if written.get(words, weight) != weight:
            complaints.append(f"{where}: {entry!r} stands there twice with different weights")
            continue
        written[words] = weight
        for form in forms(words, stem=stem, exact=entry.startswith('"')):
            made.setdefault(form, weight)
    return made | written


def _read_weights(file: Path, known: set[str], complaints: list[str]) -> dict[str, FeatureWeight]:
    """`feature = weight, cap` a line."""
    weights: dict[str, FeatureWeight] = {}
    for number, line in _lines(file):
        name, _, numbers = (part.strip() for part in line.partition("="))
        parts = [part.strip() for part in numbers.split(",")]
        if not _NAME.fullmatch(name) or len(parts) != 2 or not all(_WEIGHT.fullmatch(part) for part in parts):
            complaints.append(f"{file.name}:{number}: {line!r} is not 'feature = weight, cap'")
        elif name not in known:
            complaints.append(f"{file.name}:{number}: {name!r} is neither a list nor a signal")
        elif name in weights:
            complaints.append(f"{file.name}:{number}: {name!r} stands there twice")
        else:
            weight, cap = map(float, parts)
            weights[name] = _weight(name, weight, cap)
    return weights


def _weight(name: str, weight: float, cap: float) -> FeatureWeight:
    return FeatureWeight(weight, cap, f"{'-' if weight < 0 else '+'}{name}")
