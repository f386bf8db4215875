"""What the receiver does with a delivery whose sender is proven: read it, store all of it, then answer."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import structlog

from services.receiver import logic
from services.receiver.groups import ActiveGroups
from services.receiver.logic import Answer, refusal
from shared.broker.ports import Publisher
from shared.contracts.messages import RawEvent
from shared.contracts.pipeline import DeadLetter
from shared.errors import Malformed, Permanent, Transient
from shared.observability import metrics
from shared.whapi.wire import Delivery, inspect_delivery

log = structlog.get_logger(__name__)

_AT_ONCE = 500  # events published before their acknowledgements are awaited: each slice has a time limit of its own
_MOST_LABELS = 200  # foreign names that become metric labels; the rest share one
_RETRY_AFTER_S = 5
_MOST_NAMES = 60
_RECEIVED = {type: metrics.RECEIVED.labels(type) for type in ("message.posted", "message.edited", "message.deleted")}


class Handlers:
    """Takes deliveries in. Nothing is answered with 200 before the broker has acknowledged all of it."""

    def __init__(
        self,
        publisher: Publisher,
        groups: ActiveGroups,
        clock: Callable[[], datetime],
        *,
        channel_id: str | None = None,
    ) -> None:
        self._publisher = publisher
        self._groups = groups
        self._clock = clock
        self._channel_id = channel_id
        self._labels: set[str] = set()
        self._first = True

    async def deliver(self, body: logic.Body, headers: logic.Headers) -> Answer:
        """Stores what one authenticated delivery holds and says what became of it; 503 when it could not be stored."""
        self._show_first(headers)
        try:
            return await self._deliver(body, headers)
        except Transient as error:
            log.warning("receiver.unavailable", cause=type(error).__name__, detail=str(error)[:300])
            wait = int(error.retry_after or _RETRY_AFTER_S)
            return refusal(503, "unavailable", "not stored: send it again", retry_after_s=wait)
        except Exception as error:
            return await self._unexpected(body, error)

    async def _deliver(self, body: logic.Body, headers: logic.Headers) -> Answer:
        content_type, encoding = _header(headers, b"content-type"), _header(headers, b"content-encoding")
        try:
            parsed = logic.parse(body, content_type, encoding)
        except Malformed as error:
            await self._keep(
                [logic.letter(body, error.reason, str(error), now=self._clock(), content_type=content_type)]
            )
            log.warning("receiver.broken", reason=error.reason, size=len(body))
            return refusal(415 if error.reason == "content_encoding" else 400, "broken", str(error))
        delivery = inspect_delivery(parsed)
        if logic.of_another_channel(delivery, self._channel_id):
            log.warning("receiver.wrong_channel", channel_id=delivery.channel_id)
            return refusal(403, "wrong_channel", "the delivery is of another channel than RECEIVER_CHANNEL_ID")
        return await self._take_in(delivery, body)

    async def _take_in(self, delivery: Delivery, body: logic.Body) -> Answer:
        intake = logic.take_in(delivery, self._groups.known, self._groups.erased)
        stored, duplicate, too_large = await self._store(intake.events)
        letters = logic.letters_of(delivery, body, now=self._clock()) if delivery.malformed else []
        await self._keep(letters + too_large)
        self._groups.heard(intake.events)
        self._count(intake)
        content: dict[str, Any] = {
            "received": delivery.pieces,
            "stored": stored,
            "duplicate": duplicate,
            "ignored": intake.ignored,
            "malformed": delivery.broken + len(too_large),
        }
        log.debug("receiver.taken_in", event_name=delivery.event_name, **content)
        return Answer(200, _outcome(content, intake.ignored), content)

    async def _store(self, events: Sequence[RawEvent]) -> tuple[int, int, list[DeadLetter]]:
        """How many are new, how many the broker had already, and letters for those that are larger than it takes."""
        duplicate, too_large = 0, []
        for start in range(0, len(events), _AT_ONCE):
            part = events[start : start + _AT_ONCE]
            try:
                duplicate += sum(ack.duplicate for ack in await self._publisher.publish_all(part))
            except Permanent:
                again, letters = await self._store_singly(part)
                duplicate += again
                too_large += letters
        return len(events) - duplicate - len(too_large), duplicate, too_large

    async def _store_singly(self, events: Sequence[RawEvent]) -> tuple[int, list[DeadLetter]]:
        duplicate, letters = 0, []
        for event in events:
            try:
                duplicate += (await self._publisher.publish(event)).duplicate
            except Permanent as error:
                payload = event.model_dump_json().encode()
                letters.append(logic.letter(payload, error.reason, str(error), now=self._clock()))
        return duplicate, letters

    async def _keep(self, letters: Sequence[DeadLetter]) -> None:
        """Stores dead letters; Transient when the broker does not take them."""
        if not letters:
            return
        await self._publisher.publish_all(letters)
        for letter in letters:
            metrics.DEAD_LETTERS.labels(stage="receiver", reason=letter.reason).inc()

    async def _unexpected(self, body: logic.Body, error: Exception) -> Answer:
        """A fault of ours: the delivery is kept, and answered so that it comes again after the repair."""
        # Without the error's own words: a validation error repeats what it was given.
        stack = "".join(traceback.format_tb(error.__traceback__))[-4000:]
        log.error("receiver.failed", cause=type(error).__name__, stack=stack)
        try:
            await self._keep([logic.letter(body, "unexpected", type(error).__name__, now=self._clock())])
        except Exception as second:
            log.error("receiver.not_kept", cause=type(second).__name__)
        return refusal(500, "failed", "the receiver failed on this delivery")

    def _count(self, intake: logic.Intake) -> None:
        for event in intake.events:
            _RECEIVED[event.type].inc()
        for what, times in intake.ignored.items():
            name = what if what in self._labels or len(self._labels) < _MOST_LABELS else "other"
            self._labels.add(name)
            metrics.IGNORED.labels(name).inc(times)

    def _show_first(self, headers: logic.Headers) -> None:
        """What the gateway really sends is documented nowhere: its first delivery tells, by names only."""
        if self._first:
            self._first = False
            names = sorted({name[:60].decode("ascii", "replace") for name, _ in headers})
            log.info("receiver.first_delivery", headers=names[:_MOST_NAMES])


def _header(headers: logic.Headers, wanted: bytes) -> bytes:
    return b", ".join([value for name, value in headers if name == wanted])


def _outcome(content: dict[str, Any], ignored: dict[str, int]) -> str:
    if content["stored"]:
        return "stored"
    if content["duplicate"]:
        return "duplicate"
    if content["malformed"]:
        return "malformed"
    return "test" if ignored.get("test") else "nothing"
