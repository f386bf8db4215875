"""How the feed answers: where its pages are, what an unchanged answer costs, what is said of a call that is gone."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Any

from fastapi import Request
from starlette.responses import JSONResponse, Response

from services.publisher.desk import Unknown
from services.publisher.logic import local_day
from services.publisher.web.parts import Parts
from shared.errors import TwinError
from shared.storage.calls import Call, Status

PATH = "/casting-calls"
API = f"/api/v1{PATH}"
_PUBLIC = "public, max-age=15"


class Closed(TwinError):
    """This call was public and is no more."""


def base_of(request: Request, parts: Parts) -> str:
    """The address of the site as the public knows it, without a slash at the end."""
    return (parts.options.public_url or str(request.base_url)).rstrip("/")


def address_of(request: Request, parts: Parts, id: str) -> str:
    """The address of a call's page: it never changes."""
    return f"{base_of(request, parts)}{PATH}/{id}"


async def open_call(parts: Parts, id: str) -> Call:
    """The call, while it is open. Closed: it was. Unknown: there is none, or it was never public."""
    call = await parts.calls.get(id)
    if call is None or (call.status is not Status.APPROVED and not was_public(call)):
        raise Unknown("there is no open call of this id")
    if call.status is not Status.APPROVED or (call.closes_on is not None and call.closes_on < local_day(parts.clock())):
        raise Closed("this call is no longer open")
    return call


def was_public(call: Call) -> bool:
    """Whether the public has seen this call and sees it no more."""
    return call.published is False


def tagged(request: Request, body: bytes, media_type: str, *, spoken: bool = False) -> Response:
    """The answer with the tag of its content, or 304 for a reader who has it. Any site may read it.

    `spoken`: it is in the reader's language.
    """
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {
        "etag": tag,
        "cache-control": _PUBLIC,
        "access-control-allow-origin": "*",
        "cross-origin-resource-policy": "cross-origin",
    }
    if spoken:
        headers["vary"] = "cookie, accept-language"
    known = {item.strip().removeprefix("W/") for item in request.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def problem(code: int, name: str, message: str, problems: list[Any], headers: dict[str, str]) -> Response:
    """An error of the public API as RFC 9457 says: application/problem+json."""
    body = {"type": "about:blank", "title": HTTPStatus(code).phrase, "status": code, "detail": message, "code": name}
    listed = {"problems": [item.model_dump(mode="json") for item in problems]} if problems else {}
    return JSONResponse(body | listed, code, headers, media_type="application/problem+json")
