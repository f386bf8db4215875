"""The webhook's door: path, size, time and sender are checked here, on the raw body, before anything is parsed."""

from __future__ import annotations

import asyncio
import hmac
from time import perf_counter

import orjson
import structlog
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from services.receiver.handlers import Handlers
from services.receiver.logic import Answer, Headers, Lock, refusal
from shared.observability import metrics

log = structlog.get_logger(__name__)

_COMPLAIN_EVERY_S = 60.0
_STORED = metrics.DELIVERIES.labels("stored")

_NOT_FOUND = PlainTextResponse("Not Found", 404)  # as Starlette answers for any unknown path
_TOO_LARGE = refusal(413, "too_large", "the delivery is larger than RECEIVER_MAX_BODY", close=True)
_TOO_SLOW = refusal(408, "too_slow", "the delivery did not arrive within RECEIVER_BODY_TIMEOUT_S", close=True)
_OVERLOADED = refusal(503, "overloaded", "too many deliveries at once: send it again", close=True, retry_after_s=5)
_BAD_LENGTH = refusal(400, "broken", "Content-Length is no number", close=True)
_GONE = refusal(400, "gone", "the sender left before the delivery was whole", close=True)
_UNAUTHORISED = refusal(401, "unauthorised", "the secret or the signature is missing or wrong", close=True)


class Webhook:
    """An ASGI endpoint. The body is read piece by piece and never beyond its limit.

    Of a stranger nothing is read where the header alone proves the sender.
    """

    def __init__(
        self,
        handlers: Handlers,
        lock: Lock,
        *,
        path_secret: bytes = b"",
        max_body: int,
        max_buffered: int,
        body_timeout_s: float,
    ) -> None:
        self._handlers = handlers
        self._lock = lock
        self._path_secret = path_secret
        self._max_body = max_body
        self._max_buffered = max_buffered
        self._body_timeout_s = body_timeout_s
        self._buffered = 0
        self._complain_at = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; 404 like any unknown path where the secret segment is wrong."""
        started = perf_counter()
        segment = scope.get("path_params", {}).get("secret_path", "")
        if not hmac.compare_digest(segment.encode("utf-8", "surrogateescape"), self._path_secret):
            metrics.DELIVERIES.labels("wrong_path").inc()
            await _NOT_FOUND(scope, receive, send)
            return
        answer = await self._answer(scope["headers"], receive)
        if answer.outcome == "stored":
            _STORED.inc()
            metrics.DELIVERY_SECONDS.observe(perf_counter() - started)
        else:
            metrics.DELIVERIES.labels(answer.outcome).inc()
        if answer is not _GONE:
            await _send(answer, send)

    async def _answer(self, headers: Headers, receive: Receive) -> Answer:
        for name, value in headers:
            if name == b"content-length":
                if not (value.isdigit() and len(value) < 19):
                    return _BAD_LENGTH
                if int(value) > self._max_body:
                    return _TOO_LARGE
        lock = self._lock
        if not lock.signed and not lock.opens(headers):
            return self._refuse_stranger(headers)
        body = bytearray()
        try:
            if (refused := await self._read(body, receive)) is not None:
                return refused
            if lock.signed and not lock.opens(headers, body):
                return self._refuse_stranger(headers)
            return await self._handlers.deliver(body, headers)
        finally:
            self._buffered -= len(body)

    async def _read(self, body: bytearray, receive: Receive) -> Answer | None:
        """Fills `body`; the answer that ends the request where it must not be read to its end."""
        try:
            async with asyncio.timeout(self._body_timeout_s):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        return _GONE
                    chunk = message.get("body", b"")
                    if len(body) + len(chunk) > self._max_body:
                        return _TOO_LARGE
                    if self._buffered + len(chunk) > self._max_buffered:
                        return _OVERLOADED
                    body += chunk
                    self._buffered += len(chunk)
                    if not message.get("more_body", False):
                        return None
        except TimeoutError:
            return _TOO_SLOW

    def _refuse_stranger(self, headers: Headers) -> Answer:
        """401; a log line a minute at most, so that strangers cannot fill the log."""
        now = perf_counter()
        if now >= self._complain_at:
            self._complain_at = now + _COMPLAIN_EVERY_S
            missing = all(name != self._lock.header for name, _ in headers)
            log.warning("receiver.unauthorised", header=self._lock.header.decode(), missing=missing)
        return _UNAUTHORISED


async def _send(answer: Answer, send: Send) -> None:
    content = orjson.dumps(answer.content)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    if answer.close:
        headers.append((b"connection", b"close"))
    if answer.retry_after_s is not None:
        headers.append((b"retry-after", str(answer.retry_after_s).encode()))
    start: Message = {"type": "http.response.start", "status": answer.status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": content})
