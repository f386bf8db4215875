"""Publishing with an acknowledgement: an event is either stored by the broker or an error says that it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import nats.errors
import nats.js.errors
from nats.js import JetStreamContext
from nats.js.api import PubAck

from shared.broker.ports import Published
from shared.contracts.base import Event
from shared.contracts.subjects import route_of, subject_of
from shared.errors import Permanent, TwinError, Unavailable


class JetStreamPublisher:
    """The publish port on JetStream. `js` is asked at each call, so that this can be built before the broker starts.

    The stream is always named: a publish without one is silently lost where no stream listens. The event id goes along
    as the message id, so that a repeat is dropped by the broker, also the one that a time-out only seemed to lose.
    """

    def __init__(self, js: Callable[[], JetStreamContext], *, timeout_s: float = 5.0) -> None:
        self._js = js
        self._timeout = timeout_s

    async def publish(self, event: Event) -> Published:
        """As the port says."""
        try:
            ack = await self._js().publish(
                subject_of(event),
                event.model_dump_json().encode(),
                timeout=self._timeout,
                stream=route_of(event).stream,
                headers={"Nats-Msg-Id": event.event_id},
            )
        except Exception as error:
            raise _translated(error, event) from error
        return _published(ack)

    async def publish_all(self, events: Sequence[Event]) -> list[Published]:
        """As the port says. All are sent before the first acknowledgement is awaited."""
        if len(events) == 1:
            return [await self.publish(events[0])]
        if not events:
            return []
        js = self._js()
        pending: list[asyncio.Future[PubAck]] = []
        try:
            async with asyncio.timeout(self._timeout):
                for event in events:
                    future = await js.publish_async(
                        subject_of(event),
                        event.model_dump_json().encode(),
                        stream=route_of(event).stream,
                        headers={"Nats-Msg-Id": event.event_id},
                    )
                    pending.append(future)
                acks = await asyncio.gather(*pending)
        except Exception as error:
            for future in pending:
                future.cancel()
            raise _translated(error, events[0]) from error
        return [_published(ack) for ack in acks]


def _published(ack: PubAck) -> Published:
    return Published(ack.seq, duplicate=bool(ack.duplicate))


def _translated(error: Exception, event: Event) -> TwinError:
    """Ours for the client's errors: what is too large never fits, everything else passes with its cause."""
    if isinstance(error, nats.errors.MaxPayloadError):
        return Permanent(f"event {event.event_id} is larger than the broker takes", reason="too_large")
    if isinstance(error, nats.js.errors.ServiceUnavailableError):
        return Unavailable(f"stream {route_of(event).stream} takes no more: {error.description}")
    return Unavailable(f"no acknowledgement for {subject_of(event)}: {type(error).__name__} {error}".rstrip())
