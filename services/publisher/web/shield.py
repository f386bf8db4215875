"""Around every answer: headers that hold a browser to what a page asks for, and a limit on what comes in."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 1_000_000

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


class _TooLarge(Exception):
    pass


class Shield:
    """ASGI middleware: the headers above on every answer, 413 for a body above `MAX_BODY`, no caching unless said."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        taken = 0
        refused = False

        async def receive_some() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MAX_BODY:
                # Whoever reads the body may make an answer of its own out of this: it is replaced below.
                raise _TooLarge
            return message

        async def send_shielded(message: Message) -> None:
            nonlocal refused
            if refused:
                return
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
                if taken > MAX_BODY and message["status"] != 413:
                    await refuse()
                    return
            await send(message)

        async def refuse() -> None:
            nonlocal refused
            answer = JSONResponse({"error": {"code": "too_large", "message": "the body is too large"}}, 413)
            await answer(scope, receive, send_shielded)
            refused = True

        try:
            await self._app(scope, receive_some, send_shielded)
        except _TooLarge:
            if not refused:
                await refuse()
