"""Dates counted from the day of sending: "بكرة", "عقب باجر", "الخميس الجاي", "نهاية الشهر", "within 48 hours"."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from shared.arabic.calendar_words import ONE_TO_TEN, WEEKDAYS, any_of
from shared.arabic.date_mentions import DateKind, DateMention
from shared.arabic.normalise import Folded

_Days = tuple[date, date, DateKind, str]
_Read = Callable[[re.Match[str], datetime], _Days | None]

_LEAD = r"(?<![^\W\d_])"
_END = r"(?!\w)"
_WEEKDAY = rf"(?:{any_of(WEEKDAYS)}){_END}"
_FROM_ARTICLE = r"(?:و|ل|ب|ف)?"
_NEXT = r"(?:القادمه?|الجايه?|الياي|اليايه|المقبله?|next)"
_NUMBER = rf"(?:\d{{1,3}}|{any_of(ONE_TO_TEN)})"
_TOMORROW = r"(?:بكره|بكرا|باكر|باجر|غدا|غد|tomorrow|tmrw|tmrrw|tmr|tmw|2moro|2morrow|bukra|bokra|bukrah|bacher)"
_DAY_WORDS = r"(?:يوم|ايام|يوما|days?|nights?)"
_WEEK_WORDS = r"(?:اسبوع|اسابيع|weeks?)"


def find(text: Folded, now: datetime) -> Iterator[DateMention]:
    """The dates of each form, the longest wordings first; overlaps are the caller's business."""
    for pattern, read in _FORMS:
        for match in pattern.finditer(text.text):
            try:
                days = read(match, now)
            except (ValueError, OverflowError):
                continue
            if days is not None:
                yield DateMention(*days, text.place(*match.span()))


def count_of(words: str) -> int:
    """The number that a figure or a small number word says; 0 for any other word."""
    return int(words) if words.isdigit() else ONE_TO_TEN.get(words, 0)


def _ahead(now: datetime, days: int, rule: str, kind: DateKind = "relative") -> _Days:
    day = now.date() + timedelta(days=days)
    return day, day, kind, rule


def _fixed(days: int, rule: str) -> _Read:
    return lambda _, now: _ahead(now, days, rule)


def _in_units(match: re.Match[str], now: datetime) -> _Days | None:
    return _ahead(now, _length(match), "days_ahead")


def _length(match: re.Match[str]) -> int:
    """Days that "3 days", "يومين", "اسبوعين", "two weeks" mean."""
    groups = match.groupdict()
    if groups.get("dual"):
        return 14 if groups["dual"].startswith("اسبوع") else 2
    count = count_of(groups["n"]) if groups.get("n") else 1
    return count * (7 if re.match(r"اسبوع|اسابيع|week", groups["unit"]) else 1)


def _within_days(match: re.Match[str], now: datetime) -> _Days | None:
    return _ahead(now, _length(match), "within_days", "within")


def _within_hours(match: re.Match[str], now: datetime) -> _Days:
    hours = count_of(match["n"]) if match["n"] else (2 if match["unit"] == "ساعتين" else 1)
    day = (now + timedelta(hours=hours)).date()
    return day, day, "within", "within_the_hour" if hours <= 3 else "within_hours"


def _weekday(words: str, now: datetime) -> date:
    """The next such day after today."""
    return now.date() + timedelta(days=(WEEKDAYS[words] - now.weekday() - 1) % 7 + 1)


def _one_weekday(match: re.Match[str], now: datetime) -> _Days:
    day = _weekday(match["w1"], now) + timedelta(days=7 if match["after"] else 0)
    return day, day, "weekday", "weekday"


def _two_weekdays(match: re.Match[str], now: datetime) -> _Days:
    start = _weekday(match["w1"], now)
    end = start + timedelta(days=(WEEKDAYS[match["w2"]] - WEEKDAYS[match["w1"]]) % 7)
    return start, end, "weekday", "weekday_range"


def _next_week(_: re.Match[str], now: datetime) -> _Days:
    sunday = _weekday("sunday", now)
    return sunday, sunday + timedelta(days=6), "week", "next_week"


def _next_month(_: re.Match[str], now: datetime) -> _Days:
    first = (now.date().replace(day=1) + timedelta(days=32)).replace(day=1)
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1]), "month", "next_month"


def _weekend(_: re.Match[str], now: datetime) -> _Days:
    friday = now.date() + timedelta(days=(4 - now.weekday()) % 7)
    return friday, friday + timedelta(days=1), "week", "weekend"


