"""HEAD on the public pages and files: what GET answers, without its body."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PUBLIC: Final = ("/casting-calls", "/api/v1/casting-calls", "/sitemap.xml", "/robots.txt")


class Heads:
    """ASGI middleware. Crawlers, link checkers and monitors ask so; the headers tell them the same as GET's."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or not scope["path"].startswith(_PUBLIC):
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {"type": message["type"], "body": b"", "more_body": message.get("more_body", False)}
            await send(message)

        await self._app(dict(scope, method="GET"), receive, send_head)
