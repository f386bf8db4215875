"""Our outgoing webhooks: what is approved becomes a delivery for each subscriber, and is sent until it is taken."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from shared.contracts.pipeline import ApprovedCall
from shared.errors import Permanent
from shared.observability import metrics
from shared.storage.hooks import Delivery, DeliveryState, Hook, Hooks, Topic
from shared.storage.leases import Leases
from shared.webhooks import standard
from shared.webhooks.sender import Answer, Poster
from shared.webhooks.standard import Outcome

log = structlog.get_logger(__name__)

LEASE: Final = "hooks"
_LEASE_TTL: Final = timedelta(minutes=2)
_ROUND_S: Final = 60.0  # a round ends within the lease, whatever subscribers do
_FIRST_REST: Final = timedelta(seconds=5)  # of a subscriber that fails: twice as long each time it does so again
_LONGEST_REST: Final = timedelta(minutes=5)
_LONGEST_ASKED: Final = timedelta(days=1)
_LONGEST_ERROR: Final = 300
TEST_TYPE: Final = "test"


def deliveries_for(
    hooks: Iterable[Hook],
    topic: Topic,
    *,
    event_id: str,
    type: str,
    at: datetime,
    data: Mapping[str, Any],
    now: datetime,
) -> list[Delivery]:
    """What each subscriber to this topic is owed. The same event makes the same deliveries."""
    body = standard.body_of(type, at, data)
    id = standard.id_of(event_id)
    return [
        Delivery(hook_id=hook.id, event_id=id, type=type, body=body, created_at=now, next_at=now)
        for hook in hooks
        if topic in hook.topics and hook.disabled_at is None
    ]


class HookFeed:
    """Reads `approved` as any consumer does."""

    def __init__(self, hooks: Hooks, clock: Callable[[], datetime]) -> None:
        self._hooks = hooks
        self._clock = clock

    async def on_approved(self, event: ApprovedCall) -> None:
        """Owes the event to every subscriber; the same event again changes nothing."""
        owed = deliveries_for(
            await self._hooks.all(),
            Topic.CALLS,
            event_id=event.event_id,
            type=f"call.{event.type}",
            at=event.changed_at,
            data=event.model_dump(mode="json"),
            now=self._clock(),
        )
        await self._hooks.enqueue(owed)


class Dispatcher:
    """Sends what is owed. One replica does so at a time; should two overlap, the `webhook-id` makes it harmless."""

    def __init__(
        self, hooks: Hooks, poster: Poster, leases: Leases, clock: Callable[[], datetime], *, owner: str
    ) -> None:
        self._hooks = hooks
        self._poster = poster
        self._leases = leases
        self._clock = clock
        self._owner = owner
        self._failures: Counter[str] = Counter()  # in a row, by subscriber
        self._resting: dict[str, datetime] = {}

    async def once(self) -> int:
        """Sends what is due now and returns how many were taken. A slow subscriber holds up no other."""
        if not await self._leases.acquire(LEASE, self._owner, now=self._clock(), ttl=_LEASE_TTL):
            return 0
        hooks = [hook for hook in await self._hooks.all() if hook.disabled_at is None and self._is_rested(hook)]
        return sum(await asyncio.gather(*(self._serve(hook) for hook in hooks)))

    async def _serve(self, hook: Hook) -> int:
        """One subscriber's deliveries in their order, until it fails or its time is over."""
        taken = 0
        ends = asyncio.get_running_loop().time() + _ROUND_S
        for delivery in await self._hooks.due(hook.id, self._clock()):
            if asyncio.get_running_loop().time() >= ends:
                break
            if await self.send(hook, delivery) is not Outcome.DELIVERED:
                break
            taken += 1
        return taken

    async def send(self, hook: Hook, delivery: Delivery) -> Outcome:
        """One try, noted."""
        now = self._clock()
        try:
            answer = await attempt(self._poster, hook, delivery, now)
        except Permanent as error:  # an address that may not be sent to, now or ever
            answer = Answer(None, str(error))
        outcome = standard.outcome_of(answer.status)
        why = f"{answer.status or 'no answer'} {answer.detail}".strip()[:_LONGEST_ERROR]
        self._rest(hook.id, outcome, now, answer.retry_after)
        await self._hooks.note(_after(delivery, outcome, why, now, answer.retry_after))
        if outcome is Outcome.GONE:
            await self._hooks.disable(hook.id, now, "it answered 410 Gone")
            log.error("hooks.disabled", hook=hook.id, why="410")
        metrics.HOOK_DELIVERIES.labels(outcome=str(outcome)).inc()
        level = log.info if outcome is Outcome.DELIVERED else log.warning
        level("hooks.sent", hook=hook.id, delivery=delivery.event_id, outcome=str(outcome), status=answer.status)
        return outcome

    def _rest(self, id: str, outcome: Outcome, now: datetime, asked: float | None) -> None:
        """Leaves a subscriber alone that has just failed, so that it is not sent all that waits, one after another."""
        if outcome is Outcome.DELIVERED:
            self._failures.pop(id, None)
            self._resting.pop(id, None)
            return
        self._failures[id] += 1
        rest = min(_FIRST_REST * 2 ** min(self._failures[id] - 1, 10), _LONGEST_REST)
        if outcome is Outcome.SLOWER and asked is not None:
            rest = min(max(rest, timedelta(seconds=asked)), _LONGEST_ASKED)
        self._resting[id] = now + rest

    def _is_rested(self, hook: Hook) -> bool:
        until = self._resting.get(hook.id)
        return until is None or self._clock() >= until


async def attempt(poster: Poster, hook: Hook, delivery: Delivery, now: datetime) -> Answer:
    """Signs and sends once."""
    body = delivery.body.encode()
    return await poster.post(hook.url, standard.headers(hook.signing(now), delivery.event_id, now, body), body)


def _after(delivery: Delivery, outcome: Outcome, why: str, now: datetime, asked: float | None) -> Delivery:
    attempts = delivery.attempts + 1
    if outcome is Outcome.DELIVERED:
        return replace(delivery, state=DeliveryState.DELIVERED, attempts=attempts, error="")
    wait = standard.wait_s(attempts, asked=asked, jitter=random.random())  # noqa: S311 (spreads tries, hides nothing)
    if wait is None or outcome is Outcome.GONE:
        return replace(delivery, state=DeliveryState.FAILED, attempts=attempts, error=why)
    return replace(delivery, attempts=attempts, error=why, next_at=now + timedelta(seconds=wait))
