"""The public JSON API: the open calls, one of them, and what has changed since."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime
from starlette.responses import Response

from services.publisher.filters import Place, cursor_of, milliseconds, place_in
from services.publisher.logic import local_day
from services.publisher.web.api import Invalid
from services.publisher.web.api_models import Gone, ProblemView, PublicCall, PublicPage
from services.publisher.web.feed_answers import API, address_of, open_call, tagged
from services.publisher.web.openings import Order, Wanted, part_of
from services.publisher.web.parts import Parts
from services.publisher.web.problems import Problem
from services.publisher.web.sessions import SiteParts
from services.publisher.web.showcase import Shown
from shared.contracts.calls import ProjectType
from shared.storage.calls import Call

_JSON = "application/json"
_MOMENT = 100  # so many calls may leave within one millisecond, as after one action on many
_SHAPE = ProblemView.model_json_schema(ref_template="#/components/schemas/{model}")
_SHAPE.pop("$defs")  # the desk's errors bring them along
_ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"description": HTTPStatus(code).phrase, "content": {"application/problem+json": {"schema": _SHAPE}}}
    for code in (404, 410, 422, 503)
}
router = APIRouter(prefix=API, tags=["feed"], responses=_ERRORS)


@router.get("", response_model=PublicPage)
async def list_public(
    request: Request,
    parts: SiteParts,
    showcase: Shown,
    updated_since: AwareDatetime | None = None,
    city: Annotated[str, Query(max_length=100)] = "",
    type: ProjectType | None = None,
    gender: Literal["male", "female"] | None = None,
    age: Annotated[int | None, Query(ge=0, le=110)] = None,
    pay: Literal["paid", "unpaid"] | None = None,
    deadline: Literal["week", "month"] | None = None,
    q: Annotated[str, Query(max_length=100)] = "",
    order: Order = Order.NEWEST,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """Open calls, latest change first, narrowed as asked.

    With `updated_since` instead: everything that changed since, earliest first, with what is gone (withdrawn, expired,
    taken back) beside it on the same pages. Ask again later with the latest `changed_at` that you have seen, less a
    minute, and keep the highest `revision` of each call.
    """
    wanted = Wanted(city, type, gender, age, pay, deadline, q, order)
    try:
        if updated_since is None:
            page = await _open(request, parts, showcase, wanted, cursor, limit)
        elif wanted != Wanted():
            raise Invalid([Problem(path="updated_since", code="alone", message="filters do not go with updated_since")])
        else:
            page = await _changes(request, parts, showcase, updated_since, cursor, limit)
    except ValueError:
        raise Invalid([Problem(path="cursor", code="cursor", message="not a cursor of this list")]) from None
    return tagged(request, page.model_dump_json().encode(), _JSON)


@router.get("/{id}", response_model=PublicCall)
async def show_public(id: str, request: Request, parts: SiteParts) -> Response:
    """One open call; 410 where it was open and is no more."""
    call = _public(request, parts, await open_call(parts, id))
    return tagged(request, call.model_dump_json().encode(), _JSON)


async def _open(
    request: Request, parts: Parts, showcase: Shown, wanted: Wanted, cursor: str | None, limit: int
) -> PublicPage:
    today = local_day(parts.clock())
    part = part_of(await showcase.open_on(today), wanted, today, cursor=cursor, limit=limit)
    items = [_public(request, parts, item.call) for item in part.items]
    return PublicPage(items=items, total=part.total, next=part.next)


async def _changes(
    request: Request, parts: Parts, showcase: Shown, since: datetime, cursor: str | None, limit: int
) -> PublicPage:
    """One page of what changed: open calls and those that left, in the order in which they did."""
    after = place_in(cursor) if cursor else (0, "")
    start = max(since, datetime.fromtimestamp(after[0] / 1000, since.tzinfo))
    openings = await showcase.open_on(local_day(parts.clock()))
    here = {item.place(Order.NEWEST): item.call for item in openings}
    left = {
        _place(row.changed_at or row.updated_at, row.id): row
        for row in await parts.calls.gone_since(start, limit=limit + _MOMENT)
    }
    first = (milliseconds(since), "")
    places = sorted(place for place in {*here, *left} if place > after and place >= first)
    chosen = places[:limit]
    gone = [left[place] for place in chosen if place in left]
    return PublicPage(
        items=[_public(request, parts, here[place]) for place in chosen if place in here and place not in left],
        gone=[Gone(id=row.id, changed_at=row.changed_at or row.updated_at, status=row.status) for row in gone],
        next=cursor_of(chosen[-1]) if len(places) > limit else None,
    )


def _place(at: datetime, id: str) -> Place:
    return milliseconds(at), id


def _public(request: Request, parts: Parts, call: Call) -> PublicCall:
    return PublicCall(
        id=call.id,
        revision=call.revision,
        call=call.fields,
        posted_at=call.message.sent_at,
        changed_at=call.changed_at or call.updated_at,
        closes_on=call.closes_on,
        url=address_of(request, parts, call.id),
    )
