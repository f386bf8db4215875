"""The gateway's REST API over HTTP."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Literal, Self
from urllib.parse import quote

import httpx

from shared.contracts.messages import RawEvent
from shared.errors import Permanent
from shared.whapi.failures import NOT_FOUND
from shared.whapi.port import MOST_PER_PAGE, Budget, Page
from shared.whapi.settings import WhapiSettings
from shared.whapi.token import TokenSource
from shared.whapi.transport import Transport
from shared.whapi.wire import (
    GroupInfo,
    Health,
    Limits,
    inspect_page,
    read_groups,
    read_health,
    read_limits,
    webhook_registration,
)

_GROUPS_PER_PAGE = 100  # each group lists all its participants: small pages


class WhapiClient:
    """The `Gateway` port over HTTP. Addresses inside messages are never followed: media is asked for by its id only."""

    def __init__(self, transport: Transport, *, channel_id: str | None = None) -> None:
        self._transport = transport
        self._channel_id = channel_id

    @classmethod
    def open(cls, settings: WhapiSettings, *, budget: Budget | None = None) -> Self:
        """A client with connections of its own; end it with `close()`. Misconfigured without a token."""
        token = TokenSource(settings.token, settings.token_file)
        token.current()
        http = httpx.AsyncClient(base_url=settings.url, timeout=settings.timeout_s, follow_redirects=False)
        return cls(Transport(http, token, budget=budget, timeout_s=settings.timeout_s))

    async def close(self) -> None:
        """Closes the connections."""
        await self._transport.close()

    async def groups(self) -> AsyncIterator[GroupInfo]:
        """As the port says. Pages until a short page, or one that brings nothing new."""
        seen: set[str] = set()
        offset = 0
        while True:
            params = {"count": _GROUPS_PER_PAGE, "offset": offset}
            body = await self._transport.ask("groups", "GET", "/groups", params=params) or {}
            new = [group for group in read_groups(body) if group.id not in seen]
            for group in new:
                seen.add(group.id)
                yield group
            listed = body.get("groups")
            if not new or not isinstance(listed, list) or len(listed) < _GROUPS_PER_PAGE:
                return
            offset += len(listed)

    async def messages(
        self,
        chat_id: str,
        *,
        time_from: datetime | None = None,
        time_to: datetime | None = None,
        count: int = MOST_PER_PAGE,
        offset: int = 0,
        sort: Literal["asc", "desc"] = "asc",
    ) -> Page:
        """As the port says."""
        asked = max(1, min(count, MOST_PER_PAGE))
        params: dict[str, str | int] = {"count": asked, "offset": offset, "sort": sort}
        if time_from is not None:
            params["time_from"] = math.floor(time_from.timestamp())
        if time_to is not None:
            params["time_to"] = math.ceil(time_to.timestamp())
        body = await self._transport.ask("messages", "GET", f"/messages/list/{_segment(chat_id)}", params=params)
        page = inspect_page(body or {}, channel_id=self._channel_id)
        return Page(page.events, page.pieces, asked, page.ignored, page.malformed)

    async def message(self, message_id: str) -> RawEvent | None:
        """As the port says."""
        try:
            body = await self._transport.ask("message", "GET", f"/messages/{_segment(message_id)}")
        except Permanent as error:
            if error.reason == NOT_FOUND:
                return None
            raise
        events = inspect_page({"messages": [body]}, channel_id=self._channel_id).events
        return events[0] if events else None

    async def media(self, media_id: str, *, max_bytes: int = 16_000_000) -> bytes:
        """As the port says."""
        return await self._transport.download("media", f"/media/{_segment(media_id)}", max_bytes=max_bytes)

    async def health(self) -> Health:
        """As the port says. The channel's id that it tells goes into the messages read from then on."""
        body = await self._transport.ask("health", "GET", "/health", params={"wakeup": "false"})
        health = read_health(body)
        self._channel_id = health.channel_id or self._channel_id
        return health

    async def settings(self) -> dict[str, Any]:
        """As the port says."""
        return await self._transport.ask("settings", "GET", "/settings") or {}

    async def register_webhook(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        """As the port says. Reads, changes and writes: the gateway replaces the list of webhooks as a whole."""
        change = webhook_registration(await self.settings(), url, dict(headers or {}))
        await self._transport.ask("register_webhook", "PATCH", "/settings", body=change)

    async def send_text(self, to: str, body: str) -> str | None:
        """As the port says. Repeated only where the gateway certainly did not take it."""
        answer = await self._transport.ask(
            "send_text", "POST", "/messages/text", body={"to": to, "body": body}, repeatable=False
        )
        message = (answer or {}).get("message")
        return str(message["id"]) if isinstance(message, dict) and message.get("id") else None

    async def limits(self) -> Limits | None:
        """As the port says."""
        body = await self._transport.ask("limits", "GET", "/limits")
        return None if body is None else read_limits(body)


def _segment(id: str) -> str:
    """An id as one segment of a path. Dots alone would climb to another address."""
    if not id or not id.strip("."):
        raise Permanent(f"not an id: {id[:50]!r}", reason="bad_id")
    return quote(id, safe="")
