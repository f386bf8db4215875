"""The review desk's routes: the queue beside one call, and the forms that decide on it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from services.publisher.backlog import Filter
from services.publisher.desk import Conflict
from services.publisher.differences import changes
from services.publisher.logic import Reason
from services.publisher.web.api import found
from services.publisher.web.desk_page import Asked, Typed, desk_page
from services.publisher.web.forms import Draft, fields_of, read_draft
from services.publisher.web.parts import Parts
from services.publisher.web.problems import Problem
from services.publisher.web.sessions import Reviewer, SiteParts, Visitor
from shared.errors import Permanent
from shared.storage.calls import Call, Status

router = APIRouter(include_in_schema=False)

_MAX_NOTE = 500
_ROW_ACTION = re.compile(r"(add|remove):(roles|contacts)(?::(\d{1,3}))?")
_EMPTY_ROWS = {"roles": {"name": ""}, "contacts": {"kind": "whatsapp", "value": ""}}


def asked_of(
    status: Status = Status.PENDING,
    group: Annotated[str, Query(max_length=100)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    cursor: Annotated[str, Query(max_length=100)] = "",
    done: Annotated[str, Query(max_length=40)] = "",
) -> Asked:
    """What the address asks for."""
    return Asked(Filter(status=status, group=group or None, q=q), cursor=cursor or None, done=done or None)


@router.get("/review")
async def queue(
    request: Request, parts: SiteParts, who: Reviewer, asked: Annotated[Asked, Depends(asked_of)]
) -> Response:
    """The queue, with its first call on the desk."""
    first = parts.backlog.first(asked.wanted)
    if first is None and asked.wanted.status not in (Status.PENDING, Status.APPROVED):
        first = next((row.id for row in await parts.calls.decided(asked.wanted.status, limit=1)), None)
    call = await parts.calls.get(first) if first else None
    return await desk_page(request, parts, who, asked, call, picked=False)


@router.get("/review/{id}")
async def one(
    id: str, request: Request, parts: SiteParts, who: Reviewer, asked: Annotated[Asked, Depends(asked_of)]
) -> Response:
    """The queue, with this call on the desk."""
    return await desk_page(request, parts, who, asked, await found(parts, id), picked=True)


@router.post("/review/{id}")
async def decide(id: str, request: Request, parts: SiteParts, who: Reviewer) -> Response:
    """The edit form: saves or approves what it says, or adds or removes a row."""
    form = await request.form()
    action, draft = str(form.get("action") or "save"), read_draft(form.multi_items())
    version = _version(form)
    call = await found(parts, id)
    if row := _ROW_ACTION.fullmatch(action):
        _change_rows(draft, row[1], row[2], int(row[3] or 0), form)
        return await _again(request, parts, who, form, call, Typed(draft=draft))
    fields, problems = fields_of(draft)
    if fields is None:
        return await _again(request, parts, who, form, call, Typed(draft=draft, problems=problems), 422)
    try:
        if action == "approve":
            await parts.desk.approve(id, version, who.name, fields)
            return _next(parts, form, id)
        await parts.desk.edit(id, version, fields, who.name)
    except Conflict as conflict:
        mine = changes(conflict.current.fields, fields)
        typed = Typed(draft=draft, conflict=True, mine=mine)
        return await _again(request, parts, who, form, conflict.current, typed, 409)
    except Permanent as refused:
        return await _again(request, parts, who, form, call, Typed(draft=draft, refused=refused.reason), 409)
    return RedirectResponse(f"/review/{id}?{_asked(form).query}", 303)


@router.post("/review/{id}/reject")
async def reject(id: str, request: Request, parts: SiteParts, who: Reviewer) -> Response:
    """Rejects with a reason from the short list and a note."""
    form = await request.form()
    reason, note = str(form.get("reason") or ""), str(form.get("note") or "").strip()
    if reason not in set(Reason) or len(note) > _MAX_NOTE:
        problem = Problem(path="reason", code="reason" if len(note) <= _MAX_NOTE else "note_too_long", message="")
        typed = Typed(problems=[problem], reason=reason, note=note)
        return await _again(request, parts, who, form, await found(parts, id), typed, 422)

    async def act() -> Call:
        return await parts.desk.reject(id, _version(form), Reason(reason), note or None, who.name)

    return await _act(request, parts, who, form, id, act, Typed(reason=reason, note=note), forward=True)


@router.post("/review/{id}/withdraw")
async def withdraw(id: str, request: Request, parts: SiteParts, who: Reviewer) -> Response:
    """Takes an approved call back."""
    form = await request.form()
    note = str(form.get("note") or "").strip()[:_MAX_NOTE]

    async def act() -> Call:
        return await parts.desk.withdraw(id, _version(form), note or None, who.name)

    return await _act(request, parts, who, form, id, act, Typed(note=note), forward=True)


@router.post("/review/{id}/reopen")
async def reopen(id: str, request: Request, parts: SiteParts, who: Reviewer) -> Response:
    """Undoes the decision and shows the call again."""
    form = await request.form()

    async def act() -> Call:
        return await parts.desk.reopen(id, _version(form), who.name)

    return await _act(request, parts, who, form, id, act, Typed(), forward=False)


@router.post("/review/{id}/suggestions")
async def suggestion(id: str, request: Request, parts: SiteParts, who: Reviewer) -> Response:
    """Takes up or dismisses what an edit or a deletion in WhatsApp suggests."""
    form = await request.form()
    which, accept = str(form.get("suggestion") or ""), form.get("action") == "accept"

    async def act() -> Call:
        decision = parts.desk.accept if accept else parts.desk.dismiss
        return await decision(id, _version(form), which, who.name)

    return await _act(request, parts, who, form, id, act, Typed(), forward=False)


async def _act(
    request: Request,
    parts: Parts,
    who: Visitor,
    form: FormData,
    id: str,
    act: Callable[[], Awaitable[Call]],
    typed: Typed,
    *,
    forward: bool,
) -> Response:
    """Does it and goes on: to the next call (`forward`) or back to this one; a refusal shows why."""
    try:
        await act()
    except Conflict as conflict:
        stale = Typed(conflict=True, reason=typed.reason, note=typed.note)
        return await _again(request, parts, who, form, conflict.current, stale, 409)
    except Permanent as refused:
        told = Typed(refused=refused.reason, reason=typed.reason, note=typed.note)
        return await _again(request, parts, who, form, await found(parts, id), told, 409)
    if forward:
        return _next(parts, form, id)
    return RedirectResponse(f"/review/{id}?{_asked(form).query}", 303)


async def _again(
    request: Request, parts: Parts, who: Visitor, form: FormData, call: Call, typed: Typed, status_code: int = 200
) -> Response:
    asked = _asked(form)
    return await desk_page(request, parts, who, asked, call, picked=True, typed=typed, status_code=status_code)


def _next(parts: Parts, form: FormData, id: str) -> Response:
    """On to the next call of the reviewer's list."""
    asked = _asked(form)
    following = parts.backlog.next_after(asked.wanted, id, _sent_at(form))
    tail = "&".join(part for part in (asked.query, f"done={id}") if part)
    return RedirectResponse(f"/review/{following}?{tail}" if following else f"/review?{tail}", 303)


def _asked(form: FormData) -> Asked:
    """The list that the form was opened from."""
    back = {name: values[0] for name, values in parse_qs(str(form.get("back") or "")[:1000]).items()}
    status = back.get("status", "pending")
    known = Status(status) if status in set(Status) else Status.PENDING
    return Asked(Filter(status=known, group=back.get("group") or None, q=back.get("q", "")[:200]))


def _version(form: FormData) -> int:
    text = str(form.get("version") or "")
    # No version is older than any: the reviewer is then shown what stands there.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _sent_at(form: FormData) -> str:
    return str(form.get("place") or "")[:100]


def _change_rows(draft: Draft, what: str, kind: str, at: int, form: FormData) -> None:
    if what == "add":
        draft[kind].append(dict(_EMPTY_ROWS[kind]))
        return
    indices = sorted({int(m[1]) for key in form if (m := re.match(rf"{kind}-(\d{{1,3}})-", key))})
    position = indices.index(at) if at in indices else -1
    if 0 <= position < len(draft[kind]):
        del draft[kind][position]
