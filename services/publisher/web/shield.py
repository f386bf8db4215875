"""Around every answer: headers that hold a browser to what a page asks for, and limits on what comes in."""

from __future__ import annotations

import asyncio

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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


class _Refused(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = JSONResponse({"error": {"code": code, "message": message}}, status, {"connection": "close"})


class Limits:
    """ASGI middleware: 413 for a body above `MAX_BODY`, 408 for one that takes longer than `BODY_WITHIN_S` to come."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(receive)
        answered = False

        async def send_unless_refused(message: Message) -> None:
            # Whoever reads the body may make an answer of its own out of the refusal: it is replaced.
            nonlocal answered
            if answered:
                return
            if body.refused is not None and message["type"] == "http.response.start":
                answered = True
                await body.refused.answer(scope, receive, send)
                return
            await send(message)

        try:
            await self._app(scope, body.receive, send_unless_refused)
        except _Refused as refused:
            if not answered:
                await refused.answer(scope, receive, send)


class _Body:
    """A request's body as it comes. `refused` says why no more of it is read."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._taken = 0
        self._end: float | None = None
        self._whole = False
        self.refused: _Refused | None = None

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

    def _refuse(self, status: int, code: str, message: str) -> _Refused:
        self.refused = _Refused(status, code, message)
        return self.refused
