"""`--soak N`: so many messages without a fault, and what each service's memory does meanwhile."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bench.load import another
from services.operator.trial import SECRET
from services.sandbox.logic import group_of, message_id, message_of
from shared.broker import topology
from tests.chaos import house as house_room
from tests.chaos.house import House
from tests.chaos.load import CORPORA, GROUPS
from tests.chaos.plan import WORKERS
from tests.chaos.reviewer import Reviewer

MOST_GROWTH = 0.05
_A_DELIVERY = 50
_MOST_WAITING = 2_000
_MOST_OPEN = 100
"""Calls: desk and feed hold the open ones, of which a season has no more at its end than before. So few that there are
as many after the warm-up."""
_SQUEEZED = {"PUBLISHER_ACCOUNT_WINDOW_H": "0.01", "PUBLISHER_ACCOUNT_INTERVAL_S": "60"}
"""The default account goes back over two days, which hold some 3,000 messages; here they pass within half a minute."""
_WARM_UP = 0.2  # of the messages: the stores' connections, the caches and the heap have their size by then
_NEAR_MISSES = 0.02  # of what is no call: the corpora collect them, groups are mostly greetings and stickers
_WARM_CALLS = 0.05  # of those messages, at least: caches fill with calls, not with what the filter drops
_SETTLE_S = 1800.0
_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Soaked:
    """Megabytes of each service after the warm-up and at the end, and how fast it went."""

    messages: int
    took_s: float
    warm_mb: Mapping[str, float]
    end_mb: Mapping[str, float]

    @property
    def growth(self) -> dict[str, float]:
        """By service, as a share of what it had after the warm-up."""
        return {name: self.end_mb[name] / self.warm_mb[name] - 1 for name in self.warm_mb}

    @property
    def passed(self) -> bool:
        """Whether each service stayed below the bar."""
        return max(self.growth.values()) < MOST_GROWTH

    def lines(self) -> list[str]:
        """The table, and the verdict as its last line."""
        rows = [
            f"{name:12} {self.warm_mb[name]:>9.1f} {self.end_mb[name]:>9.1f} {self.growth[name]:>+9.1%}"
            for name in self.warm_mb
        ]
        word = "PASSED" if self.passed else "FAILED"
        return [
            f"{'service':12} {'warm MB':>9} {'end MB':>9} {'growth':>9}",
            *rows,
            f"{word}: {self.messages} messages at {self.messages / self.took_s:.0f}/s, "
            f"memory grew by {max(self.growth.values()):+.1%} at most (bar {MOST_GROWTH:.0%})",
        ]


async def run(number: int, folder: Path, *, seed: str, calls: float, say: Callable[[str], None]) -> Soaked:
    """Pushes the messages through the receiver; once warm, `calls` of them are calls, which a reviewer decides."""
    async with house_room.running(folder, seed=seed, settings=_SQUEEZED) as house:
        reviewing = asyncio.create_task(Reviewer(seed, house.workers.url("publisher"), most_open=_MOST_OPEN).run())
        begun, warm, sent, told = time.monotonic(), dict[str, float](), 0, 0
        for delivery in _deliveries(seed, number, calls):
            await _deliver(house, delivery)
            sent += len(delivery)
            await _room(house)
            if not warm and sent >= number * _WARM_UP:
                await _empty(house)
                warm = _memory(house)
                say(f"{time.monotonic() - begun:6.0f} s   warm: {_shown(warm)}")
            if sent - told >= number / 20:
                told = sent
                say(f"{time.monotonic() - begun:6.0f} s   {sent} messages   {_shown(_memory(house))}")
        await _empty(house)
        took = time.monotonic() - begun
        reviewing.cancel()
        await asyncio.gather(reviewing, return_exceptions=True)
        return Soaked(number, took, warm, _memory(house))


def _deliveries(seed: str, number: int, calls: float) -> Iterator[list[dict[str, Any]]]:
    chance = random.Random(f"{seed}:soak")
    rows = [json.loads(line) for path in CORPORA for line in path.read_text(encoding="utf-8").splitlines()]
    wanted = [row["text"] for row in rows if row["label"] == "casting_call"]
    chatter = [row["text"] for row in rows if row["label"] != "casting_call" and not row["hard"]]
    near = [row["text"] for row in rows if row["label"] != "casting_call" and row["hard"]]
    groups = [group_of(name, 0) | {"id": id} for id, name in GROUPS.items()]
    made: list[dict[str, Any]] = []
    for index in range(number):
        id = message_id(seed, f"soak:{index}")
        warming = index < number * _WARM_UP
        is_call = chance.random() < (max(calls, _WARM_CALLS) if warming else calls)
        other = near if chance.random() < _NEAR_MISSES else chatter
        text = another(chance.choice(wanted), id) if is_call else f"{chance.choice(other)}\n#{index}"
        made.append(message_of(seed, id, chance.choice(groups), text, at=int(time.time())))
        if len(made) == _A_DELIVERY or index == number - 1:
            yield made
            made = []


async def _deliver(house: House, messages: list[dict[str, Any]]) -> None:
    body = {"messages": messages, "event": {"type": "messages", "event": "post"}, "channel_id": "SOAK"}
    url = f"{house.workers.url('receiver')}/webhooks/whapi"
    async with asyncio.timeout(_PATIENCE_S):
        while (await house.http.post(url, json=body, headers={"X-Webhook-Secret": SECRET})).status_code != 200:
            await asyncio.sleep(0.2)


async def _room(house: House) -> None:
    """Returns when not too many messages wait: a backlog is no steady state."""
    while sum(lag.pending + lag.unacked for lag in await topology.lags(house.js)) > _MOST_WAITING:
        await asyncio.sleep(0.1)


async def _empty(house: House) -> None:
    async with asyncio.timeout(_SETTLE_S):
        while any(lag.pending or lag.unacked for lag in await topology.lags(house.js)):
            await asyncio.sleep(0.5)


def _memory(house: House) -> dict[str, float]:
    processes = house.workers.processes
    return {name: psutil.Process(processes[name].pid).memory_info().rss / 1e6 for name in WORKERS}


def _shown(sizes: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {size:.0f}" for name, size in sizes.items()) + " MB"
