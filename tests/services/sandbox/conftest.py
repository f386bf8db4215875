"""The sandbox behind a real server, and a webhook that keeps what it is sent."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.sandbox.app import build
from services.sandbox.settings import SandboxSettings
from shared.contracts.messages import RawEvent
from shared.whapi.wire import read_delivery

PATIENCE_S = 15.0


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[str]:
    """The app behind an HTTP server of this process; gives its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1))
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


class Hook:
    """A receiver that keeps every delivery. `answers` are its next statuses; 200 when they are used up."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[int] = []
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self._arrived = asyncio.Condition()

    async def take(self, request: Request) -> Response:
        body = await request.body()
        async with self._arrived:
            self.bodies.append(body)
            self.headers.append(dict(request.headers))
            self.paths.append(f"{request.method} {request.url.path}")
            self._arrived.notify_all()
        return Response(status_code=self.answers.pop(0) if self.answers else 200)

    @property
    def deliveries(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]

    @property
    def events(self) -> list[RawEvent]:
        return [event for body in self.deliveries for event in read_delivery(body)]

    async def until(self, enough: Callable[[], bool]) -> None:
        """Waits for deliveries until it is enough."""
        async with self._arrived, asyncio.timeout(PATIENCE_S):
            await self._arrived.wait_for(enough)


class Sandbox:
    """A running sandbox, with a client for each of its doors."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self.url = url
        self._http = http

    async def get(self, path: str, *, token: str = "sandbox-token", **params: str | int) -> httpx.Response:
        """Asks the gateway."""
        return await self._http.get(self.url + path, params=params, headers={"authorization": f"Bearer {token}"})

    async def ask(self, method: str, path: str, body: Any) -> httpx.Response:
        """Asks the gateway with a body."""
        headers = {"authorization": "Bearer sandbox-token"}
        return await self._http.request(method, self.url + path, json=body, headers=headers)

    async def turn(self, **knobs: Any) -> Any:
        """Turns knobs and returns the state."""
        response = await self._http.post(f"{self.url}/_control", json=knobs)
        assert response.status_code == 200, response.text
        return response.json()

    async def state(self) -> Any:
        """The state."""
        return (await self._http.get(f"{self.url}/_control")).json()

    async def until(self, enough: Callable[[Any], bool]) -> Any:
        """Waits until the state is as wanted, and returns it."""
        async with asyncio.timeout(PATIENCE_S):
            while not enough(state := await self.state()):
                await asyncio.sleep(0.01)
        return state

    async def order(self, what: str, **order: Any) -> Any:
        """post, edit or delete."""
        response = await self._http.post(f"{self.url}/_control/{what}", json=order)
        assert response.status_code == 200, response.text
        return response.json()


@pytest.fixture(autouse=True)
def _own_settings_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of the shell that starts the tests are not theirs."""
    for name in [name for name in os.environ if name.startswith(("SANDBOX_", "WHAPI_"))]:
        monkeypatch.delenv(name)


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    async with served(Starlette(routes=[Route("/{path:path}", hook.take, methods=methods)])) as url:
        hook.url = f"{url}/hook"
        yield hook


Play = Callable[..., AbstractAsyncContextManager[Sandbox]]


@pytest.fixture
def play() -> Play:
    """`async with play(rate_per_minute=…) as sandbox`: settings as keywords; paused and fast to retry unless told.

    `network` puts it behind a real server, for clients that are not ours.
    """

    @asynccontextmanager
    async def playing(*, network: bool = False, **settings: Any) -> AsyncIterator[Sandbox]:
        values = {"rate_per_minute": 0, "backoff_step_s": 0.05, "backoff_cap_s": 0.2, "late_s": 0.2} | settings
        app = build(SandboxSettings(**values))
        if not network:
            transport = httpx.ASGITransport(app)
            async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport) as http:
                yield Sandbox("http://sandbox", http)
            return
        async with served(app) as url, httpx.AsyncClient(verify=False) as http:
            yield Sandbox(url, http)

    return playing
