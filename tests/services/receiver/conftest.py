"""A receiver over fakes, and a real one behind a real server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from services.receiver.groups import ActiveGroups
from services.receiver.handlers import Handlers
from services.receiver.logic import make_lock
from services.receiver.webhook import Webhook
from shared.broker.ports import RecordingPublisher
from shared.storage.memory.sources import MemorySources
from shared.storage.sources import Source, SourceStatus

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SECRET = "an-invented-secret-1"
OURS, THEIRS = "120363000000000001@g.us", "120363000000000002@g.us"


def message(id: str, *, chat: str = OURS, **more: Any) -> dict[str, Any]:
    """One message of the wire."""
    piece = {"id": id, "type": "text", "chat_id": chat, "from_me": False, "timestamp": 1_790_000_000}
    return {**piece, "text": {"body": "مطلوب ممثلين للتصوير في الرياض"}, **more}


def delivery(*messages: Any, **more: Any) -> dict[str, Any]:
    """One body of the wire."""
    event = {"type": "messages", "event": "post"}
    return {"messages": list(messages), "event": event, "channel_id": "TEST-1", **more}


@pytest.fixture
def some_message() -> Callable[..., dict[str, Any]]:
    return message


@pytest.fixture
def some_delivery() -> Callable[..., dict[str, Any]]:
    return delivery


@pytest.fixture
def sources() -> MemorySources:
    return MemorySources(
        Source(OURS, "كاستنج الرياض", SourceStatus.ACTIVE, NOW), Source(THEIRS, "عائلة", SourceStatus.INACTIVE, NOW)
    )


@dataclass
class Door:
    """The webhook over fakes, called without a network."""

    publisher: RecordingPublisher
    groups: ActiveGroups
    webhook: Webhook
    headers: dict[str, str] = field(default_factory=lambda: {"x-webhook-secret": SECRET})

    @property
    def app(self) -> Router:
        return Router(
            routes=[
                Route("/webhooks/whapi", self.webhook, methods=["POST"]),
                Route("/webhooks/whapi/{secret_path}", self.webhook, methods=["POST"]),
            ]
        )

    async def post(self, *, path: str = "/webhooks/whapi", headers: dict[str, str] | None = None, **body: Any) -> Any:
        """Posts json=… or content=… and returns the response."""
        if "content" in body:
            headers = {"content-type": "application/json", **(headers or {})}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://receiver") as client:
            return await client.post(path, headers={**self.headers, **(headers or {})}, **body)


@pytest.fixture
def make_door(sources: MemorySources) -> Callable[..., Door]:
    """Builds a door; keyword arguments replace those of the webhook, the lock and the handlers."""

    def make(
        *, channel_id: str | None = None, auth: str = "header", previous: str | None = None, **webhook: Any
    ) -> Door:
        publisher = RecordingPublisher()
        groups = ActiveGroups(sources, lambda: NOW, every_s=3600)
        handlers = Handlers(publisher, groups, lambda: NOW, channel_id=channel_id)
        lock = make_lock(auth, SECRET, previous, "X-Webhook-Secret", insecure_development=False)
        limits = {"max_body": 100_000, "max_buffered": 200_000, "body_timeout_s": 5.0, **webhook}
        return Door(publisher, groups, Webhook(handlers, lock, **limits))

    return make


@pytest.fixture
async def door(make_door: Callable[..., Door]) -> Door:
    """A door with a header's secret and the groups loaded."""
    door = make_door()
    await door.groups.refresh()
    return door


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """The app behind a real HTTP server of this process; gives its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=10))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        if task.done():
            await task
            raise AssertionError("the server ended before it started")
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


@pytest.fixture
def serve() -> Callable[[ASGIApp], AbstractAsyncContextManager[str]]:
    """`async with serve(app) as address`."""
    return served
