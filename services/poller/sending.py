"""Publishes events that the gateway listed, so that one which can never be stored does not hold up the others."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from shared.broker.ports import Publisher
from shared.contracts.messages import RawEvent
from shared.errors import Permanent

log = structlog.get_logger(__name__)


async def send(publisher: Publisher, events: Sequence[RawEvent]) -> tuple[set[str], set[str]]:
    """The ids of those that the broker had already, and of those that it can never take (they are logged).

    Returns when the broker has all the others; Unavailable when there is no acknowledgement: send all again.
    """
    duplicate, refused = set[str](), set[str]()
    try:
        acks = await publisher.publish_all(events)
        duplicate = {event.event_id for event, ack in zip(events, acks, strict=True) if ack.duplicate}
    except Permanent:  # one of them is too large: the others must not wait for it
        for event in events:
            try:
                if (await publisher.publish(event)).duplicate:
                    duplicate.add(event.event_id)
            except Permanent as error:
                refused.add(event.event_id)
                log.error("poller.refused", event_id=event.event_id, reason=error.reason)
    return duplicate, refused
