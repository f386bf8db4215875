"""The desk's other forms: each decides on one call and goes on."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.publisher.logic import Reason
from services.publisher.web.api import found
from services.publisher.web.call_view import Typed
from services.publisher.web.problems import Problem
from services.publisher.web.sessions import Reviewer, SiteParts
from services.publisher.web.turns import MAX_NOTE, act, again, note_in, version_in
from shared.storage.calls import Call

router = APIRouter(include_in_schema=False)


@router.post("/review/{id}/reject")
async def reject(id: str, request: Request, parts: SiteParts, who: Reviewer) -> Response:
    """Rejects with a reason from the short list and a note."""
    form = await request.form()
    reason, note = str(form.get("reason") or ""), note_in(form)
    if reason not in set(Reason) or len(note) > MAX_NOTE:
        problem = Problem(path="reason", code="reason" if len(note) <= MAX_NOTE else "note_too_long", message="")
        typed = Typed(problems=[problem], reason=reason, note=note)
        return await again(request, parts, who, form, await found(parts, id), typed, 422)

    async def do() -> Call:
        return await parts.desk.reject(id, version_in(form), Reason(reason), note or None, who.name)

    return await act(request, parts, who, form, id, do, Typed(reason=reason, note=note), forward=True)


@router.post("/review/{id}/withdraw")
async def withdraw(id: str, request: Request, parts: SiteParts, who: Reviewer) -> Response:
    """Takes an approved call back."""
    form = await request.form()
    note = note_in(form)[:MAX_NOTE]

    async def do() -> Call:
        return await parts.desk.withdraw(id, version_in(form), note or None, who.name)

    return await act(request, parts, who, form, id, do, Typed(note=note), forward=True)


@router.post("/review/{id}/reopen")
async def reopen(id: str, request: Request, parts: SiteParts, who: Reviewer) -> Response:
    """Undoes the decision and shows the call again."""
    form = await request.form()

    async def do() -> Call:
        return await parts.desk.reopen(id, version_in(form), who.name)

    return await act(request, parts, who, form, id, do, Typed(), forward=False)


@router.post("/review/{id}/is-call")
async def is_call(id: str, request: Request, parts: SiteParts, who: Reviewer) -> Response:
    """Says that the filter should not have stopped it; the call stays on the desk to be decided on."""
    form = await request.form()

    async def do() -> Call:
        return await parts.desk.is_call(id, version_in(form), who.name)

    return await act(request, parts, who, form, id, do, Typed(), forward=False)


@router.post("/review/{id}/same")
async def same(id: str, request: Request, parts: SiteParts, who: Reviewer) -> Response:
    """Makes the call a sighting of an earlier one."""
    form = await request.form()
    earlier = str(form.get("earlier") or "")[:80]

    async def do() -> Call:
        return await parts.desk.same_as(id, version_in(form), earlier, who.name)

    return await act(request, parts, who, form, id, do, Typed(), forward=True)


@router.post("/review/{id}/suggestions")
async def suggestion(id: str, request: Request, parts: SiteParts, who: Reviewer) -> Response:
    """Takes up or dismisses what an edit or a deletion in WhatsApp suggests."""
    form = await request.form()
    which, accept = str(form.get("suggestion") or ""), form.get("action") == "accept"

    async def do() -> Call:
        decision = parts.desk.accept if accept else parts.desk.dismiss
        return await decision(id, version_in(form), which, who.name)

    return await act(request, parts, who, form, id, do, Typed(), forward=False)
