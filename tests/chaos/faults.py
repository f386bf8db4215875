"""What each kind of fault does to the running stack, and how it is undone."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from services.operator.embedded import Server
from tests.chaos.house import House
from tests.chaos.plan import SERVERS, Fault
from tests.chaos.poison import Poison
from tests.chaos.recovery import Recovery

_AGAIN_S = 0.2
_GIVE_UP_S = 60.0
_SLOW_S = (0.05, 0.4)

_GATEWAY: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "too_many": ({"too_many": 0.7, "retry_after_s": 1}, {"too_many": 0, "retry_after_s": None}),
    "errors": ({"errors": 0.7}, {"errors": 0}),
    "empty_pages": ({"empty_pages": 0.7}, {"empty_pages": 0}),
    "session": ({"session": "QR"}, {"session": "AUTH"}),
    "rest_outage": ({"rest_outage": True}, {"rest_outage": False}),
    "webhook_outage": ({"webhook_outage": True}, {"webhook_outage": False}),
    "slow": ({"rest_delay_s": 2}, {"rest_delay_s": 0}),
    "ahead": ({"clock_offset_s": 70}, {"clock_offset_s": 0}),
    "behind": ({"clock_offset_s": -70}, {"clock_offset_s": 0}),
}


@dataclass(frozen=True, slots=True)
class Happened:
    """A fault as it was done: seconds since the run's start at its beginning and at its end."""

    fault: Fault
    began: float
    ended: float


class Faults:
    """Injects the faults. Two on one target wait for each other, so that none of them comes to nothing."""

    def __init__(self, house: House, recovery: Recovery, poison: Poison) -> None:
        self.happened: list[Happened] = []
        self._house = house
        self._recovery = recovery
        self._poison = poison
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._kinds: dict[str, Callable[[Fault], Awaitable[None]]] = {
            "kill": self._kill,
            "kill-server": self._kill_server,
            "restart": self._restart,
            "restart-server": self._restart_server,
            "freeze": self._freeze,
            "reset": self._reset,
            "slow-link": self._slow_link,
            "black-hole": self._black_hole,
            "disk-full": self._disk_full,
            "gateway": self._knobs,
            "model": self._model,
            "clock": self._knobs,
            "poison": self._poisoned,
        }

    async def inject(self, fault: Fault) -> None:
        """Does it, undoes it, and has its recovery timed from then on."""
        async with self._turns[_part(fault)]:
            began = self._recovery.now()
            await self._kinds[fault.kind](fault)
            ended = self._recovery.now()
        self.happened.append(Happened(fault, began, ended))
        self._recovery.ended(fault.number)

    async def _kill(self, fault: Fault) -> None:
        workers = self._house.workers
        workers.held.add(fault.target)
        await asyncio.to_thread(workers.kill, fault.target)
        await asyncio.sleep(fault.lasts_s)
        workers.start([fault.target])
        workers.held.discard(fault.target)

    async def _restart(self, fault: Fault) -> None:
        workers = self._house.workers
        workers.held.add(fault.target)
        process = workers.processes[fault.target]
        process.terminate()
        await asyncio.to_thread(process.wait, _GIVE_UP_S)
        await asyncio.sleep(fault.lasts_s)
        workers.start([fault.target])
        workers.held.discard(fault.target)

    async def _server(self, name: str) -> Server:
        return self._house.database if name == "mongo" else await self._house.broker.victim(self._house.js)

    async def _kill_server(self, fault: Fault) -> None:
        server = await self._server(fault.target)
        await asyncio.to_thread(server.kill)
        await asyncio.sleep(fault.lasts_s)
        await asyncio.to_thread(server.restart)

    async def _restart_server(self, fault: Fault) -> None:
        server = await self._server(fault.target)
        await asyncio.to_thread(server.stop)
        await asyncio.sleep(fault.lasts_s)
        await asyncio.to_thread(server.restart)

    async def _freeze(self, fault: Fault) -> None:
        if fault.target in SERVERS:
            process = (await self._server(fault.target)).process
        else:
            process = self._house.workers.processes[fault.target]
        process.send_signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(fault.lasts_s)
        finally:
            process.send_signal(signal.SIGCONT)

    async def _reset(self, fault: Fault) -> None:
        if link := self._house.links.get(fault.target):
            link.reset()

    async def _slow_link(self, fault: Fault) -> None:
        if link := self._house.links.get(fault.target):
            low, high = _SLOW_S
            link.delay_s = low + (high - low) * (fault.lasts_s % 1)
            await asyncio.sleep(fault.lasts_s)
            link.delay_s = 0.0

    async def _black_hole(self, fault: Fault) -> None:
        if link := self._house.links.get(fault.target):
            link.hold()
            await asyncio.sleep(fault.lasts_s)
            link.release()

    async def _disk_full(self, fault: Fault) -> None:
        """The stream may hold no more than it holds now: every further publish is refused."""
        info = await self._insist(lambda: self._house.js.stream_info(fault.target))
        most = info.config.max_bytes
        full = replace(info.config, max_bytes=max(1, info.state.bytes))
        await self._insist(lambda: self._house.js.update_stream(full))
        await asyncio.sleep(fault.lasts_s)
        roomy = replace(info.config, max_bytes=most)
        await self._insist(lambda: self._house.js.update_stream(roomy))

    async def _knobs(self, fault: Fault) -> None:
        turned, back = _GATEWAY[fault.target]
        await self._turned(turned, back, fault.lasts_s)

    async def _model(self, fault: Fault) -> None:
        await self._turned({fault.target: 0.8, "llm_hang_s": 5}, {fault.target: 0}, fault.lasts_s)

    async def _turned(self, turned: dict[str, Any], back: dict[str, Any], lasts_s: float) -> None:
        await self._insist(lambda: self._house.order("", turned))
        await asyncio.sleep(lasts_s)
        await self._insist(lambda: self._house.order("", back))

    async def _poisoned(self, fault: Fault) -> None:
        await self._insist(lambda: self._poison.post(fault))

    async def _insist(self, action: Callable[[], Awaitable[Any]]) -> Any:
        """Until it works: another fault may be in its way."""
        async with asyncio.timeout(_GIVE_UP_S):
            while True:
                with contextlib.suppress(Exception):
                    return await asyncio.wait_for(action(), 6)
                await asyncio.sleep(_AGAIN_S)


def _part(fault: Fault) -> str:
    """What a fault takes hold of: one process, one link, one stream, one of the sandbox's two faces."""
    match fault.kind:
        case "gateway" | "model" | "clock":
            return f"{fault.kind}:{fault.target}"
        case "poison":
            return f"poison:{fault.number}"
        case _:
            return fault.target
