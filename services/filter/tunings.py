"""The judge that stands now: what is shipped, until a tuning in the database replaces it while the filter runs."""

from __future__ import annotations

import asyncio
from datetime import datetime

import structlog

from services.filter.judging import Judging, tuned
from shared.contracts.messages import RawMessage
from shared.contracts.pipeline import Verdict
from shared.errors import Transient
from shared.observability import metrics
from shared.storage.tunings import Tunings

log = structlog.get_logger(__name__)


class TunedJudge:
    """Judges by the newest tuning that can be used; changes between two messages, never within one."""

    def __init__(self, shipped: Judging, tunings: Tunings) -> None:
        self._shipped = shipped
        self._now = shipped
        self._tunings = tunings
        self._looked = 0  # the highest version that was looked at, usable or not

    @property
    def version(self) -> int:
        """The version of the tuning in force; 0 for what is shipped."""
        return self._now.version

    def __call__(self, message: RawMessage, now: datetime, folded: str) -> Verdict:
        """The verdict of what stands now."""
        return self._now.judge(message, now, folded)

    async def refresh(self) -> None:
        """Takes over the newest version that can be used, if it is new here. Transient when the database is away."""
        versions = await self._tunings.versions(above=self._looked)
        for version in versions:
            if await self._take(version):
                break
        self._looked = max([self._looked, *versions])
        metrics.TUNING.set(self.version)

    async def keep_fresh(self, every_s: float) -> None:
        """Refreshes again and again. While the database is away the last tuning stays in force."""
        while True:
            try:
                await self.refresh()
            except Transient as error:
                log.warning("filter.tuning_waits", version=self.version, detail=str(error))
            except Exception:  # a filter that no longer hears of tunings would be noticed by nobody
                log.exception("filter.tuning_failed", version=self.version)
            await asyncio.sleep(every_s)

    async def _take(self, version: int) -> bool:
        """Puts this version in force; False, and said so, when it cannot be used."""
        try:
            tuning = await self._tunings.get(version)
            if tuning is None:
                return False
            # Reading the lists takes a tenth of a second, in which messages go on being judged.
            self._now = await asyncio.to_thread(tuned, tuning, self._shipped.policy)
        except Transient:
            raise
        except Exception as error:  # written by another release, or by hand: whatever it is, the last good one stands
            metrics.TUNINGS_REFUSED.inc()
            log.error("filter.tuning_refused", version=version, kept=self.version, detail=str(error)[:2000])
            return False
        log.info("filter.tuned", version=version, by=tuning.by)
        return True
