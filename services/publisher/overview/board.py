"""Reads what the status page shows, again and again in the background, so that no page waits for a database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from services.publisher.logic import local_day
from services.publisher.overview.outcomes import Outcomes
from services.publisher.overview.tally import Tally
from shared.broker.topology import Lag
from shared.contracts.pipeline import DeadLetter
from shared.errors import Transient
from shared.storage.alerts import Alert, Alerts, ChannelState, Silence
from shared.storage.budgets import Budgets, Standing
from shared.storage.calls import Calls
from shared.storage.costs import Costs, Spent, day_of
from shared.storage.dead_letters import DeadLetters
from shared.storage.gateway import GatewayRecord, GatewayStatus
from shared.storage.heartbeats import Beat, Heartbeats
from shared.storage.leases import Leases
from shared.storage.reckonings import Reckoning, Reckonings, Sweep
from shared.storage.sources import Source, Sources
from shared.storage.totals import Totals

log = structlog.get_logger(__name__)

DAYS: Final = 30
"""How far back the page's figures and plots go."""

_LETTERS: Final = 200
_COSTS_EVERY: Final = timedelta(seconds=30)
_LEASE: Final = timedelta(seconds=30)
_ROUNDS: Final = 20
_REST: Final = 3


@dataclass(frozen=True, slots=True)
class Stores:
    """What the board reads."""

    totals: Totals
    calls: Calls
    sources: Sources
    gateway: GatewayRecord
    dead_letters: DeadLetters
    costs: Costs
    budgets: Budgets
    heartbeats: Heartbeats
    alerts: Alerts
    reckonings: Reckonings
    lags: Callable[[], Awaitable[Sequence[Lag]]]


@dataclass(slots=True)
class Readings:
    """What was read last. `troubles`: what could not be read the last time; its value is then an older one."""

    gateway: GatewayStatus = field(default_factory=GatewayStatus)
    sources: Sequence[Source] = ()
    letters: Sequence[DeadLetter] = ()  # open ones, latest first
    open_letters: int = 0
    costs: Sequence[Spent] = ()
    budgets: Sequence[Standing] = ()
    lags: Sequence[Lag] = ()
    beats: Sequence[Beat] = ()
    alerts: Sequence[Alert] = ()  # those that fire and those of late, the latest raised first
    silences: Sequence[Silence] = ()
    channels: Sequence[ChannelState] = ()
    reckoning: Reckoning | None = None  # the last account
    sweeps: Sequence[Sweep] = ()  # comparisons with the gateway of the last day, the latest first
    read_at: datetime | None = None
    troubles: frozenset[str] = frozenset()


class Board:
    """The readings, the tally of the ledger and the outcomes of the calls. `refresh` every few seconds."""

    def __init__(self, stores: Stores, clock: Callable[[], datetime]) -> None:
        self._stores = stores
        self._clock = clock
        self._costs_read: datetime | None = None
        self.tally = Tally(stores.totals, clock)
        self.outcomes = Outcomes(stores.calls, clock)
        self.readings = Readings()

    @property
    def now(self) -> datetime:
        """The time."""
        return self._clock()

    def first_day(self) -> date:
        """The first local day of the figures and plots."""
        return local_day(self._clock()) - timedelta(days=DAYS - 1)

    async def refresh(self) -> None:
        """Reads everything once. What is away is noted and keeps its last value; nothing stops the others."""
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "totals": self.tally.refresh,
            "calls": self.outcomes.refresh,
            "gateway": self._gateway,
            "sources": self._sources,
            "letters": self._letters,
            "costs": self._costs,
            "budgets": self._budgets,
            "lags": self._lags,
            "beats": self._beats,
            "alerts": self._alerts,
            "account": self._account,
        }
        results = await asyncio.gather(*(_tried(name, read) for name, read in parts.items()))
        self.readings.troubles = frozenset(name for name, good in zip(parts, results, strict=True) if not good)
        self.readings.read_at = self._clock()

    async def read_sources(self) -> None:
        """Reads the groups at once: for a page that has just changed one."""
        await self._sources()

    async def read_alerts(self) -> None:
        """Reads the alerts and their silences at once: for a page that has just changed one."""
        await self._alerts()

    async def ask(self, ids: Sequence[str], at: datetime) -> None:
        """Wants the gateway asked about these groups at once."""
        for id in ids:
            await self._stores.sources.ask(id, at)

    async def _gateway(self) -> None:
        self.readings.gateway = await self._stores.gateway.get()

    async def _sources(self) -> None:
        self.readings.sources = await self._stores.sources.all()

    async def _letters(self) -> None:
        self.readings.letters = await self._stores.dead_letters.open(limit=_LETTERS)
        self.readings.open_letters = await self._stores.dead_letters.count_open()

    async def _costs(self) -> None:
        now = self._clock()
        if self._costs_read is None or now - self._costs_read >= _COSTS_EVERY:
            self.readings.costs = await self._stores.costs.since(day_of(now) - timedelta(days=DAYS - 1))
            self._costs_read = now

    async def _budgets(self) -> None:
        self.readings.budgets = await self._stores.budgets.standing(self._clock())

    async def _lags(self) -> None:
        self.readings.lags = await self._stores.lags()

    async def _beats(self) -> None:
        self.readings.beats = await self._stores.heartbeats.all()

    async def _alerts(self) -> None:
        alerts = self._stores.alerts
        self.readings.alerts, self.readings.silences = await alerts.all(), await alerts.silences()
        self.readings.channels = await alerts.channels()

    async def _account(self) -> None:
        self.readings.reckoning = await self._stores.reckonings.latest()
        self.readings.sweeps = await self._stores.reckonings.sweeps(self._clock() - timedelta(days=1))


class Follower:
    """Has the totals follow the ledger. One replica does so at a time; two at once would only do the work twice."""

    def __init__(self, totals: Totals, leases: Leases, clock: Callable[[], datetime], *, owner: str) -> None:
        self._totals = totals
        self._leases = leases
        self._clock = clock
        self._owner = owner
        self._rest_until = clock()

    async def once(self) -> int:
        """Counts what changed, some rounds at most, and returns how many batches that were.

        After a long count it rests for longer: in a flood the totals come late rather than hold up the filter.
        """
        counted, started = 0, self._clock()
        if started < self._rest_until:
            return 0
        for _ in range(_ROUNDS):
            now = self._clock()
            if not await self._leases.acquire("totals", self._owner, now=now, ttl=_LEASE):
                break
            done = await self._totals.follow(now)
            counted += done
            if not done:
                break
        ended = self._clock()
        self._rest_until = ended + _REST * (ended - started)
        return counted


async def _tried(name: str, read: Callable[[], Awaitable[None]]) -> bool:
    try:
        await read()
    except Transient:
        return False
    except Exception:  # a part that cannot be read must not hide the others
        log.exception("publisher.status_unread", part=name)
        return False
    return True
