"""What other reviewers do, told to an open desk as it happens, and the claim that tells them what I look at."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from starlette.responses import Response, StreamingResponse

from services.publisher.filters import Filter
from services.publisher.web.asked import Asked, asked_of
from services.publisher.web.parts import Parts
from services.publisher.web.sessions import Reviewer, SiteParts
from shared.storage.calls import Summary

router = APIRouter(include_in_schema=False)
_BEATS: Final = 40
"""After so many quiet spells a stream ends; the browser comes again and shows who it is anew."""


@router.get("/review/live")
async def live(parts: SiteParts, who: Reviewer, asked: Annotated[Asked, Depends(asked_of)]) -> Response:
    """Server-sent events: `change` (a call as it stands now), `claims` (call id → name of who looks at it).

    The address asks for a list; `entered` says that the call has just become one of it. `counts` comes first: what
    happened before it is told to nobody.
    """
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_stream(parts, who.name, asked.wanted), media_type="text/event-stream", headers=headers)


@router.post("/review/{id}/claim", status_code=204)
async def claim(id: str, parts: SiteParts, who: Reviewer) -> Response:
    """Claims the call, or renews the claim: the page sends this while it is looked at."""
    if parts.backlog.get(id) is not None:
        await parts.presence.take(id, who.name)
    return Response(status_code=204)


@router.post("/review/{id}/release", status_code=204)
async def release(id: str, parts: SiteParts, who: Reviewer) -> Response:
    """Gives the call back: the page sends this when it is left."""
    await parts.presence.release(id, who.name)
    return Response(status_code=204)


async def _stream(parts: Parts, me: str, wanted: Filter) -> AsyncGenerator[str, None]:
    yield "retry: 1000\n\n" + _event("counts", parts.backlog.counts()) + _event("claims", parts.presence.others(me))
    beats = 0
    async for news in parts.live.listen():
        if news is None:
            beats += 1
            yield ": still here\n\n"
            if beats >= _BEATS:
                return
        elif news.call is not None:
            entered = news.entered and _in_list(news.call, wanted, parts)
            yield _event("change", _change(news.call, parts, entered=entered))
        else:
            yield _event("claims", parts.presence.others(me))


def _in_list(row: Summary, wanted: Filter, parts: Parts) -> bool:
    return row.status is wanted.status and wanted.matcher(parts.clock())(row)


def _change(row: Summary, parts: Parts, *, entered: bool) -> dict[str, Any]:
    counts = parts.backlog.counts()
    values = {"id": row.id, "version": row.version, "status": str(row.status), "by": row.decided_by}
    return values | {"entered": entered, "counts": counts}


def _event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
