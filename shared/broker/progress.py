"""How far a reader has come, in time: up to when it has handled all that was in its stream."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from shared.broker.stored import last_sequence
from shared.errors import Misconfigured, Unavailable


class CaughtUp:
    """A mark is set at the stream's end of now, and asked for until the reader has passed it."""

    def __init__(
        self, js: Callable[[], JetStreamContext], stream: str, durable: str, clock: Callable[[], datetime]
    ) -> None:
        self._js = js
        self._stream = stream
        self._durable = durable
        self._clock = clock
        self._mark: tuple[datetime, int] | None = None

    async def __call__(self) -> datetime | None:
        """A time up to which it has handled all that had come in; None while it is behind the mark.

        Unavailable while the broker does not say, Misconfigured without the stream or the reader.
        """
        js = self._js()
        if self._mark is None:
            now = self._clock()  # before the look: what comes in between is not covered
            self._mark = (now, await last_sequence(js, self._stream))
        at, end = self._mark
        try:
            info = await js.consumer_info(self._stream, self._durable)
        except NotFoundError:
            raise Misconfigured(
                f"the broker lacks {self._stream}/{self._durable}: run `twin provision` first"
            ) from None
        except (NatsError, TimeoutError, OSError) as error:
            raise Unavailable(f"{self._stream}/{self._durable} cannot be asked: {type(error).__name__}") from error
        floor = info.ack_floor.stream_seq if info.ack_floor else 0
        idle = not info.num_pending and not info.num_ack_pending  # its last message may be of another subject
        if not idle and floor < end:
            return None
        self._mark = None
        return at
