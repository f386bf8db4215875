"""The page that a person sees where something went wrong: what happened, what became of it, what to do now."""

from __future__ import annotations

from typing import Final

from fastapi import Request
from starlette.responses import Response

from services.publisher.web.entrance import inside
from services.publisher.web.pages import render, target_of
from services.publisher.web.parts import parts_of
from services.publisher.web.sessions import UNSAFE, Visitor, visitor_of
from services.publisher.web.words import Words, language_of
from shared.errors import TwinError

_PASSING: Final = frozenset({429, 500, 502, 503, 504})
"""What may be over when the same page is asked for again."""


async def error_page(request: Request, code: int) -> Response:
    """The page of this error, in the visitor's language, with the head that they know."""
    words = Words(language_of(request))
    sent = request.method in UNSAFE
    visitor = await _somebody(request, code)
    return render(
        request,
        "error.html",
        visitor=visitor,
        status_code=code,
        code=code,
        title=_first(words, f"error.title.{code}", "error.title" if code >= 500 else "error.title.refused"),
        text=_first(
            words,
            f"error.text.{code}{'.sent' if sent else ''}",
            f"error.text.{code}",
            "error.text.refused" if code < 500 else f"error.text.500{'.sent' if sent else ''}",
        ),
        again=inside(target_of(request)) if code in _PASSING and not sent else None,
        home=_home(request, visitor, code),
        here="/review",
    )


async def _somebody(request: Request, code: int) -> Visitor | None:
    """Who is signed in; nobody where that cannot be told. While the database is away it is not asked again."""
    known: Visitor | None = getattr(request.state, "visitor", None)
    if known is None and code < 500:
        try:
            known = await visitor_of(request, parts_of(request))
        except TwinError:
            return None
    return known if known is not None and known.account is not None else None


def _home(request: Request, visitor: Visitor | None, code: int) -> tuple[str, str]:
    """Where to go from here, and that link's words. The desk would ask a stranger to sign in."""
    if visitor is not None:
        return "/review", "error.home.desk"
    if code < 500 or request.url.path.startswith("/casting-calls"):
        return "/casting-calls", "feed.all"
    return "/", "error.home"


def _first(words: Words, *keys: str) -> str:
    """The text of the first of these keys that there is."""
    return next((words(key) for key in keys if words.has(key)), "")
