"""What happens by the clock: closed calls leave the feed, and the desk's list is kept true."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from services.publisher.desk import Desk
from services.publisher.logic import local_day
from shared.errors import Transient
from shared.storage.calls import Calls

log = structlog.get_logger(__name__)


class Expiry:
    """Takes out approved calls whose last day is over. Any number of replicas may do so at once."""

    def __init__(self, calls: Calls, desk: Desk, clock: Callable[[], datetime]) -> None:
        self._calls = calls
        self._desk = desk
        self._clock = clock

    async def once(self) -> int:
        """Expires what is over and returns how many calls that were."""
        expired = 0
        while ids := await self._calls.closing_before(local_day(self._clock())):
            gone = [id for id in ids if await self._desk.expire(id)]
            expired += len(gone)
            if not gone:  # others are at it
                break
        return expired


async def every(interval_s: float, chore: Callable[[], Awaitable[object]], *, name: str, at_once: bool = True) -> None:
    """Does a chore again and again; an error is logged and the next round tries again."""
    if not at_once:
        await asyncio.sleep(interval_s)
    while True:
        try:
            await chore()
        except Transient as error:
            log.warning("publisher.chore_waits", chore=name, detail=str(error))
        except Exception:  # a chore that has ended would be missed by nobody
            log.exception("publisher.chore_failed", chore=name)
        await asyncio.sleep(interval_s)
