"""A gateway in memory, for tests of those who ask it. It speaks through the same reader as the real one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from shared.contracts.messages import RawEvent
from shared.errors import Permanent
from shared.whapi.failures import NOT_FOUND, TOO_LARGE
from shared.whapi.port import MOST_PER_PAGE, Budget, Page
from shared.whapi.wire import GroupInfo, Health, Limits, inspect_page, webhook_registration


class FakeGateway:
    """The `Gateway` port over lists. `requests` tells what was asked; set `error` to make every method fail with it.

    `post`, `edit` and `delete` play what happens in a group; `drop` forgets a message, `state` is the channel's status.
    """

    def __init__(self, *, channel_id: str = "FAKE-00001", budget: Budget | None = None) -> None:
        self.requests: list[str] = []
        self.sent: list[tuple[str, str]] = []
        self.files: dict[str, bytes] = {}
        self.error: Exception | None = None
        self.state = "AUTH"
        self.left: Limits | None = None
        self._channel_id = channel_id
        self._budget = budget
        self._groups: dict[str, GroupInfo] = {}
        self._messages: list[dict[str, Any]] = []
        self._settings: dict[str, Any] = {"webhooks": []}

    def add_group(self, id: str, name: str | None = None, *, size: int | None = None) -> None:
        """The phone joins a group, or the group gets another name."""
        self._groups[id] = GroupInfo(id, name, size)

    def remove_group(self, id: str) -> None:
        """The phone leaves a group."""
        self._groups.pop(id, None)

    def post(self, chat_id: str, id: str, text: str, at: datetime, **fields: Any) -> dict[str, Any]:
        """Somebody writes a text; `fields` is laid over the gateway's object, which is returned."""
        message = {
            "id": id,
            "type": "text",
            "chat_id": chat_id,
            "from": "966500000001",
            "from_me": False,
            "timestamp": at.timestamp(),
            "text": {"body": text},
        } | fields
        self._messages.append(message)
        return message

    def edit(self, chat_id: str, id: str, target: str, text: str, at: datetime) -> None:
        """Somebody gives an earlier message another text."""
        content = {"type": "edit", "target": target, "edited_type": "text", "edited_content": {"body": text}}
        self.post(chat_id, id, "", at, type="action", action=content)

    def delete(self, chat_id: str, id: str, target: str, at: datetime) -> None:
        """Somebody deletes an earlier message for everyone."""
        self.post(chat_id, id, "", at, type="action", action={"type": "delete", "target": target})

    def drop(self, id: str) -> None:
        """The gateway forgets a message."""
        self._messages = [message for message in self._messages if message["id"] != id]

    async def groups(self) -> AsyncIterator[GroupInfo]:
        """As the port says."""
        await self._asked("groups")
        for group in list(self._groups.values()):
            yield group

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
        await self._asked(f"messages {chat_id}")
        if chat_id not in self._groups:
            raise Permanent("messages: the gateway answered 404", reason=NOT_FOUND)
        first = int(time_from.timestamp()) if time_from else 0
        last = -int(-time_to.timestamp() // 1) if time_to else float("inf")
        found = [m for m in self._messages if m["chat_id"] == chat_id and first <= m["timestamp"] <= last]
        found.sort(key=lambda message: message["timestamp"], reverse=sort == "desc")
        asked = max(1, min(count, MOST_PER_PAGE))
        page = inspect_page({"messages": found[offset : offset + asked]}, channel_id=self._channel_id)
        return Page(page.events, page.pieces, asked, page.ignored, page.malformed)

    async def message(self, message_id: str) -> RawEvent | None:
        """As the port says."""
        await self._asked(f"message {message_id}")
        found = [message for message in self._messages if message["id"] == message_id]
        events = inspect_page({"messages": found}, channel_id=self._channel_id).events
        return events[0] if events else None

    async def media(self, media_id: str, *, max_bytes: int = 16_000_000) -> bytes:
        """As the port says."""
        await self._asked(f"media {media_id}")
        if media_id not in self.files:
            raise Permanent("media: the gateway answered 404", reason=NOT_FOUND)
        if len(self.files[media_id]) > max_bytes:
            raise Permanent(f"media: the answer is larger than {max_bytes} bytes", reason=TOO_LARGE)
        return self.files[media_id]

    async def health(self) -> Health:
        """As the port says."""
        await self._asked("health")
        return Health(self.state, self._channel_id, uptime_s=60)

    async def settings(self) -> dict[str, Any]:
        """As the port says."""
        await self._asked("settings")
        return self._settings

    async def register_webhook(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        """As the port says."""
        await self._asked("register_webhook")
        self._settings = self._settings | webhook_registration(self._settings, url, dict(headers or {}))

    async def send_text(self, to: str, body: str) -> str | None:
        """As the port says."""
        await self._asked(f"send_text {to}")
        self.sent.append((to, body))
        message_id = f"own-{len(self.sent)}"
        self.post(to, message_id, body, datetime.now(UTC), from_me=True)
        return message_id

    async def limits(self) -> Limits | None:
        """As the port says."""
        await self._asked("limits")
        return self.left

    async def _asked(self, what: str) -> None:
        if self._budget is not None:
            await self._budget()
        self.requests.append(what)
        if self.error is not None:
            raise self.error
