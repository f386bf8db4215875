"""Evaluates the rules under a lease, keeps what fires and what is over, and has each change told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from services.publisher.alerts.absence import GROUP_SILENT, to_ask
from services.publisher.alerts.facts import Facts, Finding, Thresholds
from services.publisher.alerts.rules import RULES, judge
from services.publisher.alerts.silencing import is_silenced
from services.publisher.alerts.teller import LOG, Teller
from services.publisher.overview.board import Board
from services.publisher.overview.picture import SERVICES
from services.publisher.overview.rhythm import Pulse
from shared.observability import metrics
from shared.storage.alerts import Alert, Alerts, Silence
from shared.storage.leases import Leases

LEASE: Final = "alerts"
_LEASE_TTL: Final = timedelta(minutes=3)  # longer than the slowest round of telling


class Watch:
    """One replica does this at a time. What fires stands in the database: a new holder of the lease goes on from there.

    A change is saved with the channels that are owed it, then told, then taken off: a crash in between tells it again
    under the same name, and never not at all.
    """

    def __init__(
        self,
        board: Board,
        alerts: Alerts,
        teller: Teller,
        leases: Leases,
        clock: Callable[[], datetime],
        *,
        thresholds: Thresholds,
        settle: timedelta,
        owner: str,
    ) -> None:
        self._board = board
        self._alerts = alerts
        self._teller = teller
        self._leases = leases
        self._clock = clock
        self._thresholds = thresholds
        self._settle = settle
        self._owner = owner
        self._seen: dict[str, datetime] = {}  # since when a finding that must last is there
        self._absent: dict[str, datetime] = {}  # since when a firing alert's finding is not there

    async def once(self) -> bool:
        """Evaluates and tells; False where another replica does so. Transient while the database is away."""
        now = _to_milliseconds(self._clock())
        if self._board.readings.read_at is None:  # nothing is known yet
            return False
        if not await self._leases.acquire(LEASE, self._owner, now=now, ttl=_LEASE_TTL):
            self._seen.clear()
            self._absent.clear()
            return False
        await self._evaluate(facts_of(self._board, self._thresholds, now), now)
        silences = await self._alerts.silences()
        await self._teller.tell(await self._alerts.all(), silences)
        return True

    async def _evaluate(self, facts: Facts, now: datetime) -> None:
        known = await self._alerts.all()
        firing = {alert.key: alert for alert in known if alert.firing}
        silences = await self._alerts.silences()
        found = judge(facts, self._thresholds)
        if found[GROUP_SILENT] is not None:  # else all is silent, or nothing is known
            await self._board.ask([source.id for source in to_ask(facts)], now)
        for rule, findings in found.items():
            if findings is None:
                continue
            for finding in self._lasting(rule, findings, now):
                if finding.key not in firing:
                    await self._fire(finding, now)
            gone = [alert for alert in firing.values() if alert.rule == rule]
            await self._resolve_gone(gone, {finding.key for finding in findings}, silences, now)
        numbers = Counter(alert.rule for alert in await self._alerts.all() if alert.firing)
        for rule in RULES:
            metrics.ALERTS.labels(rule=rule).set(numbers[rule])

    def _lasting(self, rule: str, findings: Sequence[Finding], now: datetime) -> Iterable[Finding]:
        """The findings that have lasted as long as they must."""
        keys = {finding.key for finding in findings}
        for key in [key for key in self._seen if key.partition(":")[0] == rule and key not in keys]:
            del self._seen[key]
        for finding in findings:
            if now - self._seen.setdefault(finding.key, now) >= finding.for_at_least:
                yield finding

    async def _fire(self, finding: Finding, now: datetime) -> None:
        since = min(_to_milliseconds(finding.since), self._seen.get(finding.key, now))
        alert = Alert(finding.key, finding.rule, since, now, None, finding.values, self._teller.names)
        await self._alerts.fire(alert)

    async def _resolve_gone(
        self, firing: Iterable[Alert], present: set[str], silences: Iterable[Silence], now: datetime
    ) -> None:
        """Ends what was not there for a while: a trouble that comes and goes is one trouble."""
        for alert in firing:
            if alert.key in present:
                self._absent.pop(alert.key, None)
            elif now - self._absent.setdefault(alert.key, now) >= self._settle:
                del self._absent[alert.key]
                owed = (LOG,) if is_silenced(alert, silences, now) else self._teller.names
                await self._alerts.resolve(alert, now, owed=owed)


def facts_of(board: Board, thresholds: Thresholds, now: datetime) -> Facts:
    """What the board holds, as the rules ask for it."""
    readings = board.readings
    rhythms = board.tally.rhythms({source.id: source.added_at for source in readings.sources})
    silent = [
        source for source in readings.sources if rhythms[source.id].pulse(source.last_message_at, now) is Pulse.SILENT
    ]
    return Facts(
        now=now,
        unread=readings.troubles,
        gateway=readings.gateway,
        sources=readings.sources,
        silent=silent,
        handled=sum(board.tally.after(now - thresholds.error_window).values()),
        letters=readings.letters,
        lags=readings.lags,
        budgets=readings.budgets,
        beats=readings.beats,
        services=SERVICES,
        reckoning=readings.reckoning,
    )


def _to_milliseconds(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
