"""Around every answer: headers that hold a browser to what a page asks for, and limits on what comes in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import TwinError

MAX_BODY = 1_000_000
BODY_WITHIN_S = 30.0

_ALLOWED = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
CONTENT_SECURITY_POLICY = "; ".join(f"{name} {value}" for name, value in _ALLOWED.items())
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # With no-referrer a browser sends "Origin: null" along with our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


class Shield:
    """ASGI, outside everything, also of what answers to a fault of ours: the headers above, no caching unless said."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""

        async def send_shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, send_shielded)


class Refused(TwinError):
    """No more of a body is read. `status` is the answer's, `code` a short constant name."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Limits:
    """ASGI middleware: 413 for a body above `MAX_BODY`, 408 for one that takes longer than `BODY_WITHIN_S` to come.

    `answer` makes the answer to a `Refused`; the connection is closed after it, since the rest of the body is not read.
    An answer that has begun by then (a stream, whose request has no use for a body) ends where it is.
    """

    def __init__(self, app: ASGIApp, *, answer: Callable[[Request, Exception], Awaitable[Response]]) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(receive)
        started = False

        async def refuse(refused: Refused) -> None:
            answer = await self._answer(Request(scope), refused)
            answer.headers["connection"] = "close"
            await answer(scope, receive, send)

        async def send_unless_refused(message: Message) -> None:
            # Whoever reads the body may make an answer of its own out of the refusal: it is replaced.
            nonlocal started
            if body.refused is None:
                started = True
                await send(message)
            elif not started:
                started = True
                await refuse(body.refused)

        try:
            await self._app(scope, body.receive, send_unless_refused)
        except Refused as refused:
            if not started:
                await refuse(refused)


class _Body:
    """A request's body as it comes. `refused` says why no more of it is read."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._taken = 0
        self._end: float | None = None
        self._whole = False
        self.refused: Refused | None = None

    async def receive(self) -> Message:
        """The next piece; once the body is whole, whatever the server tells, without a limit on time."""
        if self._whole:
            return await self._receive()
        self._end = self._end or asyncio.get_running_loop().time() + BODY_WITHIN_S
        try:
            async with asyncio.timeout_at(self._end):
                message = await self._receive()
        except TimeoutError:
            raise self._refuse(408, "too_slow", "the body takes too long to come") from None
        self._taken += len(message.get("body", b""))
        if self._taken > MAX_BODY:
            raise self._refuse(413, "too_large", "the body is too large")
        self._whole = not message.get("more_body", False)
        return message

    def _refuse(self, status: int, code: str, message: str) -> Refused:
        self.refused = Refused(status, code, message)
        return self.refused
