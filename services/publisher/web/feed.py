"""The public side: approved, open calls as JSON and as pages. Nobody has to sign in, nothing of the desk shows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime
from starlette.responses import Response

from services.publisher.backlog import Page
from services.publisher.desk import Unknown
from services.publisher.logic import local_day
from services.publisher.web.api import ERRORS, Invalid
from services.publisher.web.api_models import Gone, PublicCall, PublicPage
from services.publisher.web.pages import render
from services.publisher.web.parts import Parts
from services.publisher.web.problems import Problem
from services.publisher.web.sessions import SiteParts, SomeVisitor, Visitor
from shared.storage.calls import Call, Status

router = APIRouter()
_PUBLIC = "public, max-age=15"
_PER_PAGE = 24
Cursor = Annotated[str | None, Query(max_length=100)]


@router.get("/api/v1/casting-calls", tags=["feed"], responses={422: ERRORS[422], 503: ERRORS[503]})
async def list_public(
    request: Request,
    response: Response,
    parts: SiteParts,
    updated_since: AwareDatetime | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Cursor = None,
) -> PublicPage:
    """Open calls, latest change first. With `updated_since`: what changed since, earliest first, and what is gone."""
    page, calls = await _open_calls(parts, since=updated_since, cursor=cursor, limit=limit)
    gone: list[Gone] = []
    if updated_since is not None and cursor is None:
        left = await parts.calls.gone_since(updated_since)
        gone = [Gone(id=row.id, changed_at=row.changed_at or row.updated_at, status=row.status) for row in left]
    response.headers["cache-control"] = _PUBLIC
    items = [_public(request, parts, call) for call in calls]
    return PublicPage(items=items, gone=gone, total=page.total, next=page.next_cursor)


@router.get("/api/v1/casting-calls/{id}", tags=["feed"], responses={404: ERRORS[404], 503: ERRORS[503]})
async def show_public(id: str, request: Request, response: Response, parts: SiteParts) -> PublicCall:
    """One open call."""
    call = await _open_call(parts, id)
    response.headers["cache-control"] = _PUBLIC
    return _public(request, parts, call)


@router.get("/casting-calls", include_in_schema=False)
async def feed_page(request: Request, parts: SiteParts, visitor: SomeVisitor, cursor: Cursor = None) -> Response:
    """The page of all open calls."""
    page, calls = await _open_calls(parts, since=None, cursor=cursor, limit=_PER_PAGE)
    answer = render(
        request, "feed.html", visitor=_known(visitor), calls=calls, total=page.total, next_cursor=page.next_cursor
    )
    return _cached(answer)


@router.get("/casting-calls/{id}", include_in_schema=False)
async def feed_call(id: str, request: Request, parts: SiteParts, visitor: SomeVisitor) -> Response:
    """The page of one open call."""
    call = await _open_call(parts, id)
    address = _address(request, parts, call)
    return _cached(render(request, "feed_call.html", visitor=_known(visitor), call=call, url=address))


def _known(visitor: Visitor) -> Visitor | None:
    # Strangers get no session cookie for reading.
    return visitor if visitor.account else None


def _cached(answer: Response) -> Response:
    # The page depends on the reader's language, which a shared cache does not know.
    answer.headers["cache-control"] = "private, max-age=15"
    answer.headers["vary"] = "cookie, accept-language"
    return answer


async def _open_calls(
    parts: Parts, *, since: datetime | None, cursor: str | None, limit: int
) -> tuple[Page, list[Call]]:
    try:
        page = parts.backlog.public(local_day(parts.clock()), since=since, cursor=cursor, limit=limit)
    except ValueError:
        raise Invalid([Problem(path="cursor", code="cursor", message="not a cursor of this list")]) from None
    calls = await parts.calls.many([row.id for row in page.rows])
    return page, [call for call in calls if call.status is Status.APPROVED]


async def _open_call(parts: Parts, id: str) -> Call:
    call = await parts.calls.get(id)
    if call is None or call.status is not Status.APPROVED:
        raise Unknown("there is no open call of this id")
    if call.closes_on is not None and call.closes_on < local_day(parts.clock()):
        raise Unknown("this call is closed")
    return call


def _address(request: Request, parts: Parts, call: Call) -> str:
    base = (parts.options.public_url or str(request.base_url)).rstrip("/")
    return f"{base}/casting-calls/{call.id}"


def _public(request: Request, parts: Parts, call: Call) -> PublicCall:
    return PublicCall(
        id=call.id,
        revision=call.revision,
        call=call.fields,
        posted_at=call.message.sent_at,
        changed_at=call.changed_at or call.updated_at,
        closes_on=call.closes_on,
        url=_address(request, parts, call),
    )
