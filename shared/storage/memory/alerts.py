"""The alerts in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from shared.storage.alerts import Alert, ChannelState, Silence


class MemoryAlerts:
    """As `shared.storage.alerts.Alerts` says."""

    def __init__(self) -> None:
        self._alerts: dict[str, Alert] = {}
        self._silences: dict[str, Silence] = {}
        self._channels: dict[str, ChannelState] = {}

    async def all(self) -> list[Alert]:
        """As the port says."""
        return sorted(self._alerts.values(), key=lambda alert: (-alert.fired_at.timestamp(), alert.key))

    async def fire(self, alert: Alert) -> bool:
        """As the port says."""
        known = self._alerts.get(alert.key)
        if known is not None and known.firing:
            return False
        self._alerts[alert.key] = replace(alert, resolved_at=None)
        return True

    async def resolve(self, alert: Alert, at: datetime, *, owed: Sequence[str]) -> bool:
        """As the port says."""
        known = self._alerts.get(alert.key)
        if known is None or not known.firing or known.fired_at != alert.fired_at:
            return False
        self._alerts[alert.key] = replace(known, resolved_at=at, owed=tuple(owed))
        return True

    async def told(self, alert: Alert, channel: str) -> bool:
        """As the port says."""
        known = self._alerts.get(alert.key)
        if known is None or known.note_id != alert.note_id:
            return False
        self._alerts[alert.key] = replace(known, owed=tuple(name for name in known.owed if name != channel))
        return True

    async def silence(self, silence: Silence) -> None:
        """As the port says."""
        self._silences[silence.name] = silence

    async def end_silence(self, name: str) -> bool:
        """As the port says."""
        return self._silences.pop(name, None) is not None

    async def silences(self) -> list[Silence]:
        """As the port says."""
        return [silence for _name, silence in sorted(self._silences.items())]

    async def note_channel(self, state: ChannelState) -> None:
        """As the port says."""
        self._channels[state.name] = state

    async def channels(self) -> list[ChannelState]:
        """As the port says."""
        return [state for _name, state in sorted(self._channels.items())]
