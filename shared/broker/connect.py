"""Connecting to the broker with options that never lose a message (each default that this replaces does)."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.security import SASLPlaintext
from nats.aio.client import Client
from nats.js import JetStreamContext

from shared.contracts.subjects import Route
from shared.settings import NatsSettings

log = structlog.get_logger(__name__)

# Longer than any handler: what runs at a stop is finished, not thrown away. Containers give a longer grace still.
GRACEFUL_TIMEOUT_S = 25.0

_contexts: WeakKeyDictionary[Client, JetStreamContext] = WeakKeyDictionary()


def connect(
    settings: NatsSettings,
    *,
    name: str,
    middlewares: Sequence[Any] = (),
    on_closed: Callable[[], Awaitable[None]] | None = None,
) -> NatsBroker:
    """A broker client that has not connected yet: `await broker.start()` does.

    It reconnects for ever. Should the client give up all the same (it then spins and hears nothing more), `on_closed`
    ends the process, so that whoever runs it starts a fresh one.
    """

    async def closed() -> None:  # the client insists on a coroutine function
        if on_closed is not None:
            await on_closed()

    security = None
    if settings.user:
        password = settings.password.get_secret_value() if settings.password else ""
        security = SASLPlaintext(username=settings.user, password=password)
    return NatsBroker(
        [server.strip() for server in settings.url.split(",")],
        name=name,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        ping_interval=10,
        max_outstanding_pings=2,
        graceful_timeout=GRACEFUL_TIMEOUT_S,
        closed_cb=closed,
        security=security,
        middlewares=middlewares,
        # Two records a message are too many; the services write one of their own.
        logger=None,
    )


class StopOnClose:
    """Ends this process when the broker client closes by itself; silent once `stopping` is set."""

    def __init__(self) -> None:
        self.stopping = False

    async def __call__(self) -> None:
        """Called by the client when it has closed."""
        if not self.stopping:
            log.critical("broker.closed", action="stopping this process so that it is started again")
            os.kill(os.getpid(), signal.SIGTERM)


def jetstream(broker: NatsBroker) -> JetStreamContext:
    """The raw JetStream of a started broker: one for each connection, since each opens an inbox of its own."""
    client = broker.connection
    context = _contexts.get(client)
    if context is None:
        context = _contexts[client] = client.jetstream()
    return context


def listen(
    broker: NatsBroker,
    handler: Callable[[Any], Awaitable[None]],
    route: Route,
    durable: str,
    pull: PullSub[Any],
    *,
    max_workers: int = 1,
    decoder: Any = None,
) -> None:
    """Has `handler` called with what comes on this route, through a durable consumer that the topology has made.

    Nothing is declared here. With `max_workers` above one, ask for a batch of one: more would wait in the client with
    their time running out.
    """
    options: dict[str, Any] = {"decoder": decoder} if decoder else {}
    broker.subscriber(
        route.subject,
        stream=JStream(route.stream, declare=False),
        durable=durable,
        pull_sub=pull,
        max_workers=max_workers,
        # A `reply_to` header inside a stored message must not make us publish a handler's result somewhere.
        no_reply=True,
        **options,
    )(handler)
