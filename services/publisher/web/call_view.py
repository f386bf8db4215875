"""What the desk shows of one call: its form, its marks, its history, and an earlier call beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.publisher.differences import changes
from services.publisher.filters import Filter, level_of
from services.publisher.logic import asks_about_filter, local_day
from services.publisher.merges import with_news
from services.publisher.sightings import sightings
from services.publisher.suggestions import taken_up
from services.publisher.web.asked import Asked
from services.publisher.web.conflicts import clashes
from services.publisher.web.forms import Draft, draft_of
from services.publisher.web.parts import Parts
from services.publisher.web.present import differences, marks
from services.publisher.web.problems import Problem
from services.publisher.web.words import Words
from shared.contracts.calls import CastingCall
from shared.storage.calls import Call, HistoryEntry, Status, Summary, summary_of

_FOUND = 12
_TOLD = 5
_FIELD_FLAGS = ("unsupported", "disagree")


@dataclass(frozen=True, slots=True)
class Typed:
    """What a refused form held, and why it was refused."""

    draft: Draft | None = None
    over: int | None = None  # the version that it was typed over; the call's own where nothing is said
    problems: Sequence[Problem] = ()
    conflict: bool = False
    happened: Sequence[HistoryEntry] = ()  # since the reviewer loaded the call
    took: bool = False  # of what clashes, some was taken from the other
    mine: CastingCall | None = None  # the typed fields, to be told from those of the call as it stands
    reason: str = ""
    note: str = ""
    refused: str | None = None


async def call_values(parts: Parts, words: Words, asked: Asked, call: Call, typed: Typed) -> dict[str, Any]:
    """The values that the templates of one call need."""
    return {
        "draft": typed.draft or draft_of(call.fields),
        "problems": {item.path: problem_text(words, item) for item in typed.problems},
        "typed": typed,
        "over": call.version if typed.over is None else typed.over,
        "happened": [(line, differences(words, line.changes)) for line in typed.happened[-_TOLD:]],
        "clashes": clashes(words, call.fields, typed.mine) if typed.mine else [],
        "marks": marks(call.message.text, call.evidence),
        "field_flags": _field_flags(call),
        "levels": {path: level_of(value) for path, value in call.confidence.items()},
        "history": [(line, differences(words, line.changes)) for line in reversed(call.history)],
        "place": parts.backlog.place(summary_of(call), asked.wanted.sort),
        "suggestions": [
            (item, differences(words, changes(call.fields, taken_up(call, item))))
            for item in call.suggestions
            if item.open
        ],
        "seen_in": await sightings(parts.ledger, parts.calls, call),
        "closed": call.closes_on is not None and call.closes_on < local_day(parts.clock()),
        "editable": call.status in (Status.PENDING, Status.APPROVED),
        "asks": call.status is Status.PENDING and asks_about_filter(call),
        "merged_into": await parts.calls.get(call.merged_into) if call.merged_into else None,
        "beside": await _beside(parts, words, asked, call),
        "found": _found(parts, asked, call),
    }


def problem_text(words: Words, problem: Problem) -> str:
    """The problem in the reviewer's language; the validator's own words where we have none."""
    key = f"problem.{problem.code}"
    return words(key, **problem.details) if words.has(key) else problem.message


def _field_flags(call: Call) -> dict[str, list[str]]:
    """Field path → what its flags say of it: "unsupported", "disagree"."""
    found: dict[str, list[str]] = defaultdict(list)
    for flag in call.flags:
        kind, _colon, path = flag.name.partition(":")
        if kind in _FIELD_FLAGS and path:
            found[path].append(kind)
    return dict(found)


async def _beside(parts: Parts, words: Words, asked: Asked, call: Call) -> dict[str, Any] | None:
    """An earlier call to compare with: the one that was asked for, else the one that the extractor found alike."""
    likeness = call.likeness
    id = asked.beside or (likeness.call_id if likeness and call.status is Status.PENDING else None)
    earlier = await parts.calls.get(id) if id and id != call.id else None
    if earlier is None:
        return None
    known = likeness if likeness and likeness.call_id == earlier.id else None
    return {
        "call": earlier,
        "likeness": known,
        "conflicts": set(known.conflicts) if known else set(),
        "differences": differences(words, changes(earlier.fields, call.fields)),
        "news": differences(words, changes(earlier.fields, with_news(earlier.fields, call.fields))),
        "seen_in": await sightings(parts.ledger, parts.calls, earlier),
        "changeable": earlier.status in (Status.PENDING, Status.APPROVED),
    }


def _found(parts: Parts, asked: Asked, call: Call) -> list[Summary] | None:
    """Calls with these words, the approved ones first; None where nobody looks for one."""
    if asked.find is None:
        return None
    rows = [
        row
        for status in (Status.APPROVED, Status.PENDING)
        for row in parts.backlog.page(Filter(status=status, q=asked.find), limit=_FOUND + 1).rows
        if row.id != call.id
    ]
    return rows[:_FOUND]
