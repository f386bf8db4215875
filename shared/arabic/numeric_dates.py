"""Dates in figures alone: "22/11", "5-9/11", "2026-11-05", "٢٣ و٢٤/١١", "يوم 16-11", "1448-09-01", "شهر ١٢"."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, datetime

from shared.arabic.calendar_words import WEEKDAYS, any_of
from shared.arabic.date_mentions import DateMention
from shared.arabic.date_reading import Days, Read, readings
from shared.arabic.normalise import Folded
from shared.arabic.years import hijri_date, next_such

_D, _M = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_FREE = r"(?<![\d/.,+\\-])"
_YEARS = r"(?P<y>20[2-4]\d|2[5-9])(?!\d)"
_TO = r" ?(?:-{1,2}|→|=>|>|~|الي|حتي|لين|لغايه|ل|to|till|until|thru|through|and|&|و|او|(?<= )/(?= )) ?"
_SLASH = r" ?[/\\] ?"
_NO_MORE = r"(?![\d%/\\]|[.,]\d)"
_A_WEEKDAY = rf"(?<![^\W\d_])[ولب]?(?:{any_of(WEEKDAYS)}|يوم|بتاريخ|تاريخ|الموافق|موافق|on|dated?) ?:? ?"
_SEPARATED = re.compile(r"\d ?[/\\.-] ?\d|شهر \d")


def find(text: Folded, now: datetime) -> Iterator[DateMention]:
    """The dates of each form, the fullest forms first; overlaps are the caller's business."""
    if not _SEPARATED.search(text.text):
        return
    for pattern, read in _FORMS:
        for match, days in readings(text, now, pattern, read):
            yield DateMention(*days, text.place(*match.span()))


def _hijri(match: re.Match[str], now: datetime) -> Days | None:
    first, second, third = match["a"], match["b"], match["c"]
    year, day = (third, first) if len(third) == 4 else (first, third)
    found = hijri_date(int(day), int(second), year, now)
    return (found, found, "day", "hijri_umm_al_qura") if found else None


def _iso(match: re.Match[str], _: datetime) -> Days:
    day = date(int(match["y"]), int(match["m"]), int(match["d"]))
    return day, day, "day", "numeric"


def _single(match: re.Match[str], now: datetime) -> Days:
    year = match["y"]
    full = f"20{year}" if year and len(year) == 2 else year
    day = next_such(int(match["d"]), int(match["m"]), full, now)
    return day, day, "day", "numeric"


def _range(match: re.Match[str], now: datetime) -> Days:
    end = next_such(int(match["d2"]), int(match["mm2"]), match["y"], now)
    start = date(end.year, int(match["mm1"]), int(match["d1"]))
    if start > end:
        start = start.replace(year=start.year - 1)
    return start, end, "day", "numeric_range"


def _listed(match: re.Match[str], now: datetime) -> Days | None:
    """Several days before one month: two are a range, more than two are days in a row."""
    days = [int(number) for number in re.findall(r"\d+", match["days"])]
    if len(days) > 2 and days != list(range(days[0], days[0] + len(days))):
        return None
    year = match["y"]
    end = next_such(days[-1], int(match["m"]), f"20{year}" if year and len(year) == 2 else year, now)
    return end.replace(day=days[0]), end, "day", "numeric_range"


def _month(match: re.Match[str], now: datetime) -> Days:
    today, month = now.date(), int(match["m"])
    year = int(match["y"]) if match["y"] else today.year + (month < today.month)
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]), "month", "whole_month"


_SLASHED = rf"{_FREE}(?P<d{{0}}>{_D}){_SLASH}(?P<mm{{0}}>{_M})(?![\d%]|[.,]\d)".format
_DASHED = rf"{_FREE}(?P<d{{0}}>{_D})-(?P<mm{{0}}>{_M})(?![\d%]|[.,]\d)".format
_IN_LIST = r"(?: ?[,-] ?| ?و ?| ?& ?| (?:and|to|الي|حتي|لين|او) )"
_FORMS: tuple[tuple[re.Pattern[str], Read], ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (r"(?<!\d)(?P<a>\d{1,2}|14\d\d) ?[/-] ?(?P<b>\d{1,2}) ?[/-] ?(?P<c>14\d\d|\d{1,2})(?= ?ه)", _hijri),
        (r"(?<!\d)(?P<a>\d{1,2}) ?[/-] ?(?P<b>\d{1,2}) ?[/-] ?(?P<c>14[4-6]\d)(?!\d)", _hijri),
        (r"(?<!\d)(?P<a>14[4-6]\d) ?[/-] ?(?P<b>\d{1,2}) ?[/-] ?(?P<c>\d{1,2})(?!\d)", _hijri),
        (rf"(?<!\d)(?P<y>20[2-4]\d)[-/.](?P<m>{_M})[-/.](?P<d>{_D})(?!\d)", _iso),
        (rf"{_FREE}(?P<days>{_D}{_IN_LIST}{_D}){_SLASH}(?P<m>{_M}){_SLASH}{_YEARS}", _listed),
        (rf"{_FREE}(?P<d>{_D}) ?(?P<s>[/.\\-]) ?(?P<m>{_M}) ?(?P=s) ?{_YEARS}", _single),
        (rf"{_FREE}(?P<m>{_M})/(?P<d>1[3-9]|2\d|3[01])/{_YEARS}", _single),  # no day stands first there
        (_SLASHED(1) + _TO + _SLASHED(2).replace(_FREE, "") + r"(?:/(?P<y>20[2-4]\d))?", _range),
        (
            _DASHED(1) + r" (?:الي|حتي|لين|لغايه|to|till|until) (?:يوم )?" + _DASHED(2).replace(_FREE, "") + r"(?P<y>)",
            _range,
        ),
        (_A_WEEKDAY + _DASHED(1) + _TO + _DASHED(2).replace(_FREE, "") + r"(?P<y>)", _range),
        (rf"{_FREE}(?P<days>{_D}(?:{_IN_LIST}{_D}){{1,6}}){_SLASH}(?P<m>{_M})(?P<y>){_NO_MORE}", _listed),
        (rf"{_FREE}(?!24 ?/ ?7)(?P<d>{_D}){_SLASH}(?P<m>{_M})(?P<y>){_NO_MORE}(?! ?سن)", _single),
        (rf"{_A_WEEKDAY}(?P<d>{_D}) ?- ?(?P<m>{_M})(?P<y>)(?![\d%/-]|[.,]\d)", _single),
        (rf"{_FREE}(?P<d>{_D}) (?:من )?شهر (?P<m>{_M})(?P<y>)(?!\d)", _single),
        (rf"(?<!\w)(?:ل|ب|في )?شهر (?P<m>{_M})(?:{_SLASH}(?P<y>20[2-4]\d))?(?![\d/.,])", _month),
    )
)
