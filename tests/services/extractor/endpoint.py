"""A small endpoint that answers as it is told to: what a model's endpoint does, and all that can go wrong there."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

NO_CALL = {"is_casting_call": False, "reason": "a film is announced", "call": None, "evidence": []}


def said(content: str | None, *, refusal: str | None = None, finish: str = "stop") -> Response:
    """A completion with this content."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    return JSONResponse(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "gpt-4o-mini",
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100},
        }
    )


def gives(answer: Any) -> Response:
    """A completion with this answer as JSON."""
    return said(json.dumps(answer, ensure_ascii=False))


def fails(status: int, *, code: str | None = None, param: str | None = None, **headers: str) -> Response:
    """An error in OpenAI's form; a header's name has _ for -."""
    error = {"error": {"message": "no: sk-secret مطلوب", "type": code, "param": param, "code": code}}
    return JSONResponse(error, status, headers={name.replace("_", "-"): value for name, value in headers.items()})


class Endpoint:
    """What the next requests get, in their order; then `usual`. `hang` holds back every answer until it is set."""

    def __init__(self) -> None:
        self.next: deque[Response] = deque()
        self.usual: Response = gives(NO_CALL)
        self.requests: list[dict[str, Any]] = []
        self.hang: asyncio.Event | None = None
        self.url = ""

    async def complete(self, request: Request) -> Response:
        """One chat completion."""
        self.requests.append(await request.json())
        if self.hang is not None:
            await self.hang.wait()
        return self.next.popleft() if self.next else self.usual


@asynccontextmanager
async def serving() -> AsyncIterator[Endpoint]:
    """An endpoint on a free port of this machine."""
    endpoint = Endpoint()
    async with listening([Route("/v1/chat/completions", endpoint.complete, methods=["POST"])]) as address:
        endpoint.url = f"{address}/v1"
        try:
            yield endpoint
        finally:
            if endpoint.hang is not None:
                endpoint.hang.set()


@asynccontextmanager
async def listening(routes: list[Route]) -> AsyncIterator[str]:
    """The address of a server with these routes."""
    app = Starlette(routes=routes)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, ws="none", lifespan="off"))
    started = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await started
