"""The public pages: approved, open calls. Nobody has to sign in, nothing of the desk or of the message shows."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import FileResponse, Response

from services.publisher.logic import local_day
from services.publisher.web import feed_files
from services.publisher.web.api import Invalid
from services.publisher.web.feed_answers import PATH, Closed, address_of, base_of, open_call, tagged, was_public
from services.publisher.web.openings import Order, Wanted, asked, choices, part_of
from services.publisher.web.pages import HERE, render
from services.publisher.web.parts import Parts
from services.publisher.web.problems import Problem
from services.publisher.web.sessions import SiteParts, SomeVisitor, Visitor
from services.publisher.web.showcase import Shown
from services.publisher.web.telling import posting, summary
from services.publisher.web.words import Words, language_of
from shared.contracts.calls import ProjectType
from shared.storage.calls import Call, Status, Summary

router = APIRouter(include_in_schema=False)
_PER_PAGE = 24
_ENTRIES = 50
_AT_ONCE = 500
_ALL = 50_000  # more than a map of a site may hold
_CANCELLED_FOR = timedelta(days=60)  # calendars that look less often keep an event that is no more
Cursor = Annotated[str | None, Query(max_length=100)]


@router.get(PATH)
async def feed_page(
    request: Request, parts: SiteParts, showcase: Shown, visitor: SomeVisitor, cursor: Cursor = None
) -> Response:
    """The page of the open calls that the address asks for."""
    today, wanted = local_day(parts.clock()), asked(request.query_params)
    openings = await showcase.open_on(today)
    try:
        part = part_of(openings, wanted, today, cursor=cursor, limit=_PER_PAGE)
    except ValueError:
        raise Invalid([Problem(path="cursor", code="cursor", message="not a cursor of this list")]) from None
    cities, types = choices(openings)
    page = base_of(request, parts) + PATH
    answer = render(
        request,
        "feed.html",
        visitor=_known(visitor),
        calls=[item.call for item in part.items],
        total=part.total,
        wanted=wanted,
        orders=list(Order),
        cities=cities,
        types=types or [(str(kind), 0) for kind in ProjectType],
        url=page,
        picture=f"{page}/preview.png",
        more=_query(wanted, cursor=part.next) if part.next else None,
        first=_query(wanted) if cursor else None,
        files_query=_query(wanted),
    )
    return _cached(answer)


@router.get(f"{PATH}/feed.atom")
async def atom_feed(request: Request, parts: SiteParts, showcase: Shown) -> Response:
    """The same list as an Atom feed, latest change first."""
    today, wanted = local_day(parts.clock()), asked(request.query_params)
    part = part_of(await showcase.open_on(today), wanted, today, cursor=None, limit=_ENTRIES)
    page = base_of(request, parts) + PATH
    body = feed_files.atom(
        Words(language_of(request)),
        [item.call for item in part.items],
        self_url=f"{page}/feed.atom{_query(wanted)}",
        page_url=page + _query(wanted),
        address=partial(address_of, request, parts),
    )
    return tagged(request, body, feed_files.ATOM, spoken=True)


@router.get(f"{PATH}/deadlines.ics")
async def calendar(request: Request, parts: SiteParts, showcase: Shown) -> Response:
    """The deadlines of the same list as a calendar; what was withdrawn lately is in it as cancelled."""
    now = parts.clock()
    today, wanted = local_day(now), asked(request.query_params)
    part = part_of(await showcase.open_on(today), wanted, today, cursor=None, limit=_ALL)
    cancelled = await _cancelled(parts, now - _CANCELLED_FOR)
    body = await asyncio.to_thread(  # a thousand events: the desk must not wait for them
        feed_files.calendar,
        Words(language_of(request)),
        [item.call for item in part.items],
        cancelled,
        address=partial(address_of, request, parts),
    )
    return tagged(request, body, feed_files.CALENDAR, spoken=True)


async def _cancelled(parts: Parts, since: datetime) -> list[Call]:
    """All calls that were withdrawn since, read part by part: others get their turn in between."""
    gone: dict[str, Summary] = {}
    while True:
        rows = await parts.calls.gone_since(since, limit=_AT_ONCE)
        fresh = [row for row in rows if row.id not in gone]
        gone |= {row.id: row for row in fresh}
        if len(rows) < _AT_ONCE or not fresh:
            break
        since = rows[-1].changed_at or since  # those of this very moment come again, and are known
    ids = [row.id for row in gone.values() if row.status is not Status.EXPIRED]
    found: list[Call] = []
    for start in range(0, len(ids), _AT_ONCE):
        found += await parts.calls.many(ids[start : start + _AT_ONCE])
    return [call for call in found if was_public(call)]


@router.get(f"{PATH}/preview.png")
async def preview() -> Response:
    """The picture that other sites show beside a link to us. They may load it."""
    headers = {"cache-control": "public, max-age=86400", "cross-origin-resource-policy": "cross-origin"}
    return FileResponse(HERE / "static" / "preview.png", media_type="image/png", headers=headers)


@router.get(PATH + "/{id}")
async def feed_call(id: str, request: Request, parts: SiteParts, visitor: SomeVisitor) -> Response:
    """The page of one open call; 410 for one that was."""
    try:
        call = await open_call(parts, id)
    except Closed:
        return _cached(render(request, "feed_gone.html", visitor=_known(visitor), status_code=410))
    return _cached(_call_page(request, parts, visitor, call))


def _call_page(request: Request, parts: Parts, visitor: Visitor, call: Call) -> Response:
    words, address = Words(language_of(request)), address_of(request, parts, call.id)
    answer = render(
        request,
        "feed_call.html",
        visitor=_known(visitor),
        call=call,
        url=address,
        picture=f"{base_of(request, parts)}{PATH}/preview.png",
        posting=posting(words, call, address),
        summary=summary(words, call.fields),
        changed=feed_files.changed(call),
    )
    answer.headers["last-modified"] = f"{feed_files.changed(call):%a, %d %b %Y %H:%M:%S} GMT"
    return answer


@router.get("/sitemap.xml")
async def sitemap(request: Request, parts: SiteParts, showcase: Shown) -> Response:
    """Every open call, for search engines."""
    today = local_day(parts.clock())
    part = part_of(await showcase.open_on(today), Wanted(), today, cursor=None, limit=_ALL)
    body = await asyncio.to_thread(
        feed_files.sitemap,
        [item.call for item in part.items],
        page_url=base_of(request, parts) + PATH,
        address=partial(address_of, request, parts),
    )
    return tagged(request, body, "application/xml; charset=utf-8")


@router.get("/robots.txt")
async def robots(request: Request, parts: SiteParts) -> Response:
    """What search engines may read."""
    return tagged(request, feed_files.robots(base_of(request, parts)), "text/plain; charset=utf-8")


def _query(wanted: Wanted, **more: str) -> str:
    values = wanted.address() | more
    return f"?{urlencode(values)}" if values else ""


def _known(visitor: Visitor) -> Visitor | None:
    # Strangers get no session cookie for reading.
    return visitor if visitor.account else None


def _cached(answer: Response) -> Response:
    # The page depends on the reader's language, which a shared cache does not know.
    answer.headers["cache-control"] = "private, max-age=15"
    answer.headers["vary"] = "cookie, accept-language"
    return answer
