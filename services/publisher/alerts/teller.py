"""Tells what is owed: each channel by itself, so that one that fails holds up no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from services.publisher.alerts.silencing import is_silenced
from shared.errors import Transient, TwinError
from shared.observability import metrics
from shared.storage.alerts import Alert, Alerts, ChannelState, Silence

log = structlog.get_logger(__name__)

LOG: Final = "log"
"""The channel that is always there."""

_TIMEOUT_S: Final = 60.0
_FIRST_WAIT: Final = timedelta(seconds=30)
_LONGEST_WAIT: Final = timedelta(hours=1)
_LONGEST_ERROR: Final = 300


class Channel(Protocol):
    """One way to tell people. `name` is a constant."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    async def send(self, alerts: Sequence[Alert]) -> None:
        """Tells of these alerts as they stand, in one message; raises when it could not be handed over."""
        ...


class Teller:
    """Sends, then takes off what is owed. A channel that fails is tried again later and later, and says so itself."""

    def __init__(self, channels: Sequence[Channel], alerts: Alerts, clock: Callable[[], datetime]) -> None:
        self._channels = channels
        self._alerts = alerts
        self._clock = clock

    @property
    def names(self) -> tuple[str, ...]:
        """The channels' names."""
        return tuple(channel.name for channel in self._channels)

    async def tell(self, alerts: Sequence[Alert], silences: Iterable[Silence]) -> None:
        """Tells every channel what it is owed, all at once. Nothing of a channel's failure comes out of here."""
        now = self._clock()
        muted = {alert.key for alert in alerts if is_silenced(alert, silences, now)}
        states = {state.name: state for state in await self._alerts.channels()}
        results = await asyncio.gather(
            *(
                self._tell(channel, owed, states.get(channel.name, ChannelState(channel.name)))
                for channel in self._channels
                if (owed := _owed(channel.name, alerts, muted))
            ),
            return_exceptions=True,
        )
        for result in results:
            if isinstance(result, BaseException):  # the database: what was told is told again
                raise result

    async def _tell(self, channel: Channel, owed: Sequence[Alert], state: ChannelState) -> None:
        if state.next_at is not None and self._clock() < state.next_at:
            return
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                await channel.send(owed)
        except Exception as error:  # whatever it is: it must not hold up the others, and is told here
            await self._failed(state, error)
            return
        for alert in owed:
            await self._alerts.told(alert, channel.name)
        if channel.name != LOG:
            await self._alerts.note_channel(
                ChannelState(channel.name, told_at=self._clock(), failed_at=state.failed_at)
            )
            metrics.ALERTS_TOLD.labels(channel=channel.name, outcome="told").inc()
            log.info("alerts.told", channel=channel.name, number=len(owed), again=state.failures > 0)

    async def _failed(self, state: ChannelState, error: Exception) -> None:
        failures = state.failures + 1
        wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(failures - 1, 10))
        if isinstance(error, Transient) and error.retry_after:
            wait = min(_LONGEST_WAIT, max(wait, timedelta(seconds=error.retry_after)))
        now = self._clock()
        why = (str(error) if isinstance(error, TwinError) else type(error).__name__)[:_LONGEST_ERROR]
        failed = replace(state, failed_at=now, error=why, failures=failures, next_at=now + wait)
        await self._alerts.note_channel(failed)
        metrics.ALERTS_TOLD.labels(channel=state.name, outcome="failed").inc()
        log.error(
            "alerts.channel_failed", channel=state.name, failures=failures, wait_s=wait.total_seconds(), cause=why
        )


def _owed(channel: str, alerts: Iterable[Alert], muted: set[str]) -> list[Alert]:
    """What this channel has yet to be told, the earliest raised first. The log is told also of what is silenced."""
    found = [alert for alert in alerts if channel in alert.owed and (channel == LOG or alert.key not in muted)]
    return sorted(found, key=lambda alert: (alert.fired_at, alert.key))
