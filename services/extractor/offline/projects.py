"""What is made: project type by weighed words, the project's own name, and the company behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.extractor.offline.page import Page
from services.extractor.offline.project_words import TYPES
from services.extractor.offline.stems import stems
from shared.contracts.calls import Evidence, ProjectType, Support

_TYPE_RES = tuple(
    (kind, weight, stems(words), re.compile(rf"(?<!\w)(?=\w)[وف]?(?:ال|لل|بال|[لبم])?(?:{words})\b"))
    for kind, weight, words in TYPES
)
_TITLE_LINE = 3


@dataclass(frozen=True, slots=True)
class FoundProject:
    """The type with the words that decided it; OTHER without evidence where nothing did."""

    type: ProjectType
    evidence: Evidence | None


def find_project(page: Page) -> FoundProject:
    """The project type whose words weigh most; words in the first lines count half as much again."""
    scores: dict[ProjectType, float] = {}
    first: dict[ProjectType, re.Match[str]] = {}
    head = len("\n".join(page.text.split("\n")[:_TITLE_LINE]))
    for kind, weight, needed, pattern in _TYPE_RES:
        if needed and not any(stem in page.text for stem in needed):
            continue
        for hits, match in enumerate(pattern.finditer(page.text), start=1):
            gain = weight if hits == 1 else weight * 0.2 if hits <= 4 else 0
            scores[kind] = scores.get(kind, 0) + gain * _place_weight(kind, match.start() < min(head, 160))
            if kind not in first or match.start() < first[kind].start():
                first[kind] = match
    if not scores:
        return FoundProject(ProjectType.OTHER, None)
    best = max(scores, key=lambda kind: scores[kind])
    return FoundProject(best, page.evidence(page.folded.place(*first[best].span()), Support.DERIVED, "project_words"))


def _place_weight(kind: ProjectType, heading: bool) -> float:
    """Words in the first lines tell more; extras named further down are but one of a production's roles."""
    if heading:
        return 1.5
    return 0.7 if kind is ProjectType.EXTRAS else 1
