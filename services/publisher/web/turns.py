"""What follows a reviewer's form: the next call, the same call again with what was typed, or why it was refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from typing import Final

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from services.publisher.desk import Conflict
from services.publisher.web.api import found
from services.publisher.web.asked import Asked, asked_back
from services.publisher.web.call_view import Typed
from services.publisher.web.conflicts import happened_since
from services.publisher.web.desk_page import ADDRESS, FRAGMENT, TOLD, desk_page
from services.publisher.web.pages import render
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
        happened = happened_since(conflict.current, version_in(form))
        stale = Typed(conflict=True, happened=happened, reason=typed.reason, note=typed.note)
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
    """On to the next call of the reviewer's list that nobody else looks at; our script is given it at once.

    Where the script had it before (`following`), it is told what was done, and no more.
    """
    await parts.presence.release(id, who.name)
    asked = asked_by(form)
    if request.headers.get(FRAGMENT) == TOLD:
        done = await parts.calls.get(id)
        line = render(request, "_toast.html", visitor=who, asked=asked, done=done)
        line.headers[FRAGMENT] = TOLD
        return line
    if FRAGMENT in request.headers:
        return await following(request, parts, who, asked, id, str(form.get("place") or ""), done=id)
    return RedirectResponse(asked.at(_next(parts, who, asked, id, str(form.get("place") or "")), done=id), 303)


async def following(
    request: Request,
    parts: Parts,
    who: Visitor,
    asked: Asked,
    id: str,
    place: str,
    *,
    done: str | None = None,
    leaving: Collection[str] = (),
) -> Response:
    """What comes after this call, with the address to show it under; `leaving` are on their way out of the list.

    Without `done` it is fetched ahead: the call is not claimed, for the reviewer still looks at this one.
    """
    next_id = _next(parts, who, asked, id, place, leaving)
    call = await parts.calls.get(next_id) if next_id else None
    picked = next_id is not None
    now = replace(asked, done=done)
    answer = await desk_page(request, parts, who, now, call, picked=picked, claiming=done is not None)
    answer.headers[ADDRESS] = asked.at(next_id, done=id)
    return answer


def _next(parts: Parts, who: Visitor, asked: Asked, id: str, place: str, leaving: Collection[str] = ()) -> str | None:
    without = parts.presence.others(who.name).keys() | set(leaving)
    found = parts.backlog.next_after(asked.wanted, id, place[:100], without=without)
    return None if found in leaving else found


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
