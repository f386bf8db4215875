"""Dates that name a day or a month: "٥ سبتمبر", "Nov 2-3", "22/11", "15 ربيع الآخر", "من ١ أكتوبر حتى ١٥ نوفمبر"."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from hijridate import Hijri

from shared.arabic.calendar_words import AMBIGUOUS_MONTHS, HIJRI_MONTHS, MONTHS, WEEKDAYS, any_of
from shared.arabic.date_mentions import DateKind, DateMention
from shared.arabic.normalise import Folded

_DAY = r"(?<![\d.,:/])(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![\d:])"
_NEXT_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![\d:])"
_MONTH = rf"(?:{any_of(MONTHS)})(?![^\W\d_])\.?"
_HIJRI = rf"(?:{any_of(HIJRI_MONTHS)})(?![^\W\d_])"
_OF = r" ?(?:of |من شهر |شهر |-|/)? ?"
_YEAR = r"(?:,? ?(?P<{}>20[2-4]\d)(?!\d))?"
_HIJRI_YEAR = r"(?: (?P<hy>14\d\d)(?!\d) ?(?:ه(?!\w)|h(?!\w))?)?"
_TO = r" ?(?:-{1,2}|→|=>|>|~|الي|حتي|لين|لغايه|ل|to|till|until|thru|through|and|&|و|او|/) ?"
_WEEKDAY = rf"(?:(?:يوم )?(?:{any_of(WEEKDAYS)}) ?,? ?(?:الموافق )?)?"
_THROUGH = rf"{_TO}(?:يوم )?{_WEEKDAY}(?:the )?"
_LEAD = r"(?<![^\W\d_])"

_Days = tuple[date | None, date | None, DateKind, str]
_Read = Callable[[re.Match[str], datetime], _Days | None]


def find(text: Folded, now: datetime) -> Iterator[DateMention]:
    """The dates of each form, the fullest forms first; overlaps are the caller's business."""
    for pattern, read in _FORMS:
        for match in pattern.finditer(text.text):
            try:
                days = read(match, now)
            except (ValueError, OverflowError):
                continue
            if days is not None:
                start, end, kind, rule = days
                if start and end and start > end:
                    continue
                yield DateMention(start, end, kind, rule, text.place(*match.span()))


def next_such(day: int, month: int, year: str | None, now: datetime) -> date:
    """This day and month in the year that is meant: the one given, else the nearest that is not long past."""
    if year:
        return date(int(year), month, day)
    today = now.date()
    for candidate in (today.year, today.year + 1):
        found = date(candidate, month, day)
        if found >= today - timedelta(days=60):
            return found
    return date(today.year, month, day)


def _number(words: str) -> int:
    return int(re.match(r"\d+", words)[0])  # type: ignore[index]


def _month(words: str) -> int:
    return MONTHS[words.rstrip(".")]


def _two_months(match: re.Match[str], now: datetime) -> tuple[date, date, DateKind, str]:
    end_year = match["y2"] or match["y1"]
    start = next_such(_number(match["d1"]), _month(match["m1"]), match["y1"] or None, now)
    end = next_such(_number(match["d2"]), _month(match["m2"]), end_year, now)
    if not match["y1"] and match["y2"]:
        start = date(end.year - (start.month > end.month), start.month, start.day)
    if end < start and not match["y2"]:
        end = date(start.year + (end.month < start.month), end.month, end.day)
    return start, end, "day", "day_month_range"


def _one_month(match: re.Match[str], now: datetime) -> tuple[date, date, DateKind, str]:
    month = _month(match["m1"])
    end = next_such(_number(match["d2"]), month, match["y1"], now)
    return date(end.year, month, _number(match["d1"])), end, "day", "day_month_range"


def _listed(match: re.Match[str], now: datetime) -> _Days | None:
    """Days in a row, like "3rd, 4th & 5th Jan"; other numbers before a comma are none of the date's."""
    days = [int(number) for number in re.findall(r"\d+", match["days"])] + [_number(match["d2"])]
    if days != list(range(days[0], days[0] + len(days))):
        return None
    end = next_such(days[-1], _month(match["m1"]), match["y1"], now)
    return date(end.year, end.month, days[0]), end, "day", "day_month_range"


