"""Days counted within this month or the next: "يوم ٢٠", "نهاية الشهر", "20 من الشهر الجاي", "the 20th and 21st"."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from shared.arabic.calendar_words import NEXT, THIS
from shared.arabic.date_mentions import DateMention
from shared.arabic.date_reading import Days, Stemmed, mentioned
from shared.arabic.normalise import Folded

_LEAD, _END = r"(?<![^\W\d_])", r"(?!\w)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"


def find(text: Folded, now: datetime) -> Iterator[DateMention]:
    """As `mentioned` says."""
    return mentioned(text, now, _FORMS)


def _next_month(_: re.Match[str], now: datetime) -> Days:
    first = (now.date().replace(day=1) + timedelta(days=32)).replace(day=1)
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1]), "month", "next_month"


def _month_end(match: re.Match[str], now: datetime) -> Days:
    first = now.date().replace(day=1)
    if match["next"]:
        first = (first + timedelta(days=32)).replace(day=1)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    return last, last, "end_of_month", "end_of_month"


def _vague(_: re.Match[str], __: datetime) -> Days:
    return None, None, "vague", "part_of_month"


def _two_days_of_month(match: re.Match[str], now: datetime) -> Days | None:
    last, today = int(match["d2"]), now.date()
    month = today.replace(day=1)
    if last < today.day:
        month = (month + timedelta(days=32)).replace(day=1)
    start, end = month.replace(day=int(match["d"])), month.replace(day=last)
    return (start, end, "day", "day_of_month") if start < end else None


def _day_of_named_month(match: re.Match[str], now: datetime) -> Days:
    """A day of this month or the next, where the text says which."""
    month = now.date().replace(day=1)
    if match["next"]:
        month = (month + timedelta(days=32)).replace(day=1)
    day = month.replace(day=int(match["d"]))
    return month.replace(day=int(match["d0"] or match["d"])), day, "day", "day_of_month"


def _day_of_month(match: re.Match[str], now: datetime) -> Days | None:
    today = now.date()
    number = int(match["d"])
    month = today.replace(day=1)
    if number < today.day:
        month = (month + timedelta(days=32)).replace(day=1)
    day = month.replace(day=number)
    return day, day, "day", "day_of_month"


_FORMS: tuple[Stemmed, ...] = tuple(
    (needed, re.compile(pattern), read)
    for needed, pattern, read in (
        (
            ("شهر", "الجاري"),
            rf"(?:(?P<d0>(?<!\d){_DAY}) ?(?:و|-|الي|حتي|لين|ل) ?|{_LEAD}[ولب]?(?:يوم |ال)?)(?<!\d)(?P<d>{_DAY})"
            rf"(?![\d:/.-]) (?:من |ب|في )?(?:هذا |هال)?(?:(?:(?:ال|ل)|(?<=من )|(?<=هذا ))شهر"
            rf"(?:(?P<next> {NEXT})| {THIS})?|الجاري){_END}",
            _day_of_named_month,
        ),
        (
            ("شهر",),
            rf"{_LEAD}(?:ما |لا )?(?:ينتهي|يخلص|ينقضي) (?:هذا |هال)?(?:ال)?شهر(?P<next>(?!))?{_END}",
            _month_end,
        ),
        (
            ("شهر", "month"),
            rf"{_LEAD}(?:ل|ب)?(?:نهايه|اخر|(?:the )?end of) (?:(?:هذا |هال|ها |this |the )?(?:الشهر|شهر|month)|"
            rf"(?=next month))(?P<next> ?{NEXT}(?: month)?)?(?: {THIS})?{_END}",
            _month_end,
        ),
        (
            ("شهر", "month", "اسبوع", "week"),
            rf"{_LEAD}(?:ل|ب|في )?(?:اول|بدايه|بدايات|مطلع|اوايل|منتصف|نصف|نص|وسط|اواخر|mid|early|late|start of|"
            rf"beginning of|middle of)[ -](?:هذا |هال|the |this )?(?:(?:ال|ل)?(?:شهر|اسبوع)(?: {NEXT}| {THIS})?|"
            rf"(?:next )?(?:month|week)){_END}",
            _vague,
        ),
        (("شهر", "month"), rf"{_LEAD}(?:في |ب|خلال )?(?:ال)?شهر {NEXT}{_END}|{_LEAD}next month{_END}", _next_month),
        (
            ("يوم",),
            rf"{_LEAD}يوم (?P<d>0?[1-9]|[12]\d|3[01])(?![\d:/.-])(?! ?(?:يوم|ايام|ساع|سن|ريال|درهم|دينار|شخص|"
            rf"ص{_END}|م{_END}))(?: (?:من )?(?:هذا )?الشهر)?",
            _day_of_month,
        ),
        (
            ("the ",),
            rf"{_LEAD}the (?P<d>{_DAY})(?:st|nd|rd|th) ?(?:-|to|and|&|till|until|or) ?(?:the )?(?P<d2>{_DAY})"
            rf"(?:st|nd|rd|th){_END}",
            _two_days_of_month,
        ),
        (
            ("th", "st", "nd", "rd"),
            rf"{_LEAD}(?:by|on|before|until|till|due|from) (?P<d>[1-9]|[12]\d|3[01])(?:st|nd|rd|th){_END}",
            _day_of_month,
        ),
        (
            ("the ",),
            rf"{_LEAD}(?:(?<=by )|(?<=on )|(?<=before )|(?<=until )|(?<=till )|(?<=closing )|"
            rf"(?<=closes ))the (?P<d>[1-9]|[12]\d|3[01])"
            rf"(?:st|nd|rd|th){_END}(?! of{_END})",
            _day_of_month,
        ),
        (
            ("قبل",),
            r"(?<=قبل )(?P<d>1[3-9]|2\d|3[01])(?= ?(?:$|[\n,!)]|\.(?!\d)))",
            _day_of_month,
        ),
        (
            ("the ",),
            rf"{_LEAD}the (?P<d>[1-9]|[12]\d|3[01])(?:st|nd|rd|th){_END}(?! (?!of\b|at\b|pls|please)[a-z])",
            _day_of_month,
        ),
    )
)
