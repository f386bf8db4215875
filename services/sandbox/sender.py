"""Sends webhooks until they are answered 200, with a wait that grows step by step, as the gateway does."""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import count
from time import monotonic
from typing import Any

import structlog

from services.sandbox.knobs import Knobs
from services.sandbox.logic import encoded

Post = Callable[[str, str, Mapping[str, str], bytes], Awaitable[int]]
"""Sends (HTTP method, address, headers, body) and returns the status; 0 where nothing answered."""

_GRACE_S = 2.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """One webhook to one address. `key` names it for ever; `several` tells that its messages may share a body."""

    key: str
    method: str
    url: str
    headers: dict[str, str] = field(repr=False)
    body: dict[str, Any] = field(repr=False)
    several: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For the journal."""
        return asdict(self)


class Sender:
    """A queue of webhooks. `done` is told each key that was answered 200; nothing is ever given up."""

    def __init__(
        self, post: Post, knobs: Callable[[], Knobs], done: Callable[[str], None], *, blocked: Callable[[], bool]
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._post = post
        self._knobs = knobs
        self._done = done
        self._blocked = blocked
        self._queue: list[tuple[float, int, int, Job]] = []  # due, order, failed tries so far
        self._order = count()
        self._changed = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()
        self._in_hand = 0

    @property
    def waiting(self) -> int:
        """Webhooks not yet answered 200."""
        return len(self._queue) + self._in_hand

    def add(self, job: Job, delay: float = 0, *, tries: int = 0) -> None:
        """Queues a webhook, to go out after `delay` seconds."""
        heapq.heappush(self._queue, (monotonic() + delay, next(self._order), tries, job))
        self._changed.set()

    def hurry(self) -> None:
        """Makes every waiting webhook due now."""
        now = monotonic()
        self._queue = [(min(due, now), order, tries, job) for due, order, tries, job in self._queue]
        heapq.heapify(self._queue)
        self._changed.set()

    async def run(self) -> None:
        """Sends until cancelled."""
        try:
            while True:
                self._changed.clear()
                while len(self._under_way) < self._knobs().senders and (taken := self._take()):
                    task = asyncio.create_task(self._send(taken))
                    self._under_way.add(task)
                    task.add_done_callback(self._finished)
                await self._until_due()
        finally:
            await self._end()

    async def _end(self) -> None:
        """Gives the webhooks under way a moment to be answered; what is not comes again after the next start."""
        if not self._under_way:
            return
        _, late = await asyncio.wait(self._under_way, timeout=_GRACE_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _take(self) -> list[tuple[int, Job]]:
        """The next job that is due, and those behind it that may go in the same body."""
        taken: list[tuple[int, Job]] = []
        now, most = monotonic(), self._knobs().batch
        while self._queue and self._queue[0][0] <= now and len(taken) < most:
            _, _, tries, job = self._queue[0]
            if taken and not (job.several and taken[0][1].several and job.url == taken[0][1].url):
                break
            heapq.heappop(self._queue)
            taken.append((tries, job))
        self._in_hand += len(taken)
        return taken

    async def _send(self, taken: list[tuple[int, Job]]) -> None:
        try:
            status = await self._ask(taken)
        finally:
            self._in_hand -= len(taken)
        self.counts["attempts"] += 1
        self.counts["answered_200" if status == 200 else "failed"] += 1
        knobs = self._knobs()
        for tries, job in taken:
            if status == 200:
                self._done(job.key)
            else:
                self.add(job, min(knobs.backoff_step_s * (tries + 1), knobs.backoff_cap_s), tries=tries + 1)
        if status != 200:
            log.debug("sandbox.webhook_failed", status=status, webhooks=len(taken))

    async def _ask(self, taken: list[tuple[int, Job]]) -> int:
        first = taken[0][1]
        body = dict(first.body)
        if len(taken) > 1:
            body["messages"] = [message for _, job in taken for message in job.body["messages"]]
        if self._blocked():
            return 0
        content = encoded(body)
        return await self._post(first.method, first.url, {"content-type": "application/json", **first.headers}, content)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._changed.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("sandbox.sender_failed", error=repr(error))

    async def _until_due(self) -> None:
        free = len(self._under_way) < self._knobs().senders
        timeout = max(0.0, self._queue[0][0] - monotonic()) if free and self._queue else None
        try:
            async with asyncio.timeout(timeout):
                await self._changed.wait()
        except TimeoutError:
            return
