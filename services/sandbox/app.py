"""Builds the sandbox."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette

from services.sandbox import answers
from services.sandbox.channel import Channel
from services.sandbox.control import ControlApi
from services.sandbox.corpus import load
from services.sandbox.handlers import GatewayApi
from services.sandbox.journal import Journal
from services.sandbox.model import ModelApi
from services.sandbox.replay import Replay
from services.sandbox.sender import Sender
from services.sandbox.settings import SandboxSettings
from shared.observability import health, logging
from shared.settings import LogSettings

NAME = "sandbox"
_WEBHOOK_TIMEOUT_S = 10.0


def create() -> Starlette:
    """The sandbox as an ASGI app: it plays while it is served. Misconfigured when a setting is wrong."""
    logging.configure(LogSettings.load(), service=NAME)
    return build(SandboxSettings.load())


def build(settings: SandboxSettings, *, give: answers.Answer | None = None) -> Starlette:
    """The sandbox with these settings. `give` replaces what the stand-in model answers."""
    http = httpx.AsyncClient(timeout=_WEBHOOK_TIMEOUT_S, follow_redirects=False)
    signature = settings.webhook_hmac_secret

    async def post(method: str, url: str, headers: Mapping[str, str], body: bytes) -> int:
        signed = dict(headers)
        if signature is not None:
            key = signature.get_secret_value().encode()
            signed["x-whapi-signature"] = hmac.new(key, body, hashlib.sha256).hexdigest()
        try:
            return (await http.request(method, url, headers=signed, content=body)).status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            return 0

    channel = Channel(
        seed=settings.seed,
        channel_id=settings.channel_id,
        knobs=settings.knobs(),
        token=settings.token.get_secret_value(),
        journal=Journal(settings.state),
        clock=time.time,
    )
    sender = Sender(
        post,
        lambda: channel.knobs,
        channel.done,
        blocked=lambda: channel.knobs.webhook_outage or not channel.working,
    )
    secret = settings.webhook_secret
    headers = {settings.webhook_header: secret.get_secret_value()} if secret else {}
    rows = load(settings.corpus) if settings.corpus else []
    replay = Replay(channel, rows, settings.loops)
    gateway = GatewayApi(channel, post, clock=time.time)
    model = ModelApi(
        give or answers.from_gold(channel.golds),
        key=settings.llm_key.get_secret_value(),
        seed=settings.seed,
        knobs=lambda: channel.knobs,
        clock=time.time,
    )
    control = ControlApi(channel, sender, replay, requests=gateway.requests, answers=model.counts)

    tasks: dict[str, asyncio.Task[None]] = {}

    async def nothing_ended() -> None:
        for name, task in tasks.items():
            if task.done() and (error := task.exception()):
                raise RuntimeError(f"the {name} ended") from error

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        channel.remember()
        channel.learn(rows)
        if settings.webhook_url is not None:
            channel.register(settings.webhook_url, headers)
        channel.start(sender.add)
        tasks.update(sender=asyncio.create_task(sender.run()), replay=asyncio.create_task(replay.run()))
        yield
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        await http.aclose()
        channel.close()

    return Starlette(
        routes=[*health.routes(NAME, {"work": nothing_ended}), *control.routes(), *model.routes(), *gateway.routes()],
        lifespan=lifespan,
    )
