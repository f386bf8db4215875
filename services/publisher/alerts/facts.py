"""What is known of the twin, from where on something is wrong, and what a rule says is. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.broker.topology import Lag
from shared.contracts.pipeline import DeadLetter
from shared.storage.budgets import Standing
from shared.storage.gateway import GatewayStatus
from shared.storage.heartbeats import Beat
from shared.storage.reckonings import Reckoning
from shared.storage.sources import Source


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on something is wrong."""

    silence: timedelta = timedelta(hours=24)
    error_rate: float = 0.1
    error_window: timedelta = timedelta(hours=1)
    gateway_lost: timedelta = timedelta(minutes=5)
    backlog: int = 1_000
    backlog_age: timedelta = timedelta(minutes=15)
    dead_window: timedelta = timedelta(hours=24)
    budget_share: float = 0.8
    model_away: timedelta = timedelta(minutes=5)
    service_gone: timedelta = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known. `unread` are the parts that could not be read: what rests on them stays as it was.

    `silent` are active groups whose silence is not usual; `handled` counts the messages seen in the hours that touch
    the error window.
    """

    now: datetime
    unread: frozenset[str] = frozenset()
    gateway: GatewayStatus = field(default_factory=GatewayStatus)
    sources: Sequence[Source] = ()
    silent: Sequence[Source] = ()
    handled: int = 0
    letters: Sequence[DeadLetter] = ()
    lags: Sequence[Lag] = ()
    budgets: Sequence[Standing] = ()
    beats: Sequence[Beat] = ()
    services: Sequence[str] = ()
    reckoning: Reckoning | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong. `about` tells it from the same trouble elsewhere.

    `for_at_least`: it counts once it was seen for as long.
    """

    rule: str
    about: str
    since: datetime
    values: Mapping[str, Any] = field(default_factory=dict)
    for_at_least: timedelta = timedelta(0)

    @property
    def key(self) -> str:
        """Its name among all."""
        return f"{self.rule}:{self.about}" if self.about else self.rule
