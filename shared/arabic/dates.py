"""Dates in the words of the groups, resolved against the moment at which a message was sent, in Riyadh.

Day before month always. A date without a year is the next such one (a date of the last two months stays in the past).
A weekday is the next such day after the day of sending. Hijri dates go by Umm al-Qura.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from shared.arabic import date_forms, days_of_month, numeric_dates, relative_dates
from shared.arabic.calendar_words import WEEKDAYS, any_of
from shared.arabic.date_mentions import RIYADH, DateKind, DateMention, sent_day
from shared.arabic.normalise import Folded

__all__ = ["RIYADH", "DateKind", "DateMention", "find_dates", "sent_day"]

_BESIDE = re.compile(r" ?[,(:-]? ?(?:ال)?(?:الموافق|موافق|بتاريخ|تاريخ|the|يوم)? ?:? ?")
_BEHIND = re.compile(r" ?[,(/-]? ?(?:يوم )?")
_WEEKDAY = f"(?:{any_of(WEEKDAYS)})"
_TO = re.compile(
    r" ?(?:(?:و ?)?(?:[يت]ستمر|مستمر|[يت]نتهي|and (?:runs?|ends?|continues?)) )?"
    rf"(?:-{{1,2}}|→|=>|>|~|الي|حتي|لين|لغايه|ل|to|till|until|thru|through) ?(?:يوم |the )?(?:{_WEEKDAY}[ ,]{{1,2}})?"
    r"| ?(?:و ?[يت]نتهي|and ends)(?: في| on)? (?:يوم |the )?"
)
_AND = re.compile(rf" ?(?:و|,|&|and|او|or|/|\+) ?(?:يوم |the )?(?:{_WEEKDAY}[ ,]{{1,2}})?")
_I_MEAN = re.compile(
    r"[^\d\n]{0,6}[ .,(-](?:يعني|قصدي|اقصد|اي|i mean|i\.e\.|meaning|عفوا|تصحيح|sorry) ?(?:يوم |لين |the )?[:,]? ?"
)
_LONGEST = timedelta(days=120)


def find_dates(text: Folded, sent_at: datetime) -> list[DateMention]:
    """All dates of a folded text, from left to right, none overlapping another. Never raises on impossible ones."""
    now = sent_day(sent_at)
    taken = bytearray(len(text.text))
    found = [
        mention
        for form in (date_forms, numeric_dates, relative_dates, days_of_month)
        for mention in _free(form.find(text, now), taken)
    ]
    return _joined(
        text, _corrected(text, _without_weekdays(text, sorted(found, key=lambda mention: mention.place.start)))
    )


def _free(mentions: Iterable[DateMention], taken: bytearray) -> Iterator[DateMention]:
    """Those that do not overlap what an earlier, firmer form took."""
    for mention in mentions:
        start, end = mention.place.start, mention.place.end
        if not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            yield mention


def _without_weekdays(text: Folded, mentions: list[DateMention]) -> list[DateMention]:
    """Without a weekday that stands right before the date it belongs to, or behind it in brackets."""
    kept = []
    for at, mention in enumerate(mentions):
        following = mentions[at + 1] if at + 1 < len(mentions) else None
        before = mentions[at - 1] if at else None
        if mention.kind == "weekday" and mention.days == 1:
            if (
                following
                and following.kind == "day"
                and _BESIDE.fullmatch(text.text, mention.place.end, following.place.start)
            ):
                continue
            same = before and before.kind in ("day", "relative") and before.end
            if before and same and _BEHIND.fullmatch(text.text, before.place.end, mention.place.start):
                agrees = (
                    before.end is not None and mention.end is not None and before.end.weekday() == mention.end.weekday()
                )
                if agrees:
                    continue
        kept.append(mention)
    return kept


def _corrected(text: Folded, mentions: list[DateMention]) -> list[DateMention]:
    """Without a date that the writer takes back or explains: "قبل نهاية الأسبوع… يعني ١٤/١١", "Sunday, I mean Monday".

    The explanation takes the place of both, so that the word that introduces the first speaks for it.
    """
    kept: list[DateMention] = []
    for mention in mentions:
        before = kept[-1] if kept else None
        if before and mention.start and _I_MEAN.fullmatch(text.text, before.place.end, mention.place.start):
            kept[-1] = replace(mention, place=text.place(before.place.start, mention.place.end))
        else:
            kept.append(mention)
    return kept


def _joined(text: Folded, mentions: list[DateMention]) -> list[DateMention]:
    """Two dates with "to" between them are one range; with "and" too, where the second is the day after the first."""
    joined: list[DateMention] = []
    for mention in mentions:
        before = joined[-1] if joined else None
        both = before and _range(text, before, mention)
        if both:
            joined[-1] = both
        else:
            joined.append(mention)
    return joined


def _range(text: Folded, one: DateMention, other: DateMention) -> DateMention | None:
    if not (one.start and one.end and other.start and other.end) or one.kind not in ("day", "weekday", "relative"):
        return None
    last = other.kind == "end_of_month" and one.kind == "day"
    if not last and (other.kind not in ("day", "weekday", "relative") or other.days > 1):
        return None
    if other.start <= one.end:
        return None
    between = text.text[one.place.end : other.place.start]
    next_day = other.start == one.end + timedelta(days=1)
    if "," in between and one.kind == other.kind == "relative":  # "send today, tomorrow is too late"
        return None
    joined = between == " " and text.text[other.place.start] == "و"
    listed = one.kind == other.kind == "weekday" and next_day and between in (" ", ", ")
    if len(between) > 20 or not (
        (next_day and joined) or listed or _TO.fullmatch(between) or (next_day and _AND.fullmatch(between))
    ):
        return None
    if other.end - one.start > _LONGEST:
        return None
    place = text.place(one.place.start, other.place.end)
    rule = "weekday_range" if "weekday" in (one.kind, other.kind) else "date_range"
    return DateMention(one.start, other.end, "day" if "day" in (one.kind, other.kind) else one.kind, rule, place)
