"""What follows a reviewer's form: the next call, the same call again with what was typed, or why it was refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from services.publisher.desk import Conflict
from services.publisher.web.api import found
from services.publisher.web.asked import Asked, asked_back
from services.publisher.web.call_view import Typed
from services.publisher.web.desk_page import ADDRESS, FRAGMENT, desk_page
from services.publisher.web.parts import Parts
from services.publisher.web.sessions import Visitor
from shared.errors import Permanent
from shared.storage.calls import Call

MAX_NOTE: Final = 500


async def act(
    request: Request,
    parts: Parts,
    who: Visitor,
    form: FormData,
    id: str,
    do: Callable[[], Awaitable[Call]],
    typed: Typed,
    *,
    forward: bool,
) -> Response:
    """Does it and goes on: to the next call (`forward`) or back to this one; a refusal shows why."""
    try:
        await do()
    except Conflict as conflict:
        stale = Typed(conflict=True, reason=typed.reason, note=typed.note)
        return await again(request, parts, who, form, conflict.current, stale, 409)
    except Permanent as refused:
        told = Typed(refused=refused.reason, reason=typed.reason, note=typed.note)
        return await again(request, parts, who, form, await found(parts, id), told, 409)
    if forward:
        return await onward(request, parts, who, form, id)
    return RedirectResponse(asked_by(form).at(id), 303)


async def again(
    request: Request, parts: Parts, who: Visitor, form: FormData, call: Call, typed: Typed, status_code: int = 200
) -> Response:
    """The same call, with what was typed."""
    asked = asked_by(form)
    return await desk_page(request, parts, who, asked, call, picked=True, typed=typed, status_code=status_code)


async def onward(request: Request, parts: Parts, who: Visitor, form: FormData, id: str) -> Response:
    """On to the next call of the reviewer's list that nobody else looks at; our script is given it at once."""
    await parts.presence.release(id, who.name)
    asked, place = asked_by(form), str(form.get("place") or "")[:100]
    following = parts.backlog.next_after(asked.wanted, id, place, without=parts.presence.others(who.name).keys())
    address = asked.at(following, done=id)
    if FRAGMENT not in request.headers:
        return RedirectResponse(address, 303)
    call = await parts.calls.get(following) if following else None
    answer = await desk_page(request, parts, who, replace(asked, done=id), call, picked=following is not None)
    answer.headers[ADDRESS] = address
    return answer


def asked_by(form: FormData) -> Asked:
    """The list that the form was opened from."""
    return asked_back(str(form.get("back") or ""))


def version_in(form: FormData) -> int:
    """The version that the reviewer saw."""
    text = str(form.get("version") or "")
    # No version is older than any: the reviewer is then shown what stands there.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def note_in(form: FormData) -> str:
    """The note, as long as it was typed."""
    return str(form.get("note") or "").strip()
