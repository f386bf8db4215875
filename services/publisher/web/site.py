"""Builds the site from its parts: routes, files, headers and what errors look like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from services.publisher.desk import Conflict, Unknown
from services.publisher.web import (
    api,
    bulk,
    dead_page,
    entrance,
    feed,
    feed_answers,
    feed_api,
    groups_page,
    life_page,
    live,
    paste,
    review,
    silences,
    status,
    users_page,
    verdicts,
)
from services.publisher.web.api_models import ErrorView, Trouble, call_view
from services.publisher.web.error_page import error_page
from services.publisher.web.heads import Heads
from services.publisher.web.pages import HERE, assets, target_of
from services.publisher.web.parts import Parts
from services.publisher.web.problems import Problem
from services.publisher.web.sessions import Forbidden, SignInNeeded
from services.publisher.web.shield import Limits, Refused, Shield
from services.publisher.web.showcase import Showcase
from shared.errors import Permanent, RateLimited, Transient, TwinError

log = structlog.get_logger(__name__)

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
_KEPT_FOR_EVER = "public, max-age=31536000, immutable"


class _Files(StaticFiles):
    """Our own files; their addresses change with their content."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        answer = super().file_response(*args, **kwargs)
        answer.headers["cache-control"] = _KEPT_FOR_EVER
        return answer


class _Site(FastAPI):
    """The shield is around all of it: the framework puts its own answer to a fault outside what is added to it."""

    def build_middleware_stack(self) -> ASGIApp:
        return Shield(super().build_middleware_stack())


def build(parts: Parts, *, routes: Sequence[BaseRoute] = (), lifespan: Lifespan | None = None) -> FastAPI:
    """The site. `routes` are added as they are (health); `lifespan` runs around it (broker, chores)."""
    app = _Site(
        title="TakeOne casting calls",
        version="1",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        routes=list(routes),
    )
    app.state.parts = parts
    app.state.showcase = Showcase(parts.calls, parts.backlog)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    app.add_middleware(Heads)
    app.add_middleware(Limits, answer=_failed)
    # The desk's fixed addresses come before /review/{id}, which would take them for a call's.
    for room in (
        api,
        feed_api,
        feed,
        entrance,
        live,
        bulk,
        paste,
        review,
        verdicts,
        status,
        silences,
        groups_page,
        dead_page,
        users_page,
        life_page,
    ):
        app.include_router(room.router)
    app.mount(assets(), _Files(directory=HERE / "static"), name="static")
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    app.add_route("/", lambda _request: RedirectResponse("/review", 303), include_in_schema=False)
    for kind in (TwinError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _failed)
    return app


async def _failed(request: Request, error: Exception) -> Response:
    """The answer to an error: JSON for programs, a page for people, the log-in for who has to sign in."""
    code, trouble, headers = _trouble(error)
    if code >= 500:
        log.error(
            "publisher.request_failed",
            path=request.url.path,
            code=trouble.code,
            detail=type(error).__name__,
            exc_info=error if code == 500 else None,
        )
    if request.url.path.startswith(feed_answers.API):
        return feed_answers.problem(code, trouble.code, trouble.message, trouble.problems, headers)
    if request.url.path.startswith("/api/"):
        return JSONResponse(ErrorView(error=trouble).model_dump(mode="json"), code, headers)
    if isinstance(error, SignInNeeded):
        next = target_of(request) if request.method == "GET" else "/review"
        return RedirectResponse(f"/login?next={quote(next, safe='/')}", 303)
    answer = await error_page(request, code)
    answer.headers.update(headers)
    return answer


def _trouble(error: Exception) -> tuple[int, Trouble, dict[str, str]]:
    match error:
        case SignInNeeded():
            return 401, Trouble(code="sign_in", message=str(error)), {}
        case Forbidden():
            return 403, Trouble(code="forbidden", message=str(error)), {}
        case Unknown():
            return 404, Trouble(code="unknown", message=str(error)), {}
        case Refused():
            return error.status, Trouble(code=error.code, message=str(error)), {}
        case feed_answers.Closed():
            return 410, Trouble(code="gone", message=str(error)), {}
        case Conflict():
            return 409, Trouble(code="conflict", message=str(error), current=call_view(error.current)), {}
        case api.Invalid():
            return 422, Trouble(code="invalid", message=str(error), problems=error.problems), {}
        case Permanent():
            return 409, Trouble(code=error.reason, message=str(error)), {}
        case RateLimited():
            wait = {"retry-after": str(int(error.retry_after or 60))}
            return 429, Trouble(code="too_often", message=str(error)), wait
        case Transient():
            trouble = Trouble(code="unavailable", message="something that we need is away; try again")
            return 503, trouble, {"retry-after": "5"}
        case RequestValidationError():
            problems = _request_problems(error)
            return 422, Trouble(code="invalid", message="the request is not right", problems=problems), {}
        case HTTPException():
            phrase = HTTPStatus(error.status_code).phrase
            trouble = Trouble(code=phrase.lower().replace(" ", "_"), message=phrase)
            return error.status_code, trouble, dict(error.headers or {})
        case _:
            return 500, Trouble(code="error", message="an error of ours; it is in the log"), {}


def _request_problems(error: RequestValidationError) -> list[Problem]:
    return [
        Problem(path=".".join(str(part) for part in item["loc"][1:]), code=item["type"], message=item["msg"])
        for item in error.errors()
    ]
