"""Dates in the words of the groups, resolved against the moment at which a message was sent, in Riyadh.

Day before month always. A date without a year is the next such one (a date of the last two months stays in the past).
A weekday is the next such day after the day of sending. Hijri dates go by Umm al-Qura.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from shared.arabic import date_forms, relative_dates
from shared.arabic.date_mentions import RIYADH, DateKind, DateMention, sent_day
from shared.arabic.normalise import Folded

__all__ = ["RIYADH", "DateKind", "DateMention", "find_dates", "sent_day"]


def find_dates(text: Folded, sent_at: datetime) -> list[DateMention]:
    """All dates of a folded text, from left to right, none overlapping another. Never raises on impossible ones."""
    now = sent_day(sent_at)
    taken = bytearray(len(text.text))
    found = [*_free(date_forms.find(text, now), taken), *_free(relative_dates.find(text, now), taken)]
    return sorted(found, key=lambda mention: mention.place.start)


def _free(mentions: Iterable[DateMention], taken: bytearray) -> Iterator[DateMention]:
    """Those that do not overlap what an earlier, firmer form took."""
    for mention in mentions:
        start, end = mention.place.start, mention.place.end
        if not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            yield mention
