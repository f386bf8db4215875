"""One run: the stack comes up, the load begins, the faults come and go, all settles, the oracle speaks."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from shared.broker import topology
from tests.chaos import house as house_room
from tests.chaos.evidence import collected, posts_of
from tests.chaos.faults import Faults, Happened
from tests.chaos.house import House
from tests.chaos.load import Load
from tests.chaos.oracle import Finding, findings
from tests.chaos.plan import Fault
from tests.chaos.poison import Poison
from tests.chaos.recovery import Recovery
from tests.chaos.reviewer import Reviewer
from tests.chaos.testimony import Evidence

_LOOK_S = 0.5
_WARM_UP_S = 3.0
_EXAMINATIONS, _BETWEEN_S = 4, 6.0
_QUIET_S = 3.0  # nothing moves for so long, before it counts as settled


@dataclass(frozen=True, slots=True)
class Order:
    """What to run. `per_s` messages a second, `messages` at most where given; faults come by the plan's clock."""

    seed: str
    faults: Sequence[Fault]
    per_s: float
    messages: int | None = None
    nodes: int = 1
    settle_within_s: float = 600.0


@dataclass
class Outcome:
    """What came of it. Times are in seconds."""

    order: Order
    found: list[Finding]
    happened: list[Happened]
    recovery: dict[int, float]
    not_recovered: int
    last_recovery_s: float | None
    settled_s: float | None
    took_s: float
    longest_lag_s: float
    evidence: Evidence
    events: int
    deaths: Counter[str] = field(default_factory=Counter)
    desk_failures: dict[str, int] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether nothing was lost, doubled or contradicted, and all settled in time."""
        return not self.found and self.settled_s is not None


async def run(order: Order, folder: Path, *, say: Callable[[str], None] = lambda _line: None) -> Outcome:
    """Runs it in this folder. `say` is told how it goes."""
    async with house_room.running(folder, seed=order.seed, nodes=order.nodes) as house:
        return await _Run(order, house, say).whole()


class _Run:
    def __init__(self, order: Order, house: House, say: Callable[[str], None]) -> None:
        self._order = order
        self._house = house
        self._say = say
        self._load = Load(order.seed, house.order, per_s=order.per_s, most=order.messages)
        self._poison = Poison(order.seed, house.order)
        self._recovery = Recovery(house.js)
        self._faults = Faults(house, self._recovery, self._poison)
        self._reviewer = Reviewer(order.seed, house.workers.url("publisher"))

    async def whole(self) -> Outcome:
        begun = time.monotonic()
        background = [asyncio.create_task(work) for work in (self._recovery.run(), self._reviewer.run(), self._tell())]
        loading = asyncio.create_task(self._load.run())
        try:
            await asyncio.sleep(_WARM_UP_S)
            await self._break()
            if self._order.messages is None:
                self._load.stop()
            await loading
            settled = await self._settled()
        finally:
            for task in (*background, loading):
                task.cancel()
            await asyncio.gather(*background, loading, return_exceptions=True)
        return await self._judged(begun, settled)

    async def _break(self) -> None:
        """The faults in their time; returns when the last one is undone."""
        begun = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for fault in self._order.faults:
                await asyncio.sleep(max(0.0, begun + fault.at - time.monotonic()))
                group.create_task(self._faults.inject(fault))

    async def _settled(self) -> float | None:
        """Seconds until nothing is on its way any more, anywhere; None where it takes too long."""
        begun = still_from = time.monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._order.settle_within_s):
                # The reviewer's last look has to come after everything else, and after the desk renewed its list.
                while self._reviewer.idle_from < still_from + _QUIET_S:
                    still = False
                    with suppress(Exception):  # a server may still be starting
                        still = await self._is_still()
                    if not still:
                        still_from = time.monotonic()
                    await asyncio.sleep(_LOOK_S)
                return still_from - begun
        return None

    async def _is_still(self) -> bool:
        """No lag, no webhook under way, every message in the ledger, nothing owed to consumers, all poison buried."""
        house = self._house
        waiting = (await house.http.get(f"{house.workers.url('sandbox')}/_control")).json()["webhooks"]["waiting"]
        if waiting or any(lag.pending or lag.unacked for lag in await topology.lags(house.js)):
            return False
        if await house.mongo.collection("calls").count_documents({"unsent": True}):
            return False
        needed = {post.id for post in posts_of(self._load.sent) if not post.deleted}
        known = {one["_id"] async for one in house.mongo.collection("messages").find({}, {"_id": 1})}
        dead = (await house.js.stream_info("DEAD")).state.messages
        return len(needed - known) <= dead and dead >= len(self._poison.posted)

    async def _judged(self, begun: float, settled: float | None) -> Outcome:
        await asyncio.sleep(2.0)  # the desk's and the feed's lists are renewed every second
        evidence, found = await self._examined()
        times = self._recovery.times
        last = max(self._faults.happened, key=lambda one: one.ended, default=None)
        return Outcome(
            order=self._order,
            found=found,
            happened=self._faults.happened,
            recovery=dict(times),
            not_recovered=self._recovery.waiting,
            last_recovery_s=times.get(last.fault.number) if last else None,
            settled_s=settled,
            took_s=time.monotonic() - begun,
            longest_lag_s=self._recovery.longest_lag_s,
            evidence=evidence,
            events=self._load.sent.events,
            deaths=self._house.workers.deaths,
            desk_failures=self._reviewer.diary.failed,
        )

    async def _examined(self) -> tuple[Evidence, list[Finding]]:
        """The evidence and what is wrong with it, looked at again while something is: a call may expire in between."""
        for again in reversed(range(_EXAMINATIONS)):
            evidence = await collected(self._house, self._load.sent, self._poison.posted, self._reviewer.diary)
            found = findings(evidence)
            if not found or not again:
                break
            await asyncio.sleep(_BETWEEN_S)
        return evidence, found

    async def _tell(self) -> None:
        """A line now and then."""
        while True:
            await asyncio.sleep(15)
            done = len(self._faults.happened)
            self._say(
                f"{self._recovery.now():6.0f} s   {done} of {len(self._order.faults)} faults over, "
                f"{self._recovery.waiting} not recovered from   {self._load.sent.events} messages, "
                f"{len(self._reviewer.diary.decisions)} decisions"
            )