def _month_end(match: re.Match[str], now: datetime) -> _Days:
    first = now.date().replace(day=1)
    if match["next"]:
        first = (first + timedelta(days=32)).replace(day=1)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    return last, last, "end_of_month", "end_of_month"


def _day_of_month(match: re.Match[str], now: datetime) -> _Days | None:
    today = now.date()
    number = int(match["d"])
    month = today.replace(day=1)
    if number < today.day:
        month = (month + timedelta(days=32)).replace(day=1)
    day = month.replace(day=number)
    return day, day, "day", "day_of_month"


_UNITS = (
    rf"(?:(?P<dual>يومين|اسبوعين)|(?:(?P<n>{_NUMBER}) )?(?P<unit>{_DAY_WORDS}|{_WEEK_WORDS})){_END}"
    r"(?: mn ال?يوم| من (?:اليوم|الان|الحين|تاريخه)| from (?:now|today))?"
)
_FORMS: tuple[tuple[re.Pattern[str], _Read], ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (
            rf"{_LEAD}(?:(?:بعد|عقب) {_TOMORROW}|بعدبكره|day after tomorrow|{_TOMORROW} ?\+ ?1){_END}",
            _fixed(2, "day_after_tomorrow"),
        ),
        (rf"{_LEAD}(?:اليوم|today) (?:و|او |and |& |or ){_TOMORROW}{_END}", _fixed(1, "tomorrow")),
        (rf"{_LEAD}(?:ليوم |يوم )?{_FROM_ARTICLE}{_TOMORROW}{_END}", _fixed(1, "tomorrow")),
        (rf"{_LEAD}(?:بعد|عقب|in|after) {_UNITS}", _in_units),
        (
            rf"{_LEAD}(?:خلال|في غضون|within|in the next) (?:ال)?(?:(?P<n>{_NUMBER}) )?(?P<unit>ساعتين|ساعه|"
            rf"ساعات|hours?|hrs?){_END}",
            _within_hours,
        ),
        (rf"{_LEAD}(?:خلال|في غضون|within|in the next) {_UNITS}", _within_days),
        (
            rf"{_LEAD}{_FROM_ARTICLE}(?P<w1>{_WEEKDAY}) ?(?:-|ل|الي|حتي|لين|و|to|till|until|and|&|/) ?(?:يوم "
            rf")?(?P<w2>{_WEEKDAY})",
            _two_weekdays,
        ),
        (
            rf"{_LEAD}(?<!كل )(?<!every )(?:(?:next|this|coming) )?(?:(?:el|al|il)[ "
            rf"-]?)?{_FROM_ARTICLE}(?:ال)?(?P<w1>{_WEEKDAY})(?![-'/])"
            rf"(?: (?P<after>بعد (?:القادم|الجاي|المقبل)|اللي بعده|اللي عقبه)| {_NEXT}{_END})?",
            _one_weekday,
        ),
        (rf"{_LEAD}(?:لل|ل|ب)?ل?(?:الاسبوع|لاسبوع|اسبوع) {_NEXT}{_END}|{_LEAD}next week{_END}", _next_week),
        (rf"{_LEAD}(?:هذا |هال|this )?(?:الويكند|ويكند|نهايه الاسبوع|اخر الاسبوع|weekend){_END}", _weekend),
        (rf"{_LEAD}(?:في |ب|خلال )?(?:ال)?شهر {_NEXT}{_END}|{_LEAD}next month{_END}", _next_month),
        (
            rf"{_LEAD}(?:ل|ب)?(?:نهايه|اخر|(?:the )?end of) (?:هذا |هال|this |the )?(?:الشهر|شهر|"
            rf"month)(?P<next> {_NEXT})?{_END}",
            _month_end,
        ),
        (
            rf"{_LEAD}يوم (?P<d>0?[1-9]|[12]\d|3[01])(?![\d:/.-])(?! ?(?:يوم|ايام|ساع|سن|ريال|درهم|دينار|شخص|"
            rf"ص{_END}|م{_END}))(?: (?:من )?(?:هذا )?الشهر)?",
            _day_of_month,
        ),
        (
            rf"{_LEAD}the (?P<d>[1-9]|[12]\d|3[01])(?:st|nd|rd|th){_END}(?! (?!of\b|at\b|pls|please)[a-z])",
            _day_of_month,
        ),
        (
            rf"{_LEAD}(?:هال|ل)?(?:اليوم|today){_END}(?! (?:الوطني|الواحد|العالمي|الكامل|\d{{3}}))|"
            rf"{_LEAD}(?:الليله|هالليله|tonight){_END}",
            _fixed(0, "today"),
        ),
    )
)
