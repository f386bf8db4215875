"""Who is at the door: sessions in a signed cookie, and the token that every write must carry."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.responses import Response

from services.publisher.web.parts import Options, Parts, parts_of
from shared.errors import TwinError
from shared.storage.accounts import Account, Role

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class SignInNeeded(TwinError):
    """Nobody is signed in."""


class Forbidden(TwinError):
    """Signed in, but not allowed to; or a write that does not prove that it comes from our own pages."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever sent the request. `fresh`: the browser has no session cookie yet."""

    session_id: str
    account: Account | None
    csrf: str
    fresh: bool
    program: bool = False  # it came with a token of its own, which no other site can send

    @property
    def name(self) -> str:
        """The name that history keeps."""
        return self.account.name if self.account else ""


def _serializer(options: Options) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        options.session_secret, salt="takeone.session", signer_kwargs={"digest_method": hashlib.sha256}
    )


def cookie_name(options: Options) -> str:
    """The session cookie's name; with https the browser itself then refuses one set by anybody else."""
    return "__Host-takeone" if options.secure_cookies else "takeone_session"


def csrf_of(options: Options, session_id: str) -> str:
    """A token for writes of this session: each is another, and all hold while the session does.

    Pages are sent compressed: a token that stayed the same could be guessed from their lengths.
    """
    salt = secrets.token_hex(8)
    return f"{salt}_{_csrf_proof(options, session_id, salt)}"


def _csrf_proof(options: Options, session_id: str, salt: str) -> str:
    told = f"csrf:{session_id}:{salt}".encode()
    return hmac.new(options.session_secret.encode(), told, hashlib.sha256).hexdigest()


def _is_csrf(options: Options, session_id: str, token: str) -> bool:
    salt, _, proof = token.partition("_")
    return hmac.compare_digest(proof.encode(), _csrf_proof(options, session_id, salt).encode())


def start_session(response: Response, options: Options, account: Account | None, session_id: str | None = None) -> str:
    """Sets the session cookie, with a new session id unless one is given. Returns the id."""
    session_id = session_id or secrets.token_urlsafe(18)
    payload = {"s": session_id, "u": account.name if account else None, "e": account.epoch if account else 0}
    response.set_cookie(
        cookie_name(options),
        _serializer(options).dumps(payload),
        max_age=int(options.session_hours * 3600),
        path="/",
        secure=options.secure_cookies,
        httponly=True,
        samesite="lax",
    )
    return session_id


async def visitor_of(request: Request, parts: Annotated[Parts, Depends(parts_of)]) -> Visitor:
    """Who sends this request, known or not: by a token, else by the session cookie. An error's page reads it again."""
    visitor = await _visitor(request, parts)
    request.state.visitor = visitor
    return visitor


async def _visitor(request: Request, parts: Parts) -> Visitor:
    options = parts.options
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        account = await parts.office.tokens.account_of(token.strip())
        return Visitor("", account, "", fresh=False, program=True)
    raw = request.cookies.get(cookie_name(options))
    if raw:
        try:
            data = _serializer(options).loads(raw, max_age=int(options.session_hours * 3600))
            session_id, name, epoch = str(data["s"]), data["u"], int(data["e"])
        except (BadSignature, KeyError, TypeError, ValueError):
            pass
        else:
            account = await parts.accounts.signed_in(str(name), epoch, session_id) if name else None
            return Visitor(session_id, account, csrf_of(options, session_id), fresh=False)
    session_id = secrets.token_urlsafe(18)
    return Visitor(session_id, None, csrf_of(options, session_id), fresh=True)


async def reviewer(request: Request, visitor: Annotated[Visitor, Depends(visitor_of)]) -> Visitor:
    """The signed-in visitor; their writes must carry the token."""
    if visitor.account is None:
        raise SignInNeeded("sign in first")
    if request.method in UNSAFE and not visitor.program:
        await check_write(request, visitor)
    return visitor


async def admin(visitor: Annotated[Visitor, Depends(reviewer)]) -> Visitor:
    """The signed-in visitor, who is an admin."""
    if visitor.account is None or visitor.account.role is not Role.ADMIN:
        raise Forbidden("this is for admins")
    return visitor


async def check_write(request: Request, visitor: Visitor) -> None:
    """Returns when this write comes from our own pages: right origin, right token. Forbidden otherwise."""
    check_origin(request)
    token = request.headers.get("x-csrf-token")
    if token is None and not request.headers.get("content-type", "").startswith("application/json"):
        field = (await request.form()).get("csrf")
        token = field if isinstance(field, str) else None
    if not token or not _is_csrf(parts_of(request).options, visitor.session_id, token):
        raise Forbidden("this form is too old or comes from elsewhere: load the page again")


def check_origin(request: Request) -> None:
    """Forbidden where the browser says that another site sent this."""
    origin = request.headers.get("origin")
    options = parts_of(request).options
    if origin is not None:
        own = {f"{request.url.scheme}://{request.headers.get('host', '')}"}
        if options.public_url:
            own.add(options.public_url.rstrip("/"))
        if origin not in own:
            raise Forbidden("this request comes from another site")
    elif request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("this request comes from another site")


def address_of(request: Request) -> str:
    """The visitor's network address, for counting attempts."""
    if parts_of(request).options.trust_proxy:
        # The last entry is the one that our own proxy wrote; those before it can be made up.
        forwarded = request.headers.get("x-forwarded-for", "").rsplit(",", 1)[-1].strip()
        if forwarded:
            return forwarded[:60]
    return request.client.host if request.client else "unknown"


SomeVisitor = Annotated[Visitor, Depends(visitor_of)]
Reviewer = Annotated[Visitor, Depends(reviewer)]
Admin = Annotated[Visitor, Depends(admin)]
SiteParts = Annotated[Parts, Depends(parts_of)]
