"""How long it takes until everything that had come in by the end of a fault is settled."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

from nats.js import JetStreamContext

from shared.broker import topology

_LOOK_S = 0.4
_ANSWER_S = 3.0


class Recovery:
    """Times each fault: from its end until no message is open that came into a stream before that end.

    The next faults come meanwhile and prolong this, so the figures are upper bounds of what one fault alone costs.
    """

    def __init__(self, js: JetStreamContext) -> None:
        self.times: dict[int, float] = {}
        self.longest_lag_s = 0.0
        self._js = js
        self._begun = datetime.now(UTC)
        self._open: dict[int, datetime] = {}

    @property
    def waiting(self) -> int:
        """Faults that are not recovered from yet."""
        return len(self._open)

    def now(self) -> float:
        """Seconds since the run's start."""
        return (datetime.now(UTC) - self._begun).total_seconds()

    def ended(self, number: int) -> None:
        """This fault is over: its recovery begins."""
        self._open[number] = datetime.now(UTC)

    async def run(self) -> None:
        """Looks for ever."""
        while True:
            with suppress(Exception):  # the broker is away: nothing is recovered
                await asyncio.wait_for(self.look(), _ANSWER_S)
            await asyncio.sleep(_LOOK_S)

    async def look(self) -> None:
        """One look at every consumer's oldest open message."""
        asked = datetime.now(UTC)
        lags = await topology.lags(self._js)
        oldest = min((lag.oldest_at for lag in lags if lag.oldest_at), default=None)
        if oldest is not None:
            self.longest_lag_s = max(self.longest_lag_s, (asked - oldest).total_seconds())
        for number, ended in tuple(self._open.items()):
            if ended < asked and (oldest is None or oldest > ended):
                self.times[number] = (asked - ended).total_seconds()
                del self._open[number]
