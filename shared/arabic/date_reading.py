"""How the forms of dates are walked through a text: each has a pattern, and a reading of what the pattern matched."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime

from shared.arabic.date_mentions import DateKind, DateMention
from shared.arabic.normalise import Folded

Days = tuple[date | None, date | None, DateKind, str]
"""First and last day, how firmly they are named, and by which rule they were read."""
Read = Callable[[re.Match[str], datetime], Days | None]
Stemmed = tuple[tuple[str, ...], re.Pattern[str], Read]
"""A form that is looked for only where one of its stems stands in the text."""


def readings(text: Folded, now: datetime, pattern: re.Pattern[str], read: Read) -> Iterator[tuple[re.Match[str], Days]]:
    """What one form finds, in the text's order. What is no day of the calendar is passed over, and a span that ends
    before it begins.
    """
    for match in pattern.finditer(text.text):
        try:
            days = read(match, now)
        except (ValueError, OverflowError):
            continue
        if days is not None and not (days[0] and days[1] and days[0] > days[1]):
            yield match, days


def mentioned(text: Folded, now: datetime, forms: Iterable[Stemmed]) -> Iterator[DateMention]:
    """The dates of each form, the longest wordings first; overlaps are the caller's business."""
    for stems, pattern, read in forms:
        if any(stem in text.text for stem in stems):
            for match, days in readings(text, now, pattern, read):
                yield DateMention(*days, text.place(*match.span()))
