"""A message pasted in by hand: it is sent on its way, and the reviewer sees what becomes of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from services.publisher.submissions import MAX_TEXT, submitted
from services.publisher.web.asked import Asked, asked_of
from services.publisher.web.desk_page import desk_page
from services.publisher.web.parts import Parts
from services.publisher.web.sessions import Reviewer, SiteParts
from shared.contracts.ids import call_id
from shared.errors import Transient
from shared.storage.ledger import State

router = APIRouter(include_in_schema=False)
Wanted = Annotated[Asked, Depends(asked_of)]


@router.get("/review/paste")
async def paste_page(request: Request, parts: SiteParts, who: Reviewer, asked: Wanted, sent: str = "") -> Response:
    """The form; after sending, what became of the message."""
    fate = await _fate(parts, sent[:200]) if sent else None
    paste = {"text": "", "group": "", "problem": None, "fate": fate, "max": MAX_TEXT}
    return await desk_page(request, parts, who, asked, None, picked=True, panel="paste", paste=paste)


@router.post("/review/paste")
async def paste(request: Request, parts: SiteParts, who: Reviewer) -> Response:
    """Sends the message where WhatsApp's messages come in."""
    form = await request.form()
    text, group = str(form.get("text") or "").replace("\r\n", "\n"), str(form.get("group") or "")[:200]
    problem, code = _problem(text), 422
    if problem is None:
        message = submitted(text, who.name, parts.clock(), group=group)
        try:
            await parts.submit(message)
        except Transient:
            problem, code = "paste.away", 503
        else:
            return RedirectResponse(f"/review/paste?sent={message.message_id}", 303)
    typed = {"text": text[: 2 * MAX_TEXT], "group": group, "problem": problem, "fate": None, "max": MAX_TEXT}
    return await desk_page(
        request, parts, who, asked_of(request), None, picked=True, panel="paste", status_code=code, paste=typed
    )


def _problem(text: str) -> str | None:
    if not text.strip():
        return "paste.empty"
    return "paste.long" if len(text) > MAX_TEXT else None


async def _fate(parts: Parts, message_id: str) -> dict[str, Any]:
    """What became of the message: `state` is None while it is on its way."""
    call = await parts.calls.get(call_id(message_id))
    entry = await parts.ledger.get(message_id)
    state = entry.state if entry else None
    over = call is not None or state not in (None, State.CANDIDATE)
    if call is None and state is State.CALL:  # noted before the call can be read
        over = False
    return {"id": message_id, "call": call, "entry": entry, "state": state, "over": over}
