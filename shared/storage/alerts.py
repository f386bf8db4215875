"""The alerts: what is wrong now, what was lately, who has yet to be told, and how the channels that tell it do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Alert:
    """One trouble, from when it was raised until it was over. `key` is its rule and what it is about.

    `owed` are the channels that have not been told of the alert as it stands now: raised, or over. Times are in whole
    milliseconds; `fired_at` tells one time that the trouble came from the next.
    """

    key: str  # "gateway_lost", "group_silent:120363…@g.us"
    rule: str
    since: datetime  # when the trouble itself began, as far as is known
    fired_at: datetime
    resolved_at: datetime | None = None
    values: Mapping[str, Any] = field(default_factory=dict)  # plain values that the text names
    owed: tuple[str, ...] = ()

    @property
    def firing(self) -> bool:
        """Whether it lasts."""
        return self.resolved_at is None

    @property
    def note_id(self) -> str:
        """The name of the news that it stands as it does: the same for every try to tell it."""
        return f"alert:{self.key}:{int(self.fired_at.timestamp() * 1000)}:{'firing' if self.firing else 'resolved'}"


@dataclass(frozen=True, slots=True)
class Silence:
    """Until then nobody is told of this alert (a key), or of all alerts of a rule (a rule's name)."""

    name: str
    until: datetime
    by: str = ""


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How a channel does. `error` is what went wrong the last time; empty while it works."""

    name: str
    told_at: datetime | None = None  # the last success
    failed_at: datetime | None = None  # the last failure
    error: str = ""
    failures: int = 0  # in a row
    next_at: datetime | None = None  # not before then is it tried again


class Alerts(Protocol):
    """The port of the alerts."""

    async def all(self) -> list[Alert]:
        """Those that fire, and those that were over within the last 30 days; the latest raised first."""
        ...

    async def fire(self, alert: Alert) -> bool:
        """Raises it; False (and no change) where the alert of this key fires already."""
        ...

    async def resolve(self, alert: Alert, at: datetime, *, owed: Sequence[str]) -> bool:
        """Ends it; False where it is over already, or was raised anew since."""
        ...

    async def told(self, alert: Alert, channel: str) -> bool:
        """Takes the channel off `owed`; False where the alert has changed meanwhile, so that it is owed the change."""
        ...

    async def silence(self, silence: Silence) -> None:
        """Keeps it, in place of an earlier one of this name."""
        ...

    async def end_silence(self, name: str) -> bool:
        """False where there was none."""
        ...

    async def silences(self) -> list[Silence]:
        """All of them, by name; those that are over may still be among them."""
        ...

    async def note_channel(self, state: ChannelState) -> None:
        """Keeps how a channel does."""
        ...

    async def channels(self) -> list[ChannelState]:
        """How each channel does that was ever used, by name."""
        ...
