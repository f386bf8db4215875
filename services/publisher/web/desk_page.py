"""What the desk's page shows: the list, and beside it one call or a panel."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request
from starlette.responses import Response

from services.publisher.backlog import Page
from services.publisher.filters import Sort
from services.publisher.logic import Reason
from services.publisher.web.asked import AGE_CHOICES, LEVELS, Asked
from services.publisher.web.call_view import Typed, call_values
from services.publisher.web.decided import all_choices, decided_page
from services.publisher.web.pages import render
from services.publisher.web.parts import Parts
from services.publisher.web.sessions import Visitor
from services.publisher.web.words import Words, language_of, table
from shared.contracts.calls import ContactKind, Gender, PayKind, ProjectType
from shared.storage.calls import Call, Status

PER_PAGE = 60
HELD = (Status.PENDING, Status.APPROVED)
"""The statuses whose calls the list holds in memory, to be filtered and sorted."""
FRAGMENT = "x-desk"
"""A request's header by which our script asks for the changing part of the page alone; the answer carries it too."""

TOLD = "told"
"""That header's value where our script shows the next call already: the answer is a line that says what was done."""

ADDRESS = "x-desk-address"
"""The address of what such an answer shows, where it is not the one that was asked."""

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
    "sort": [str(item) for item in Sort],
    "confidence": LEVELS,
    "age": AGE_CHOICES,
}


async def desk_page(
    request: Request,
    parts: Parts,
    visitor: Visitor,
    asked: Asked,
    call: Call | None,
    *,
    picked: bool,
    typed: Typed | None = None,
    panel: str | None = None,
    status_code: int = 200,
    claiming: bool = True,
    **more: Any,
) -> Response:
    """The desk with this call on it, or a panel instead ("paste", "mine", "bulk") with what it needs in `more`.

    `picked`: the reviewer chose it, so a phone shows it instead of the list. `claiming`: the reviewer looks at it now.
    """
    words = Words(language_of(request))
    fragment = FRAGMENT in request.headers
    claim = claiming and fragment and call is not None and call.status is Status.PENDING
    done, view, _claim = await asyncio.gather(
        parts.calls.get(asked.done) if asked.done else _nothing(),
        call_values(parts, words, asked, call, typed or Typed()) if call else _nothing(),
        parts.presence.take(call.id, visitor.name) if call and claim else _nothing(),
    )
    values: dict[str, Any] = {
        "here": asked.at(call.id if call else None),
        "asked": asked,
        "choices": CHOICES,
        "call": call,
        "picked": picked,
        "panel": panel,
        "done": done,
        "saved": request.query_params.get("saved") == "1",
        "claims": parts.presence.others(visitor.name),
        "counts": parts.backlog.counts(),
        "view": view,
        "more": more,
    }
    if not fragment:
        values |= await list_values(parts, asked)
    template = "_sheet.html" if fragment else "review.html"
    answer = render(request, template, visitor=visitor, status_code=status_code, **values)
    if fragment:
        answer.headers[FRAGMENT] = "sheet"
    return answer


async def _nothing() -> None:
    return None


async def list_values(parts: Parts, asked: Asked) -> Mapping[str, Any]:
    """What the list needs: its page of rows and what it can be narrowed by."""
    status = asked.wanted.status
    held = status in HELD
    facets = parts.backlog.facets(status) if held else all_choices(parts.office.board.readings.sources, CITIES)
    return {"page": await _page(parts, asked), "facets": facets}


async def _page(parts: Parts, asked: Asked) -> Page:
    status, wanted = asked.wanted.status, asked.wanted
    for cursor in (asked.cursor, None):
        try:
            if status in HELD:
                return parts.backlog.page(wanted, cursor=cursor, limit=PER_PAGE)
            return await decided_page(parts.calls, wanted, parts.clock(), cursor=cursor, limit=PER_PAGE)
        except ValueError:  # a cursor of long ago, or made up: the list from its beginning
            continue
    raise AssertionError("a list from its beginning needs no cursor")
