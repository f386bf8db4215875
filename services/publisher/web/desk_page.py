"""What the desk's page shows: the list, the call beside it, and what was typed into its form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import Response

from services.publisher.backlog import Filter, Page, place_of
from services.publisher.differences import changes
from services.publisher.logic import Reason, local_day
from services.publisher.sightings import sightings
from services.publisher.suggestions import taken_up
from services.publisher.web.forms import Draft, draft_of
from services.publisher.web.pages import render
from services.publisher.web.parts import Parts
from services.publisher.web.present import differences, marks
from services.publisher.web.problems import Problem
from services.publisher.web.sessions import Visitor
from services.publisher.web.words import Words, language_of, table
from shared.contracts.calls import ContactKind, Gender, PayKind, ProjectType
from shared.storage.calls import Call, FieldChange, Status

_PER_PAGE = 60
CITIES = tuple(key.removeprefix("city.") for key in table("en") if key.startswith("city."))
CHOICES: dict[str, Sequence[str]] = {
    "type": [str(item) for item in ProjectType],
    "gender": [str(item) for item in Gender],
    "pay": [str(item) for item in PayKind],
    "per": ["day", "hour", "month", "project"],
    "contact": [str(item) for item in ContactKind],
    "language": ["ar", "en", "mixed"],
    "reason": [str(item) for item in Reason],
    "status": [str(item) for item in Status],
    "city": CITIES,
    "currency": ["SAR", "AED", "KWD", "BHD", "QAR", "OMR", "USD"],
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    wanted: Filter
    cursor: str | None = None
    done: str | None = None  # the call that was decided a moment ago

    @property
    def query(self) -> str:
        """The list's part of the address, to come back to it."""
        values = {"status": str(self.wanted.status), "group": self.wanted.group or "", "q": self.wanted.q}
        return urlencode({name: value for name, value in values.items() if value and value != "pending"})


@dataclass(frozen=True, slots=True)
class Typed:
    """What a refused form held, and why it was refused."""

    draft: Draft | None = None
    problems: Sequence[Problem] = ()
    conflict: bool = False
    mine: tuple[FieldChange, ...] = ()  # how the typed fields differ from the call as it stands
    reason: str = ""
    note: str = ""
    refused: str | None = None


async def desk_page(
    request: Request,
    parts: Parts,
    visitor: Visitor,
    asked: Asked,
    call: Call | None,
    *,
    picked: bool,
    typed: Typed | None = None,
    status_code: int = 200,
) -> Response:
    """The desk with this call on it. `picked`: the reviewer chose it, so a phone shows it instead of the list."""
    words = Words(language_of(request))
    page = await _page(parts, asked)
    done = await parts.calls.get(asked.done) if asked.done else None
    return render(
        request,
        "review.html",
        visitor=visitor,
        status_code=status_code,
        here=f"/review/{call.id}" if call else "/review",
        asked=asked,
        page=page,
        counts=parts.backlog.counts(),
        groups=parts.backlog.groups(asked.wanted.status),
        choices=CHOICES,
        call=call,
        picked=picked,
        done=done if done and done.status is not Status.PENDING else None,
        view=await _view(parts, words, call, typed or Typed()) if call else None,
    )


async def _page(parts: Parts, asked: Asked) -> Page:
    if asked.wanted.status in (Status.PENDING, Status.APPROVED):
        try:
            return parts.backlog.page(asked.wanted, cursor=asked.cursor, limit=_PER_PAGE)
        except ValueError:
            return parts.backlog.page(asked.wanted, limit=_PER_PAGE)
    try:
        before = datetime.fromisoformat(asked.cursor).astimezone(UTC) if asked.cursor else None
    except ValueError:
        before = None
    rows = await parts.calls.decided(asked.wanted.status, before=before, limit=_PER_PAGE)
    return Page(rows, len(rows), rows[-1].updated_at.isoformat() if len(rows) == _PER_PAGE else None)


async def _view(parts: Parts, words: Words, call: Call, typed: Typed) -> dict[str, Any]:
    now = parts.clock()
    return {
        "draft": typed.draft or draft_of(call.fields),
        "problems": {item.path: problem_text(words, item) for item in typed.problems},
        "typed": typed,
        "mine": differences(words, typed.mine),
        "marks": marks(call.message.text, call.evidence),
        "history": [(line, differences(words, line.changes)) for line in reversed(call.history)],
        "place": place_of(call),
        "suggestions": [
            (item, differences(words, changes(call.fields, taken_up(call, item))))
            for item in call.suggestions
            if item.open
        ],
        "seen_in": await sightings(parts.ledger, call),
        "closed": call.closes_on is not None and call.closes_on < local_day(now),
        "editable": call.status in (Status.PENDING, Status.APPROVED),
    }


def problem_text(words: Words, problem: Problem) -> str:
    """The problem in the reviewer's language; the validator's own words where we have none."""
    key = f"problem.{problem.code}"
    return words(key, **problem.details) if words.has(key) else problem.message
