"""The people who may sign in, and the tokens by which programs act in their names."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from services.publisher.accounts import name_of
from services.publisher.web.pages import render
from services.publisher.web.parts import Parts
from services.publisher.web.sessions import Admin, SiteParts, Visitor
from services.publisher.web.told import Told, told_in
from shared.errors import Permanent
from shared.storage.accounts import Account, Role
from shared.storage.audit import Deed

router = APIRouter(include_in_schema=False)
ADDRESS: Final = "/admin/users"
_DID = {"disabled", "enabled", "role", "revoked"}


@router.get(ADDRESS)
async def users_page(request: Request, who: Admin, parts: SiteParts) -> Response:
    """Everybody, and every token."""
    return await _page(request, who, parts, told_in(request, "users", _DID))


@router.post(f"{ADDRESS}/add")
async def add(request: Request, who: Admin, parts: SiteParts) -> Response:
    """Adds a person with a password that is shown once."""
    form = await request.form()
    role = Role.ADMIN if form.get("role") == Role.ADMIN else Role.REVIEWER

    async def do() -> Told:
        name = name_of(str(form.get("name") or ""))
        if any(account.name == name for account in await parts.accounts.all()):
            raise Permanent("there is somebody of this name", reason="taken")
        password = secrets.token_urlsafe(12)
        await _note(parts, who, "user", name, "added")
        await parts.accounts.add(name, password, role)
        return Told("info", "users.told.added", {"name": name}, password)

    return await _done(request, who, parts, do)


@router.post(f"{ADDRESS}/{{name}}/reset")
async def reset(name: str, request: Request, who: Admin, parts: SiteParts) -> Response:
    """Gives a person a new password, which is shown once, and ends their sessions."""

    async def do() -> Told:
        account = await _known(parts, name)
        password = secrets.token_urlsafe(12)
        await _note(parts, who, "user", account.name, "reset")
        await parts.accounts.add(account.name, password, account.role)
        return Told("info", "users.told.reset", {"name": account.name}, password)

    return await _done(request, who, parts, do)


@router.post(f"{ADDRESS}/{{name}}/role")
async def set_role(name: str, request: Request, who: Admin, parts: SiteParts) -> Response:
    """Makes a reviewer an admin, or the other way round; nobody does so to themselves."""
    form = await request.form()
    role = Role.ADMIN if form.get("role") == Role.ADMIN else Role.REVIEWER

    async def do() -> str:
        account = await _other(parts, who, name)
        await _note(parts, who, "user", account.name, f"made_{role}")
        await parts.accounts.set_role(account.name, role)
        return "role"

    return await _done(request, who, parts, do)


@router.post(f"{ADDRESS}/{{name}}/disable")
async def disable(name: str, request: Request, who: Admin, parts: SiteParts) -> Response:
    """Shuts a person out and ends their sessions; an admin always stays, since nobody shuts themselves out."""

    async def do() -> str:
        account = await _other(parts, who, name)
        await _note(parts, who, "user", account.name, "disabled")
        await parts.accounts.disable(account.name)
        return "disabled"

    return await _done(request, who, parts, do)


@router.post(f"{ADDRESS}/{{name}}/enable")
async def enable(name: str, request: Request, who: Admin, parts: SiteParts) -> Response:
    """Lets a person in again."""

    async def do() -> str:
        account = await _known(parts, name)
        await _note(parts, who, "user", account.name, "enabled")
        await parts.accounts.enable(account.name)
        return "enabled"

    return await _done(request, who, parts, do)


@router.post(f"{ADDRESS}/tokens/issue")
async def issue(request: Request, who: Admin, parts: SiteParts) -> Response:
    """Issues a token, which is shown once."""
    form = await request.form()
    owner, label = str(form.get("owner") or ""), str(form.get("label") or "")

    async def do() -> Told:
        await _note(parts, who, "token", owner, "issued", label)
        token = await parts.office.tokens.issue(owner, label, by=who.name)
        return Told("info", "users.told.issued", {"name": owner}, token)

    return await _done(request, who, parts, do)


@router.post(f"{ADDRESS}/tokens/{{id}}/revoke")
async def revoke(id: str, request: Request, who: Admin, parts: SiteParts) -> Response:
    """Ends a token for ever."""

    async def do() -> str:
        await _note(parts, who, "token", id, "revoked")
        await parts.office.tokens.revoke(id)
        return "revoked"

    return await _done(request, who, parts, do)


async def _done(request: Request, who: Visitor, parts: Parts, do: Callable[[], Awaitable[Told | str]]) -> Response:
    """Does it and says so: by the address, or at once where a secret is shown; a refusal says why."""
    try:
        did = await do()
    except Permanent as refused:
        return await _page(request, who, parts, Told("danger", f"users.problem.{refused.reason}", {}), 422)
    if isinstance(did, str):
        return RedirectResponse(f"{ADDRESS}?did={did}", 303)
    return await _page(request, who, parts, did)


async def _page(request: Request, who: Visitor, parts: Parts, told: Told | None, status_code: int = 200) -> Response:
    accounts = await parts.accounts.all()
    deeds = [*await parts.office.audit.recent("user"), *await parts.office.audit.recent("token")]
    return render(
        request,
        "users.html",
        visitor=who,
        status_code=status_code,
        here=ADDRESS,
        accounts=sorted(accounts, key=lambda account: (account.disabled, account.name)),
        tokens=await parts.office.tokens.all(),
        deeds=sorted(deeds, key=lambda deed: deed.at, reverse=True)[:50],
        roles=[str(role) for role in Role],
        said=told,
    )


async def _known(parts: Parts, name: str) -> Account:
    found = next((account for account in await parts.accounts.all() if account.name == name), None)
    if found is None:
        raise Permanent("there is nobody of this name", reason="unknown")
    return found


async def _other(parts: Parts, who: Visitor, name: str) -> Account:
    account = await _known(parts, name)
    if account.name == who.name:
        raise Permanent("nobody does this to themselves", reason="self")
    return account


async def _note(parts: Parts, who: Visitor, about: str, subject: str, action: str, label: str = "") -> None:
    detail = {"name": label[:80]} if label else {}
    await parts.office.audit.note(Deed(parts.clock(), who.name, about, subject[:80], action, detail))
