"""Rendering: one place that turns a template and its values into a page."""

from __future__ import annotations

import hashlib
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from services.publisher.web.parts import parts_of
from services.publisher.web.present import (
    ages_text,
    city_text,
    day_text,
    field_name,
    first_word,
    flag_detail,
    href_of,
    initials,
    isolated,
    pay_text,
    shown,
)
from services.publisher.web.sessions import Visitor, start_session
from services.publisher.web.words import COOKIE, LANGUAGES, Words, language_of

HERE = Path(__file__).parent
_YEAR_S = 365 * 86_400

_environment = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters |= {
    "first_word": first_word,
    "href": href_of,
    "initials": initials,
    "isolated": isolated,
    "shown": shown,
    "alone": lambda value: (value, None),
}


@cache
def assets() -> str:
    """The folder of our files as browsers see it. It changes with any of them, so that they may be kept for ever.

    A folder, not a query: modules that import each other by name stay in it, and so are never of two versions.
    """
    digest = hashlib.sha256()
    for file in sorted((HERE / "static").iterdir()):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return f"/static/{digest.hexdigest()[:12]}"


def asset(name: str) -> str:
    """The address of a file of ours."""
    return f"{assets()}/{name}"


def target_of(request: Request) -> str:
    """The path and the query of what was asked for, as a link within the site."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def render(
    request: Request, template: str, *, visitor: Visitor | None = None, status_code: int = 200, **values: Any
) -> HTMLResponse:
    """The page, in the visitor's language. Sets the cookies that it needs."""
    language = language_of(request)
    words = Words(language)
    other = "en" if language == "ar" else "ar"
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    # After a refused form the address is the form's: switching the language goes to the page that showed it.
    # Two slashes at its beginning would make a link to another site of it.
    path = "/" + request.url.path.lstrip("/\\") if request.method == "GET" else values.get("here", "/review")
    body = _environment.get_template(template).render(
        t=words,
        words=words,
        lang=language,
        dir=words.direction,
        other=other,
        other_href=f"{path}?{urlencode([*query, ('lang', other)])}",
        path=request.url.path,
        visitor=visitor,
        asset=asset,
        field_name=partial(field_name, words),
        pay=partial(pay_text, words),
        city=partial(city_text, words),
        flag_detail=partial(flag_detail, words),
        ages=partial(ages_text, words),
        day_text=partial(day_text, words),
        now=parts_of(request).clock(),
        **values,
    )
    answer = HTMLResponse(body, status_code)
    if request.query_params.get("lang") in LANGUAGES:
        secure = parts_of(request).options.secure_cookies
        answer.set_cookie(COOKIE, language, max_age=_YEAR_S, path="/", samesite="lax", secure=secure, httponly=True)
    if visitor is not None and visitor.fresh:
        start_session(answer, parts_of(request).options, None, visitor.session_id)
    return answer
