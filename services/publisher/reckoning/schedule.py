"""Draws up the account again and again: one replica does so at a time, all of them show what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from services.publisher.reckoning.accountant import Accountant
from shared.observability import metrics
from shared.storage.leases import Leases
from shared.storage.reckonings import Reckoning, Reckonings

log = structlog.get_logger(__name__)

LEASE: Final = "account"
_LEASE_TTL: Final = timedelta(minutes=15)  # longer than the longest account
_NAMED: Final = 10  # of the missing in one line of the log


class RegularAccount:
    """`every` so often, over `window`; what is missing for longer than `grace` is told."""

    def __init__(
        self,
        accountant: Accountant,
        reckonings: Reckonings,
        leases: Leases,
        clock: Callable[[], datetime],
        *,
        owner: str,
        every: timedelta,
        window: timedelta,
        grace: timedelta,
    ) -> None:
        self._accountant = accountant
        self._reckonings = reckonings
        self._leases = leases
        self._clock = clock
        self._owner = owner
        self._every = every
        self._window = window
        self._grace = grace

    async def once(self) -> Reckoning | None:
        """The account, drawn up and kept; None where it is not due or another replica is at it.

        Transient while broker or database is away: it is then due at the next look.
        """
        if not await self._due():
            return None
        now = self._clock()
        if not await self._leases.acquire(LEASE, self._owner, now=now, ttl=_LEASE_TTL):
            return None
        try:
            if not await self._due():  # another one has just done it
                return None
            reckoning = await self._accountant.draw_up(now, since=now - self._window, grace=self._grace)
            await self._reckonings.add(reckoning)
        finally:
            await self._leases.release(LEASE, self._owner)
        metrics.UNACCOUNTED.set(reckoning.unaccounted)
        _tell(reckoning)
        return reckoning

    async def _due(self) -> bool:
        latest = await self._reckonings.latest()
        if latest is None:
            return True
        metrics.UNACCOUNTED.set(latest.unaccounted)
        return self._clock() >= latest.at + self._every


def _tell(reckoning: Reckoning) -> None:
    if reckoning.unaccounted:
        named = [f"{one.what} {one.kind} {one.id}" for one in reckoning.missing[:_NAMED]]
        log.error("account.unaccounted", number=reckoning.unaccounted, missing=named)
    log.info(
        "account.drawn_up",
        total=reckoning.total,
        unaccounted=reckoning.unaccounted,
        under_way=reckoning.under_way,
        took_s=reckoning.took_s,
    )