def _single(match: re.Match[str], now: datetime) -> tuple[date, date, DateKind, str]:
    day = next_such(_number(match["d1"]), _month(match["m1"]), match["y1"], now)
    return day, day, "day", "day_month"


def _hijri(match: re.Match[str], now: datetime) -> tuple[date, date, DateKind, str] | None:
    day, month = int(match["d1"]), HIJRI_MONTHS[match["hm"]]
    found = _hijri_date(day, month, match["hy"], now)
    return (found, found, "day", "hijri_umm_al_qura") if found else None


def _hijri_numeric(match: re.Match[str], now: datetime) -> tuple[date, date, DateKind, str] | None:
    first, second, third = match["a"], match["b"], match["c"]
    year, day = (third, first) if len(third) == 4 else (first, third)
    found = _hijri_date(int(day), int(second), year, now)
    return (found, found, "day", "hijri_umm_al_qura") if found else None


def _hijri_date(day: int, month: int, year: str | None, now: datetime) -> date | None:
    today = now.date()
    this_year = round((today.year - 622) * 33 / 32)
    for candidate in (int(year),) if year else range(this_year - 1, this_year + 3):
        try:
            found = Hijri(candidate, month, day).to_gregorian()
        except (ValueError, OverflowError):
            continue
        gregorian = date(found.year, found.month, found.day)
        if year or gregorian >= today - timedelta(days=30):
            return gregorian
    return None


def _iso(match: re.Match[str], _: datetime) -> tuple[date, date, DateKind, str]:
    day = date(int(match["y"]), int(match["m"]), int(match["d"]))
    return day, day, "day", "numeric"


def _numeric(match: re.Match[str], now: datetime) -> tuple[date, date, DateKind, str]:
    year = match["y"]
    full = f"20{year}" if year and len(year) == 2 else year
    day = next_such(int(match["d"]), int(match["m"]), full, now)
    return day, day, "day", "numeric"


def _numeric_range(match: re.Match[str], now: datetime) -> tuple[date, date, DateKind, str]:
    end = next_such(int(match["d2"]), int(match["mm2"]), match["y"], now)
    start = date(end.year, int(match["mm1"]), int(match["d1"]))
    if start > end:
        start = start.replace(year=start.year - 1)
    return start, end, "day", "numeric_range"


def _part(match: re.Match[str], now: datetime) -> tuple[date | None, date | None, DateKind, str]:
    """Mid, early, late: no days; the end of a named month is its last day, for a deadline."""
    month = _month(match["m1"])
    if re.match(r"(?:end\b|نهايه|اخر\b)", match["part"]):
        last = _last_of(next_such(1, month, match["y1"], now))
        return last, last, "end_of_month", "end_of_month"
    return None, None, "vague", "part_of_month"


def _whole_months(match: re.Match[str], now: datetime) -> tuple[date, date, DateKind, str] | None:
    words = match["m1"].rstrip(".")
    if words in AMBIGUOUS_MONTHS and not match["y1"] and not match["lead"]:
        return None
    last_month = _month(match["m2"]) if match["m2"] else _month(words)
    end = _last_of(_month_ahead(last_month, match["y1"], now))
    start = date(end.year - (_month(words) > last_month), _month(words), 1)
    return start, end, "month", "whole_month"


def _month_ahead(month: int, year: str | None, now: datetime) -> date:
    """The first of the next such month; the running month counts as next."""
    today = now.date()
    return date(int(year) if year else today.year + (month < today.month), month, 1)


