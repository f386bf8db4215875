"""Several calls at once, with a count and an undo; and a reviewer's own last decisions, each to be undone."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from services.publisher.desk import Conflict, Unknown
from services.publisher.logic import Reason
from services.publisher.web.asked import Asked, asked_of
from services.publisher.web.desk_page import desk_page
from services.publisher.web.parts import Parts
from services.publisher.web.sessions import Reviewer, SiteParts
from services.publisher.web.turns import MAX_NOTE, asked_by, note_in
from shared.errors import Permanent
from shared.storage.calls import Call, Status, Summary

router = APIRouter(include_in_schema=False)
Wanted = Annotated[Asked, Depends(asked_of)]

MOST: Final = 200
LAST: Final = 10
_SINCE: Final = timedelta(days=2)
_UNDONE: Final = (Status.APPROVED, Status.REJECTED, Status.WITHDRAWN)
_PICK = re.compile(r"([\w-]{1,80}):(\d{1,9})")


@router.post("/review/bulk")
async def bulk(request: Request, parts: SiteParts, who: Reviewer) -> Response:
    """Approves, rejects or reopens the picked calls, each as the reviewer saw it; says how many, and which not."""
    form = await request.form()
    action, reason = str(form.get("action") or ""), str(form.get("reason") or "")
    if not action:
        return RedirectResponse(asked_by(form).at(), 303)
    picks = [match for pick in form.getlist("pick") if (match := _PICK.fullmatch(str(pick)))][:MOST]
    done: list[Call] = []
    refused: list[str] = []
    missing = action == "reject" and reason not in set(Reason)
    for pick in [] if missing else picks:
        try:
            done.append(await _one(parts, action, pick[1], int(pick[2]), form, who.name))
        except (Conflict, Unknown, Permanent):
            refused.append(pick[1])
    kept = await parts.calls.many(refused)
    more = {"action": action, "done": done, "refused": kept, "missing": missing, "picked": len(picks)}
    code = 422 if missing else 200
    return await desk_page(
        request, parts, who, asked_by(form), None, picked=True, panel="bulk", status_code=code, bulk=more
    )


@router.get("/review/mine")
async def mine(request: Request, parts: SiteParts, who: Reviewer, asked: Wanted) -> Response:
    """The reviewer's last ten decisions."""
    rows = await last_decisions(parts, who.name)
    return await desk_page(request, parts, who, asked, None, picked=True, panel="mine", mine=rows)


@router.post("/review/undo")
async def undo(request: Request, parts: SiteParts, who: Reviewer) -> Response:
    """Undoes the reviewer's last decision that still stands, and shows that call again."""
    form = await request.form()
    for row in await last_decisions(parts, who.name):
        try:
            await parts.desk.reopen(row.id, row.version, who.name)
        except (Conflict, Unknown, Permanent):
            continue
        return RedirectResponse(asked_by(form).at(row.id, done=row.id), 303)
    return RedirectResponse(f"/review/mine?{asked_by(form).query}", 303)


async def last_decisions(parts: Parts, who: str) -> list[Summary]:
    """This person's last ten decisions that still stand, latest first."""
    rows = await parts.calls.decided_by(who, parts.clock() - _SINCE)
    return [row for row in rows if row.status in _UNDONE][:LAST]


def _one(parts: Parts, action: str, id: str, version: int, form: FormData, who: str) -> Awaitable[Call]:
    match action:
        case "approve":
            return parts.desk.approve(id, version, who)
        case "reject":
            note = note_in(form)[:MAX_NOTE] or None
            return parts.desk.reject(id, version, Reason(str(form.get("reason"))), note, who)
        case "reopen":
            return parts.desk.reopen(id, version, who)
        case _:
            raise Permanent("there is no such action", reason="not_allowed")
