"""Signing in and out, by page and by API."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from services.publisher.web.api import ERRORS
from services.publisher.web.api_models import SessionView, SignIn
from services.publisher.web.pages import render
from services.publisher.web.parts import Parts
from services.publisher.web.sessions import (
    Reviewer,
    SignInNeeded,
    SiteParts,
    SomeVisitor,
    Visitor,
    address_of,
    check_origin,
    check_write,
    csrf_of,
    start_session,
)
from shared.errors import RateLimited
from shared.storage.accounts import Account

router = APIRouter()


@router.get("/login", include_in_schema=False)
async def login_page(request: Request, visitor: SomeVisitor, next: str = "/review") -> Response:
    """The form."""
    if visitor.account is not None:
        return RedirectResponse(inside(next), 303)
    return render(request, "login.html", visitor=visitor, next=inside(next), problem=None, name="")


@router.post("/login", include_in_schema=False)
async def login(request: Request, visitor: SomeVisitor, parts: SiteParts) -> Response:
    """Signs in and goes on to where the visitor wanted to."""
    await check_write(request, visitor)
    form = await request.form()
    name, password, next = (str(form.get(field) or "") for field in ("name", "password", "next"))
    problem, status = "login.wrong", 401
    try:
        account = await parts.accounts.authenticate(name, password, address_of(request))
    except RateLimited:
        account, problem, status = None, "login.too_often", 429
    if account is None:
        values = {"next": inside(next), "problem": problem, "name": name[:100], "here": "/login"}
        return render(request, "login.html", visitor=visitor, status_code=status, **values)
    if visitor.account is not None:
        await _end(parts, visitor)
    answer = RedirectResponse(inside(next), 303)
    start_session(answer, parts.options, account)
    return answer


@router.post("/logout", include_in_schema=False)
async def logout(who: Reviewer, parts: SiteParts) -> Response:
    """Signs out on this browser; the session ends also for whoever has a copy of its cookie."""
    await _end(parts, who)
    answer = RedirectResponse("/login", 303)
    start_session(answer, parts.options, None)
    return answer


@router.post("/api/v1/session", tags=["session"], responses={401: ERRORS[401], 403: ERRORS[403], 429: ERRORS[401]})
async def sign_in(body: SignIn, request: Request, response: Response, parts: SiteParts) -> SessionView:
    """Signs a program in: sets the session cookie and gives the token for its writes."""
    # A form of another site cannot send JSON without being asked for permission, so the origin is check enough.
    check_origin(request)
    account = await parts.accounts.authenticate(body.name, body.password, address_of(request))
    if account is None:
        raise SignInNeeded("wrong name or password")
    return _session(parts, account, start_session(response, parts.options, account))


@router.get("/api/v1/session", tags=["session"], responses={401: ERRORS[401]})
async def session(who: Reviewer, parts: SiteParts) -> SessionView:
    """Who is signed in."""
    if who.account is None:
        raise SignInNeeded("sign in first")
    return _session(parts, who.account, who.session_id)


async def _end(parts: Parts, visitor: Visitor) -> None:
    if not visitor.program:
        await parts.accounts.sign_out(visitor.session_id, longest=timedelta(hours=parts.options.session_hours))


def _session(parts: Parts, account: Account, session_id: str) -> SessionView:
    return SessionView(name=account.name, role=str(account.role), csrf_token=csrf_of(parts.options, session_id))


def inside(target: str) -> str:
    """A place on this site; the desk for an address that leads elsewhere."""
    plain = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if plain else "/review"
