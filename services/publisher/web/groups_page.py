"""The groups: which are listened to, how good each is, and who decided that."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from services.publisher.overview.groups import groups_of
from services.publisher.web.admin_words import dollars, lasting, named, percent
from services.publisher.web.pages import render
from services.publisher.web.parts import Parts
from services.publisher.web.sessions import Admin, SiteParts, Visitor
from services.publisher.web.told import Told, told_in
from services.publisher.web.words import Words, language_of
from shared.storage.audit import Deed
from shared.storage.sources import GROUP_ID, Source, SourceStatus

router = APIRouter(include_in_schema=False)
ADDRESS: Final = "/admin/groups"
_ORDER = (SourceStatus.PROPOSED, SourceStatus.ACTIVE, SourceStatus.INACTIVE)
_DONE = {SourceStatus.ACTIVE: "activated", SourceStatus.INACTIVE: "deactivated"}
_MAX_NAME = 120


@router.get(ADDRESS)
async def groups_page(request: Request, who: Admin, parts: SiteParts) -> Response:
    """All groups: proposed ones first."""
    return await _page(request, who, parts, told_in(request, "groups", {*_DONE.values(), "added", "known"}))


@router.post(f"{ADDRESS}/add")
async def add(request: Request, who: Admin, parts: SiteParts) -> Response:
    """Adds a group by its id and listens to it."""
    form = await request.form()
    id, name = str(form.get("id") or "").strip(), str(form.get("name") or "").strip()[:_MAX_NAME]
    if not GROUP_ID.fullmatch(id):
        told = Told("danger", "groups.problem.id", {})
        return await _page(request, who, parts, told, typed={"id": id[:100], "name": name}, status_code=422)
    if await parts.office.sources.get(id) is not None:
        return _back("known", id)
    await _note(parts, who, id, "added", name or id)
    source = Source(id, name or id, SourceStatus.ACTIVE, parts.clock(), added_by=who.name)
    return _back("added" if await parts.office.sources.add(source) else "known", id)


@router.post(f"{ADDRESS}/{{id}}/status")
async def set_status(id: str, request: Request, who: Admin, parts: SiteParts) -> Response:
    """Listens to the group, or no more."""
    wanted = str((await request.form()).get("status") or "")
    source = await parts.office.sources.get(id)
    if source is None or wanted not in {str(status) for status in _DONE}:
        told = Told("danger", "groups.problem.unknown", {})
        return await _page(request, who, parts, told, status_code=422)
    status = SourceStatus(wanted)
    await _note(parts, who, id, _DONE[status], source.name)
    await parts.office.sources.set_status(id, status)
    return _back(_DONE[status], id)


async def _page(
    request: Request,
    who: Visitor,
    parts: Parts,
    told: Told | None,
    *,
    typed: dict[str, str] | None = None,
    status_code: int = 200,
) -> Response:
    # What was changed a moment ago must show, here and now.
    await parts.office.board.read_sources()
    board, words = parts.office.board, Words(language_of(request))
    groups = groups_of(board, board.outcomes.since(board.first_day()))
    groups.sort(key=lambda group: (_ORDER.index(group.source.status), -group.messages, group.source.name))
    values: dict[str, Any] = {
        "here": ADDRESS,
        "groups": groups,
        "deeds": await parts.office.audit.recent("group"),
        "said": told,
        "typed": typed or {"id": "", "name": ""},
        "percent": percent,
        "dollars": dollars,
        "lasting": partial(lasting, words),
        "named": partial(named, words),
    }
    return render(request, "groups.html", visitor=who, status_code=status_code, **values)


async def _note(parts: Parts, who: Visitor, id: str, action: str, name: str) -> None:
    await parts.office.audit.note(Deed(parts.clock(), who.name, "group", id, action, {"name": name}))


def _back(did: str, id: str) -> Response:
    return RedirectResponse(f"{ADDRESS}?did={did}#{id}", 303)