def _last_of(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


_Y1, _Y2 = _YEAR.format("y1"), _YEAR.format("y2")
_PART = (
    r"(?P<part>(?:في )?(?:اول اسبوع(?: من)?|ثاني اسبوع(?: من)?|منتصف|نص|اوائل|بدايه|بدايات|مطلع|اواخر|نهايه|"
    r"نهايات|اخر|mid|early|late|end of|first week of|second week of|last week of|beginning of|start of))"
)
_D, _M = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_FREE = r"(?<![\d/.,+-])"
_YEARS = r"(?P<y>20[2-4]\d|2[5-9])(?!\d)"
_SLASHED = rf"{_FREE}(?P<d{{0}}>{_D}) ?/ ?(?P<mm{{0}}>{_M})(?![\d%]|[.,]\d)".format
_DASHED = rf"{_FREE}(?P<d{{0}}>{_D})-(?P<mm{{0}}>{_M})(?![\d%]|[.,]\d)".format
_A_WEEKDAY = rf"{_LEAD}[ولب]?(?:{any_of(WEEKDAYS)}) "

_FORMS: tuple[tuple[re.Pattern[str], _Read], ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (rf"(?P<d1>{_DAY}) (?P<hm>{_HIJRI}){_HIJRI_YEAR}", _hijri),
        (r"(?<!\d)(?P<a>\d{1,2}|14\d\d) ?[/-] ?(?P<b>\d{1,2}) ?[/-] ?(?P<c>14\d\d|\d{1,2})(?= ?ه)", _hijri_numeric),
        (r"(?<!\d)(?P<a>\d{1,2}) ?[/-] ?(?P<b>\d{1,2}) ?[/-] ?(?P<c>14[4-6]\d)(?!\d)", _hijri_numeric),
        (rf"(?<!\d)(?P<y>20[2-4]\d)[-/.](?P<m>{_M})[-/.](?P<d>{_D})(?!\d)", _iso),
        (rf"{_FREE}(?P<d>{_D}) ?(?P<s>[/.-]) ?(?P<m>{_M}) ?(?P=s) ?{_YEARS}", _numeric),
        (
            rf"(?P<d1>{_DAY}){_OF}(?P<m1>{_MONTH}){_Y1}{_THROUGH}(?P<d2>{_NEXT_DAY}){_OF}(?P<m2>{_MONTH}){_Y2}",
            _two_months,
        ),
        (
            rf"{_LEAD}(?P<m1>{_MONTH}) ?(?P<d1>{_NEXT_DAY}){_Y1}{_THROUGH}(?P<m2>{_MONTH}) ?(?P<d2>{_NEXT_DAY}){_Y2}",
            _two_months,
        ),
        (rf"(?P<days>{_DAY}(?:, ?{_NEXT_DAY}){{1,4}}){_THROUGH}(?P<d2>{_NEXT_DAY}){_OF}(?P<m1>{_MONTH}){_Y1}", _listed),
        (rf"(?P<d1>{_DAY})(?:{_TO}{_NEXT_DAY})?{_THROUGH}(?P<d2>{_NEXT_DAY}){_OF}(?P<m1>{_MONTH}){_Y1}", _one_month),
        (rf"{_LEAD}(?P<m1>{_MONTH}) ?(?P<d1>{_NEXT_DAY}){_TO}(?P<d2>{_NEXT_DAY}){_Y1}", _one_month),
        (rf"{_LEAD}(?P<m1>{_MONTH}){_Y1} ?\( ?(?P<d1>{_NEXT_DAY}){_TO}(?P<d2>{_NEXT_DAY}) ?\)", _one_month),
        (rf"(?P<d1>{_DAY}){_OF}(?P<m1>{_MONTH}){_Y1}", _single),
        (rf"{_LEAD}(?P<m1>{_MONTH}) ?(?P<d1>{_NEXT_DAY}){_Y1}", _single),
        (_SLASHED(1) + _TO + _SLASHED(2).replace(_FREE, "") + r"(?:/(?P<y>20[2-4]\d))?", _numeric_range),
        (_A_WEEKDAY + _DASHED(1) + _TO + _DASHED(2).replace(_FREE, "") + r"(?P<y>)", _numeric_range),
        (rf"{_FREE}(?!24 ?/ ?7)(?P<d>{_D}) ?/ ?(?P<m>{_M})(?P<y>)(?![\d%/]|[.,]\d)(?! ?سن)", _numeric),
        (rf"{_A_WEEKDAY}(?P<d>{_D})-(?P<m>{_M})(?P<y>)(?![\d%/-]|[.,]\d)", _numeric),
        (rf"{_LEAD}{_PART}[ -](?:شهر )?(?P<m1>{_MONTH}){_Y1}", _part),
        (
            rf"{_LEAD}(?P<lead>(?:في|خلال|شهر|طوال|طيله|in|during|throughout|of) )?(?P<m1>{_MONTH})"
            rf"(?:{_TO}(?P<m2>{_MONTH}))?{_Y1}",
            _whole_months,
        ),
    )
)
