"""Plays the corpus at its rate, from where it stood."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import count
from time import monotonic

import structlog

from services.sandbox.channel import Channel
from services.sandbox.corpus import Row

log = structlog.get_logger(__name__)

_LONGEST_BACKLOG_S = 1.0  # a slow moment is made up for, a long pause is not


class Replay:
    """Posts row after row. Rows that an earlier run posted are passed over."""

    def __init__(self, channel: Channel, rows: Sequence[Row], loops: int) -> None:
        self._channel = channel
        self._loops = loops
        self._rows = rows
        self._turned = asyncio.Event()

    @property
    def left(self) -> int | None:
        """How many are still to come; None where it goes on for ever."""
        return sum(1 for _ in self._to_come()) if self._loops else None

    def turned(self) -> None:
        """The rate was changed: look at it now."""
        self._turned.set()

    async def run(self) -> None:
        """Plays until the end or until cancelled; nothing while the rate is 0 or the session is lost."""
        due = monotonic()
        for row, key in self._to_come():
            while not (self._channel.knobs.rate_per_minute and self._channel.working):
                self._turned.clear()
                await self._turned.wait()
            due = max(due, monotonic() - _LONGEST_BACKLOG_S)
            if (wait := due - monotonic()) > 0:
                await self._pause(wait)
            self._channel.play(row, key)
            due += 60 / (self._channel.knobs.rate_per_minute or 60)
            await asyncio.sleep(0)
        if self._rows:
            log.info("sandbox.corpus_played", messages=len(self._channel.played))

    async def _pause(self, seconds: float) -> None:
        self._turned.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._turned.wait()

    def _to_come(self) -> Iterator[tuple[Row, str]]:
        if not self._rows:
            return
        for loop in range(self._loops) if self._loops else count():
            for row in self._rows:
                if (key := f"{loop}:{row.id}") not in self._channel.played:
                    yield row, key
