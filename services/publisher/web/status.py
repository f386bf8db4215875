"""The status page: where the messages stand, and what needs somebody."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.publisher.web.pages import render
from services.publisher.web.sessions import Admin, SiteParts
from shared.storage.ledger import State

router = APIRouter()
_LETTERS = 20


@router.get("/admin/digital-twin-status", include_in_schema=False)
async def status_page(request: Request, who: Admin, parts: SiteParts) -> Response:
    """Counts by state and fate, and the latest dead letters."""
    states, letters, open_letters = await asyncio.gather(
        parts.ledger.count_by_state(), parts.dead_letters.open(limit=_LETTERS), parts.dead_letters.count_open()
    )
    rows = [(str(state), states.get(str(state), 0)) for state in State]
    return render(
        request,
        "status.html",
        visitor=who,
        rows=rows,
        total=sum(count for _state, count in rows),
        most=max((count for _state, count in rows), default=0),
        queue=parts.backlog.counts(),
        letters=letters,
        open_letters=open_letters,
    )
