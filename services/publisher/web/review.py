"""The review desk's pages: the queue beside one call, and the form that corrects and approves it."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from services.publisher.desk import Conflict
from services.publisher.web.api import found
from services.publisher.web.asked import Asked, asked_back, asked_of
from services.publisher.web.call_view import Typed
from services.publisher.web.conflicts import draft_before, happened_since, joined, with_theirs
from services.publisher.web.decided import decided_page
from services.publisher.web.desk_page import HELD, desk_page, list_values
from services.publisher.web.forms import Draft, draft_of, fields_of, read_draft
from services.publisher.web.pages import render
from services.publisher.web.sessions import Reviewer, SiteParts
from services.publisher.web.turns import again, asked_by, following, onward, version_in
from shared.contracts.calls import CastingCall
from shared.errors import Permanent
from shared.storage.calls import Call

router = APIRouter(include_in_schema=False)
Wanted = Annotated[Asked, Depends(asked_of)]

_ROW_ACTION = re.compile(r"(add|remove):(roles|contacts)(?::(\d{1,3}))?")
_THEIRS = "theirs:"
_LEAVING = 50
_EMPTY_ROWS = {"roles": {"name": ""}, "contacts": {"kind": "whatsapp", "value": ""}}


@router.get("/review")
async def queue(request: Request, parts: SiteParts, who: Reviewer, asked: Wanted) -> Response:
    """The queue, with its first call on the desk that nobody else looks at."""
    first = parts.backlog.first(asked.wanted, without=parts.presence.others(who.name).keys())
    if first is None and asked.wanted.status not in HELD:
        latest = await decided_page(parts.calls, asked.wanted, parts.clock(), cursor=None, limit=1)
        first = next((row.id for row in latest.rows), None)
    call = await parts.calls.get(first) if first else None
    return await desk_page(request, parts, who, asked, call, picked=False)


@router.get("/review/rows")
async def rows(request: Request, parts: SiteParts, who: Reviewer, asked: Wanted) -> Response:
    """A page of the list alone, for the script that adds it to what is there."""
    values = await list_values(parts, asked)
    claims = parts.presence.others(who.name)
    return render(request, "_rows.html", visitor=who, asked=asked, call=None, claims=claims, **values)


@router.get("/review/{id}")
async def one(id: str, request: Request, parts: SiteParts, who: Reviewer, asked: Wanted) -> Response:
    """The queue, with this call on the desk."""
    return await desk_page(request, parts, who, asked, await found(parts, id), picked=True)


@router.get("/review/{id}/next")
async def ahead(
    id: str, request: Request, parts: SiteParts, who: Reviewer, back: str = "", place: str = "", leaving: str = ""
) -> Response:
    """What a decision on this call will bring, for the script that fetches it while the reviewer reads.

    `leaving`: ids of calls, with commas, whose decisions are on their way.
    """
    return await following(
        request, parts, who, asked_back(back), id, place, leaving=leaving.split(",")[:_LEAVING] if leaving else ()
    )


@router.get("/review/{id}/skip")
async def skip(id: str, parts: SiteParts, who: Reviewer, asked: Wanted, place: str = "") -> Response:
    """On to the next call, this one undecided."""
    await parts.presence.release(id, who.name)
    others = parts.presence.others(who.name).keys()
    return RedirectResponse(
        asked.at(parts.backlog.next_after(asked.wanted, id, place[:100], without=others) or id), 303
    )


@router.post("/review/{id}")
async def decide(id: str, request: Request, parts: SiteParts, who: Reviewer) -> Response:
    """The edit form: saves or approves what it says, makes it an update, or adds or removes a row."""
    form = await request.form()
    action, version = str(form.get("action") or "save"), version_in(form)
    call = await found(parts, id)
    if (typed := _retyped(action, form, call)) is not None:
        return await again(request, parts, who, form, call, typed)
    draft = read_draft(form.multi_items())
    fields, problems = fields_of(draft)
    if fields is None:
        return await again(request, parts, who, form, call, Typed(draft=draft, over=version, problems=problems), 422)
    try:
        if action == "approve":
            await parts.desk.approve(id, version, who.name, fields)
            return await onward(request, parts, who, form, id)
        if action.startswith("update:"):
            await parts.desk.update_of(id, version, action.removeprefix("update:")[:80], who.name, fields)
            return await onward(request, parts, who, form, id)
        await parts.desk.edit(id, version, fields, who.name)
    except Conflict as conflict:
        typed = _over(conflict.current, version, draft, fields)
        return await again(request, parts, who, form, conflict.current, typed, 409)
    except Permanent as refused:
        typed = Typed(draft=draft, over=version, refused=refused.reason)
        return await again(request, parts, who, form, call, typed, 409)
    return RedirectResponse(asked_by(form).at(id, saved="1"), 303)


def _over(current: Call, version: int, draft: Draft, fields: CastingCall) -> Typed:
    """What was typed over `version`, for the call as it stands: what the reviewer had left alone is as it stands."""
    happened = happened_since(current, version)
    before = draft_before(current.fields, [change for line in happened for change in line.changes])
    both = joined(before, draft_of(current.fields), draft_of(fields))
    kept, _problems = fields_of(both)
    if kept is not None:  # else the two do not go together: the reviewer decides on the whole
        draft, fields = both, kept
    return Typed(draft=draft, conflict=True, happened=happened, mine=fields)


def _retyped(action: str, form: FormData, call: Call) -> Typed | None:
    """The form as it is to come back, with a row more or less, or with what another has put there; None for others."""
    version = version_in(form)
    if row := _ROW_ACTION.fullmatch(action):
        gone = f"{row[2]}-{row[3]}-" if row[1] == "remove" else None
        draft = read_draft(item for item in form.multi_items() if gone is None or not item[0].startswith(gone))
        if gone is None:
            draft[row[2]].append(dict(_EMPTY_ROWS[row[2]]))
        return Typed(draft=draft, over=version)
    if action.startswith(_THEIRS):
        draft = with_theirs(read_draft(form.multi_items()), call.fields, action.removeprefix(_THEIRS))
        fields, problems = fields_of(draft)
        return Typed(draft=draft, over=version, conflict=True, took=True, mine=fields, problems=problems)
    return None
