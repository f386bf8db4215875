"""Whether an alert is to be kept quiet. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shared.storage.alerts import Alert, Silence


def is_silenced(alert: Alert, silences: Iterable[Silence], now: datetime) -> bool:
    """Whether nobody is to be told of it now."""
    return any(silence.name in (alert.key, alert.rule) and now < silence.until for silence in silences)
