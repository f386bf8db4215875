"""Watches the gateway's health, records it, and tells the operator when it is lost and when it is back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from services.poller import logic
from services.poller.settings import PollerSettings
from shared.errors import BudgetSpent, Misconfigured, Permanent, RateLimited, Transient
from shared.observability import metrics
from shared.storage.gateway import GatewayRecord, GatewayStatus
from shared.storage.leases import Leases
from shared.storage.notices import Notice, Notices
from shared.whapi.port import Gateway

log = structlog.get_logger(__name__)

_LEASE = "poller.health"
_LEASE_TTL = timedelta(minutes=1)


class GatewayWatch:
    """Looks at the gateway every minute. One replica asks; all of them show the outcome in their metrics."""

    def __init__(
        self,
        gateway: Gateway,
        record: GatewayRecord,
        notices: Notices,
        leases: Leases,
        settings: PollerSettings,
        *,
        owner: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._gateway = gateway
        self._record = record
        self._notices = notices
        self._leases = leases
        self._owner = owner
        self._clock = clock
        self._every = timedelta(seconds=settings.health_interval)
        self._patience = timedelta(seconds=settings.health_patience)
        self._next: datetime | None = None

    async def run_if_due(self) -> bool:
        """True where this replica asked the gateway; False where it was not due or another one is at it.

        A replica's first look always asks: so the client learns which channel it reads.
        """
        now = self._clock()
        first = self._next is None
        if self._next is not None and now < self._next:
            return False
        status = await self._record.get()
        if not first and status.checked_at is not None and now < status.checked_at + self._every:
            self._shown(status, status.checked_at)
            return False
        if not await self._leases.acquire(_LEASE, self._owner, now=now, ttl=_LEASE_TTL):
            return False
        try:
            asked = await self._look(now)
            status = await self._record.get()
            self._shown(status, now)
            await self._tell(status, now)
        finally:
            await self._leases.release(_LEASE, self._owner)
        return asked

    def _shown(self, status: GatewayStatus, at: datetime) -> None:
        metrics.GATEWAY_UP.set(status.working)
        self._next = at + self._every

    async def _look(self, now: datetime) -> bool:
        """Asks and records. A refusal to answer for now says nothing about the gateway: then nothing is recorded."""
        try:
            health = await self._gateway.health()
        except (BudgetSpent, RateLimited) as error:
            log.debug("poller.health_not_asked", cause=type(error).__name__)
            return False
        except (Transient, Permanent, Misconfigured) as error:
            state = "UNREACHABLE" if isinstance(error, Transient) and error.retry_after is None else "REFUSED"
            advice = str(error)[:500]
            changed = await self._record.checked(state, working=False, advice=advice, at=now)
        else:
            state = health.status
            changed = await self._record.checked(state, working=health.working, advice=health.advice, at=now)
        if changed:
            log.info("poller.gateway_state", state=state)
        return True

    async def _tell(self, status: GatewayStatus, now: datetime) -> None:
        """A notice where the gateway was lost or is back. It stands before it is noted as told: twice is once."""
        alarm = logic.alarm(status, now=now, patience=self._patience)
        if alarm is None:
            return
        since = status.since if alarm == "back" else logic.lost_since(status)
        at = since.isoformat() if since else ""
        text = (
            "The WhatsApp gateway works again."
            if alarm == "back"
            else f"The WhatsApp gateway does not work ({status.state}): {status.advice or 'no messages come in'}"
        )
        details = {"state": status.state, "since": at}
        await self._notices.add(Notice(f"gateway_{alarm}:{at}", f"gateway_{alarm}", text, now, details))
        await self._record.alarmed(alarm == "lost")
        if alarm == "lost":
            log.error("poller.gateway_lost", state=status.state, advice=status.advice)
        else:
            log.info("poller.gateway_back", state=status.state)
