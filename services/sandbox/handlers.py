"""The stand-in gateway's REST API: the real one's paths, shapes and refusals, with faults as the knobs say."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from services.sandbox import logic
from services.sandbox.channel import Channel
from services.sandbox.sender import Post

Endpoint = Callable[[Request], Awaitable[Response]]

_MOST_PER_PAGE = 500
_ALWAYS = ("/health", "/settings")  # answered even while the session is lost
_SESSION_CODES = {"INIT": 1, "LAUNCH": 2, "QR": 3, "AUTH": 4, "ERROR": 5}


class Refusal(Exception):
    """An answer that is no success, in the gateway's own envelope."""

    def __init__(self, code: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


class GatewayApi:
    """One method a path."""

    def __init__(self, channel: Channel, post: Post, *, clock: Callable[[], float]) -> None:
        self.requests: Counter[str] = Counter()
        self._channel = channel
        self._post = post
        self._clock = clock
        self._started = clock()

    def routes(self) -> list[Route]:
        """The API's paths."""
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "/groups", self.groups),
            ("GET", "/groups/{id}", self.group),
            ("GET", "/messages/list", self.messages),
            ("GET", "/messages/list/{chat}", self.messages),
            ("POST", "/messages/text", self.send_text),
            ("GET", "/messages/{id}", self.message),
            ("GET", "/media/{id}", self.media),
            ("GET", "/health", self.health),
            ("GET", "/settings", self.settings),
            ("PATCH", "/settings", self.change_settings),
            ("POST", "/settings/webhook_test", self.test_webhook),
            ("GET", "/limits", self.limits),
        ]
        return [Route(path, self._guarded(path, endpoint), methods=[method]) for method, path, endpoint in table]

    async def groups(self, request: Request) -> Response:
        """The groups, a page."""
        return _page("groups", list(self._channel.groups.values()), request, self._is_empty(request))

    async def group(self, request: Request) -> Response:
        """One group."""
        group = self._channel.groups.get(request.path_params["id"])
        if group is None:
            raise Refusal(404, "Group not found")
        return answer(group)

    async def messages(self, request: Request) -> Response:
        """The messages of a chat or of all, newest first unless asked otherwise, a page."""
        chat = request.path_params.get("chat")
        if chat is not None and chat not in self._channel.groups:
            raise Refusal(404, "Chat not found")
        known = [m for m in self._channel.messages.values() if chat is None or m["chat_id"] == chat]
        try:
            found = logic.selected(known, request.query_params)
        except ValueError:
            raise Refusal(400, "wrong parameters: time_from and time_to are unix seconds") from None
        return _page("messages", found, request, self._is_empty(request))

    async def message(self, request: Request) -> Response:
        """One message."""
        message = self._channel.messages.get(request.path_params["id"])
        if message is None:
            raise Refusal(404, "Message not found")
        return answer(message)

    async def send_text(self, request: Request) -> Response:
        """Sends a text."""
        body = await _object(request)
        to, text = body.get("to"), body.get("body")
        if not isinstance(to, str) or not isinstance(text, str) or not text:
            raise Refusal(400, "wrong parameters: to and body are needed")
        if to.endswith("@g.us") and to not in self._channel.groups:
            raise Refusal(403, "forbidden to send to this group")
        return answer({"sent": True, "message": self._channel.send(to, text)})

    async def media(self, request: Request) -> Response:
        """A file: always the same thousand bytes for the same id."""
        id = request.path_params["id"]
        if not any(_media_id(message) == id for message in self._channel.messages.values()):
            raise Refusal(404, "Media not found")
        return Response(hashlib.shake_128(id.encode()).digest(1000), media_type="application/octet-stream")

    async def health(self, _request: Request) -> Response:
        """The channel's state."""
        word = self._channel.knobs.session
        return answer(
            {
                "channel_id": self._channel.id,
                "start_at": int(self._started),
                "uptime": int(self._clock() - self._started),
                "version": "sandbox",
                "status": {"code": _SESSION_CODES.get(word, 0), "text": word},
                "user": {"id": "966500000900", "name": "Sandbox"},
            }
        )

    async def settings(self, _request: Request) -> Response:
        """The channel's settings."""
        return answer(self._channel.settings)

    async def change_settings(self, request: Request) -> Response:
        """Changes them; a list of webhooks replaces the one before as a whole."""
        change = await _object(request)
        hooks = change.get("webhooks", [])
        if not isinstance(hooks, list) or not all(_is_hook(hook) for hook in hooks):
            raise Refusal(400, "bad settings: each webhook needs an http(s) url and at most 5 headers")
        before = self._channel.change_settings(change)
        changes = [key for key, value in change.items() if before.get(key) != value]
        return answer({"before_update": before, "after_update": self._channel.settings, "changes": changes})

    async def test_webhook(self, request: Request) -> Response:
        """Sends a test delivery to an address."""
        hook = await _object(request)
        if not _is_hook(hook):
            raise Refusal(400, "wrong parameters: an http(s) url is needed")
        body = logic.envelope(self._channel.id, str(hook.get("type", "messages")), "post", {"test": True})
        verb, url = logic.target(hook, "messages", "post")
        headers = {"content-type": "application/json", **(hook.get("headers") or {})}
        status = await self._post(verb, url, headers, logic.encoded(body))
        return answer({"success": status == 200, "status": status})

    async def limits(self, _request: Request) -> Response:
        """A plan without limits."""
        return Response(status_code=204)

    def _is_empty(self, request: Request) -> bool:
        return self._drawn("empty_pages", request) < self._channel.knobs.empty_pages

    def _drawn(self, what: str, request: Request) -> float:
        return logic.chance(self._channel.seed, what, f"{request.url.path}:{self.requests.total()}")

    def _guarded(self, path: str, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            self.requests[f"{request.method} {path}"] += 1
            try:
                await self._trouble(path, request)
                return await endpoint(request)
            except Refusal as refusal:
                self.requests[f"refused {refusal.code}"] += 1
                body = logic.error_body(refusal.code, refusal.message)
                return answer(body, refusal.code, refusal.headers)
            except Outage:
                return HTMLResponse("<html><body><h1>503 Service Unavailable</h1></body></html>", 503)

        return guarded

    async def _trouble(self, path: str, request: Request) -> None:
        knobs = self._channel.knobs
        if knobs.rest_delay_s:
            await asyncio.sleep(knobs.rest_delay_s)
        if knobs.rest_outage:
            raise Outage
        if request.headers.get("authorization") != f"Bearer {self._channel.token}":
            raise Refusal(404, "Channel not found")
        if self._drawn("too_many", request) < knobs.too_many:
            wait = {} if knobs.retry_after_s is None else {"retry-after": f"{knobs.retry_after_s:g}"}
            raise Refusal(429, "too many requests", wait)
        if self._drawn("errors", request) < knobs.errors:
            raise Refusal(500, "internal error")
        if not self._channel.working and not path.startswith(_ALWAYS):
            raise Refusal(401, "need channel authorization")


class Outage(Exception):
    """Nobody is behind the proxy."""


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(logic.encoded(body), status, headers, "application/json")


def _page(name: str, found: list[Any], request: Request, empty: bool) -> Response:
    try:
        count, offset = (int(request.query_params.get(key, usual)) for key, usual in (("count", 100), ("offset", 0)))
    except ValueError:
        raise Refusal(400, "wrong parameters: count and offset are numbers") from None
    if not 1 <= count <= _MOST_PER_PAGE or offset < 0:
        raise Refusal(400, f"wrong parameters: count is 1 to {_MOST_PER_PAGE}, offset 0 or more")
    page = [] if empty else found[offset : offset + count]
    return answer({name: page, "count": len(page), "total": len(found), "offset": offset})


async def _object(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refusal(400, "wrong parameters: the body is no JSON object")
    return body


def _is_hook(hook: object) -> bool:
    if not isinstance(hook, dict) or not isinstance(hook.get("url"), str):
        return False
    headers = hook.get("headers") or {}
    return hook["url"].startswith(("http://", "https://")) and isinstance(headers, dict) and len(headers) <= 5


def _media_id(message: Mapping[str, Any]) -> object:
    content = message.get(str(message.get("type")))
    return content.get("id") if isinstance(content, dict) else None
