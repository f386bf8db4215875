"""What is made: the project type, by weighed words and a trained model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from services.extractor.offline.page import Page
from services.extractor.offline.project_model import scores_of, telling_word
from services.extractor.offline.project_signs import SIGNS
from services.extractor.offline.project_words import TYPES
from services.extractor.offline.stems import stems
from shared.contracts.calls import Evidence, ProjectType, Support

_WORD = re.compile(r"\w+")
_BEGUN = 5  # letters with which a word is looked up
_JOINED = frozenset(
    f"{one}{other}" for one in ("", "و", "ف") for other in ("", "ال", "لل", "بال", "عال", "هال", "ل", "ب", "م")
)


def _begun(words: str) -> frozenset[str] | None:
    """The first letters of the words that a pattern may begin with; None where they cannot be told."""
    found = stems(words)
    return frozenset(match[0][:_BEGUN] for stem in found if (match := _WORD.match(stem))) if found else None


_TYPE_RES = tuple(
    (kind, weight, _begun(words), re.compile(rf"(?<!\w)(?=\w)[وف]?(?:ال|لل|بال|عال|هال|[لبم])?(?:{words})\b"))
    for kind, weight, words in (*TYPES, *SIGNS)
)
_ALL_BEGUN = frozenset(one for _, _, begun, _ in _TYPE_RES for one in begun or ())
_TITLE_LINE = 3
_RULES_SHARE = 0.5  # what a point of a rule is worth against the model; measured with each corpus held back in turn


@dataclass(frozen=True, slots=True)
class FoundProject:
    """The type with the words that decided it. `named` where a word of the lists says some type at all."""

    type: ProjectType
    evidence: Evidence | None
    named: bool = True


def find_project(page: Page) -> FoundProject:
    """The project type for which the lists' words and the trained model together speak most."""
    ruled, first = _ruled(page)
    scores = scores_of(page.text)
    for kind, points in ruled.items():
        scores[kind] = scores.get(kind, 0.0) + _RULES_SHARE * points
    best = max(ProjectType, key=lambda kind: scores.get(kind, 0.0))
    if best in first:
        return FoundProject(best, _evidence(page, first[best].span(), "project_words"))
    word = telling_word(page.text, best)
    return FoundProject(best, _evidence(page, word, "project_model") if word else None, named=bool(ruled))


def _evidence(page: Page, span: tuple[int, int], rule: str) -> Evidence:
    return page.evidence(page.folded.place(*span), Support.DERIVED, rule)


def _ruled(page: Page) -> tuple[dict[ProjectType, float], dict[ProjectType, re.Match[str]]]:
    """The points of each type by the lists, and where its first word stands. The first lines count for more."""
    scores: dict[ProjectType, float] = {}
    first: dict[ProjectType, re.Match[str]] = {}
    text = page.text
    head = min(len("\n".join(text.split("\n", _TITLE_LINE)[:_TITLE_LINE])), 160)
    places = _places(text)
    for kind, weight, begun, pattern in _TYPE_RES:
        for hits, match in enumerate(_matches(text, places, begun, pattern), start=1):
            gain = weight if hits == 1 else weight * 0.2 if hits <= 4 else 0
            scores[kind] = scores.get(kind, 0) + gain * _place_weight(kind, match.start() < head)
            if kind not in first or match.start() < first[kind].start():
                first[kind] = match
    return scores, first


def _places(text: str) -> dict[str, list[int]]:
    """Beginning of a word → where such words stand. A pattern is tried there alone, which is far cheaper."""
    found: dict[str, list[int]] = {}
    for match in _WORD.finditer(text):
        for letters in _beginnings(match[0]):
            found.setdefault(letters, []).append(match.start())
    return found


@lru_cache(maxsize=4_096)
def _beginnings(word: str) -> tuple[str, ...]:
    """The first letters of a word, also without what Arabic joins in front, as far as some pattern begins with them."""
    bare = [word[size : size + _BEGUN] for size in range(min(_BEGUN, len(word))) if word[:size] in _JOINED]
    return tuple({one[:size] for one in bare for size in range(1, _BEGUN + 1)} & _ALL_BEGUN)


def _matches(
    text: str, places: dict[str, list[int]], begun: frozenset[str] | None, pattern: re.Pattern[str]
) -> Iterator[re.Match[str]]:
    """All matches of a pattern, none overlapping another."""
    if begun is None:
        yield from pattern.finditer(text)
        return
    end = 0
    for at in sorted({at for letters in begun & places.keys() for at in places[letters]}):
        match = pattern.match(text, at) if at >= end else None
        if match:
            end = match.end()
            yield match


def _place_weight(kind: ProjectType, heading: bool) -> float:
    """Words in the first lines tell more; extras named further down are but one of a production's roles."""
    if heading:
        return 1.5
    return 0.7 if kind is ProjectType.EXTRAS else 1
