"""What a date in a text is read as, and the time zone in which all of them are resolved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from shared.arabic.normalise import Place

RIYADH = ZoneInfo("Asia/Riyadh")

DateKind = Literal["day", "month", "end_of_month", "vague", "weekday", "relative", "week", "within"]


@dataclass(frozen=True, slots=True)
class DateMention:
    """Days that a text names: both ends included, `rule` tells how they were read.

    `kind` says how firmly: "day" names day and month, "weekday" and "relative" are counted from the day of sending,
    "within" is a span of time from sending ("within 48 hours"), "week" a calendar week, "month" a whole month,
    "end_of_month" its last day, "vague" an unusable part of a month ("mid January": start and end are null).
    """

    start: date | None
    end: date | None
    kind: DateKind
    rule: str
    place: Place

    @property
    def days(self) -> int:
        """How many days it covers; 0 where it is vague."""
        return (self.end - self.start).days + 1 if self.start and self.end else 0


def sent_day(sent_at: datetime) -> datetime:
    """The moment of sending in Riyadh; a naive time is taken as Riyadh's own."""
    return sent_at.astimezone(RIYADH) if sent_at.tzinfo else sent_at.replace(tzinfo=RIYADH)
