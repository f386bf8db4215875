"""Connecting to the broker with options that never lose a message (each default that this replaces does)."""

from __future__ import annotations

import math
import os
import signal
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import structlog
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsSecurity, NatsUserPassword, PullSub
from nats.aio.client import DEFAULT_INBOX_PREFIX, Client
from nats.js import JetStreamContext

from shared.broker.permissions import inbox_of
from shared.contracts.subjects import Route
from shared.errors import Misconfigured
from shared.settings import NatsSettings

log = structlog.get_logger(__name__)

# Longer than any handler: what runs at a stop is finished, not thrown away. Containers give a longer grace still.
GRACEFUL_TIMEOUT_S = 25.0
_SCHEMES = {"nats", "tls", "ws", "wss"}
_TELL_AGAIN_S = 30.0
_POLL_S = 1.0  # the bound on the silence after a reconnect

_contexts: WeakKeyDictionary[Client, JetStreamContext] = WeakKeyDictionary()
_inboxes: WeakKeyDictionary[NatsBroker, bytes] = WeakKeyDictionary()


def connect(
    settings: NatsSettings,
    *,
    name: str,
    middlewares: Sequence[Any] = (),
    on_closed: Callable[[], Awaitable[None]] | None = None,
) -> NatsBroker:
    """A broker client that has not connected yet: `await broker.start()` does.

    It reconnects for ever. Should the client give up all the same (it then spins and hears nothing more), `on_closed`
    ends the process, so that whoever runs it starts a fresh one. With a user, its answers arrive in an inbox under its
    own name, which is all that it may listen to. Misconfigured where the settings' addresses are none, or their
    certificates cannot be read.
    """
    troubles = _Troubles()

    async def closed() -> None:  # the client insists on a coroutine function
        if on_closed is not None:
            await on_closed()

    async def failed(error: Exception) -> None:
        if "permissions violation" in str(error).lower():
            log.error("broker.not_allowed", user=settings.user, detail=str(error)[:300])
        elif troubles.is_due(type(error).__name__):
            log.info("broker.trouble", cause=type(error).__name__, detail=str(error)[:300])

    inbox = inbox_of(settings.user).encode() if settings.user else DEFAULT_INBOX_PREFIX
    broker = NatsBroker(
        servers(settings.url),
        name=name,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        ping_interval=10,
        max_outstanding_pings=2,
        graceful_timeout=GRACEFUL_TIMEOUT_S,
        closed_cb=closed,
        error_cb=failed,
        security=_security(settings),
        inbox_prefix=inbox,
        middlewares=middlewares,
        # Two records a message are too many; the services write one of their own.
        logger=None,
    )
    _inboxes[broker] = inbox
    return broker


def servers(url: str) -> list[str]:
    """The addresses in this setting; Misconfigured where one is none, which the client would try for ever."""
    found = [server.strip() for server in url.split(",")]
    for server in found:
        try:
            parts = urlsplit(server if "://" in server else f"nats://{server}")
            usable = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
        except ValueError:  # a port that is no number, or too large
            usable = False
        if not usable:
            raise Misconfigured("NATS_URL: must be host:port or nats://host:port, or several of these with commas")
    return found


class _Troubles:
    """Which troubles of the connection are due to be told: the client meets a broker that is away every second."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def is_due(self, cause: str) -> bool:
        """True, and on record, where this cause has not been told of late."""
        now = time.monotonic()
        due = now - self._told.get(cause, -math.inf) >= _TELL_AGAIN_S
        if due:
            self._told[cause] = now
        return due


def _security(settings: NatsSettings) -> NatsSecurity | None:
    """The user and the encryption that the settings ask for; None where they ask for neither."""
    context = tls_context(settings)
    if settings.user:
        password = settings.password.get_secret_value() if settings.password else ""
        first = settings.tls_first and context is not None
        return NatsUserPassword(settings.user, password, ssl_context=context, tls_handshake_first=first)
    return NatsSecurity(ssl_context=context, tls_handshake_first=settings.tls_first) if context else None


def tls_context(settings: NatsSettings) -> ssl.SSLContext | None:
    """What we believe and show when a connection is encrypted; None where the settings name no TLS."""
    if settings.tls_ca is None and settings.tls_cert is None and "tls://" not in settings.url:
        return None
    try:
        context = ssl.create_default_context(cafile=settings.tls_ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if settings.tls_cert is not None:
            context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except OSError as error:  # ssl.SSLError is one of them
        raise Misconfigured(f"NATS_TLS_CA, NATS_TLS_CERT and NATS_TLS_KEY cannot be read: {error}") from error
    return context


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
    *,
    lanes: int = 1,
    decoder: Any = None,
) -> None:
    """Has `handler` called with what comes on this route, through a durable consumer that the topology has made.

    Nothing is declared here. Each lane fetches one message and handles it before it fetches the next: what waited in
    the client would have its time run out there, without a heartbeat. (FastStream's own workers share one such queue.)
    """
    options: dict[str, Any] = {"decoder": decoder} if decoder else {}
    for _ in range(lanes):
        broker.subscriber(
            route.subject,
            stream=JStream(route.stream, declare=False),
            durable=durable,
            pull_sub=PullSub(1, timeout=_POLL_S),
            # A `reply_to` header inside a stored message must not make us publish a handler's result somewhere.
            no_reply=True,
            inbox_prefix=_inboxes.get(broker, DEFAULT_INBOX_PREFIX) + b".",
            **options,
        )(handler)
