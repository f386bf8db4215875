"""Dates that name a month: "٥ سبتمبر", "Nov 2-3", "الخامس من نوفمبر", "15 ربيع الآخر", "من ١ أكتوبر حتى ١٥ نوفمبر"."""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from shared.arabic.calendar_words import (
    AMBIGUOUS_MONTHS,
    FATHER,
    HIJRI_MONTHS,
    MONTHS,
    ONE_TO_TEN,
    WEEKDAYS,
    WORDED_DAYS,
    any_of,
)
from shared.arabic.date_mentions import DateKind, DateMention
from shared.arabic.date_reading import Days, Read, readings
from shared.arabic.normalise import Folded
from shared.arabic.years import hijri_date, next_such

_DAY = r"(?<![\d.,:/])(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?!\d|:\d)"
_NEXT_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?!\d|:\d)"
_MONTH = rf"(?:{any_of(MONTHS)})(?![^\W\d_])\.?"
_HIJRI = rf"(?:{any_of(HIJRI_MONTHS)})(?![^\W\d_])"
_OF = r" ?(?:of |من شهر |شهر |من |-|/)? ?"
_YEAR = r"(?:,? ?(?P<{}>20[2-4]\d)(?!\d))?"
_HIJRI_YEAR = r"(?: (?:لعام |عام |سنه )?(?P<hy>14\d\d)(?!\d) ?(?:ه(?!\w)|h(?!\w))?)?"
_TO = r" ?(?:-{1,2}|\+|→|=>|>|~|الي|حتي|لين|لغايه|ل|to|till|until|thru|through|and|&|و|او|/) ?"
_WEEKDAY = rf"(?:(?:يوم )?(?:{any_of(WEEKDAYS)}) ?,? ?(?:الموافق )?)?"
_THROUGH = rf"{_TO}(?:يوم )?{_WEEKDAY}(?:the )?"
_LEAD = r"(?<![^\W\d_])"
# A year that no call is of; "5 اكتوبر 2000 ريال" and "5 Oct, 2000" have a sum there.
_LONG_AGO = re.compile(
    r"(?: (?:عام |سنه |in )?|, ?(?=19))(?!1900|2000)(?:19\d\d|20[01]\d)(?![\d.,]\d|\d|[-:/]|\+| ?(?:ريال|sar|sr|aed|"
    r"درهم|دينار|دولار|usd|كاش|لل|per|each|\$))"
)


def find(text: Folded, now: datetime) -> Iterator[DateMention]:
    """The dates of each form, the fullest forms first; overlaps are the caller's business."""
    words = set(_WORDS.findall(text.text))
    words |= {word[1:] for word in words if word[0] in "بف"}
    if words.isdisjoint(_FIRST_WORDS):
        return
    hijri = not words.isdisjoint(_HIJRI_WORDS)
    worded = not words.isdisjoint(_WORDED_WORDS)
    for pattern, read in _FORMS:
        if (read is _hijri and not hijri) or (read in _OF_WORDS and not worded):
            continue
        for match, days in readings(text, now, pattern, read):
            if not _is_father(text, match) and not _LONG_AGO.match(text.text, _end(match)):
                yield DateMention(*days, text.place(match.start(), _end(match)))


def _end(match: re.Match[str]) -> int:
    """Without the full stop of "22 Sept.", which may end a sentence."""
    return match.end() - match[0].endswith(".")


def _is_father(text: Folded, match: re.Match[str]) -> bool:
    groups = match.groupdict()
    if FATHER not in (groups.get("m1"), groups.get("m2")):
        return False
    start, end = text.span(*match.span())
    return "آ" not in unicodedata.normalize("NFC", text.raw[start:end])


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


def _listed(match: re.Match[str], now: datetime) -> Days | None:
    """Days in a row, like "3rd, 4th & 5th Jan"; other numbers before a comma are none of the date's."""
    days = [int(number) for number in re.findall(r"\d+", match["days"])]
    if days != list(range(days[0], days[0] + len(days))):
        return None
    end = next_such(days[-1], _month(match["m1"]), match["y1"], now)
    return end.replace(day=days[0]), end, "day", "day_month_range"


def _single(match: re.Match[str], now: datetime) -> tuple[date, date, DateKind, str]:
    day = next_such(_number(match["d1"]), _month(match["m1"]), match["y1"], now)
    return day, day, "day", "day_month"


def _hijri(match: re.Match[str], now: datetime) -> Days | None:
    month, year, first = HIJRI_MONTHS[match["hm"]], match["hy"], match.groupdict().get("d0")
    day = WORDED_DAYS.get(match["d1"]) or int(match["d1"])
    found = hijri_date(day, month, year, now)
    start = hijri_date(int(first), month, year, now) if first else found
    return (start, found, "day", "hijri_umm_al_qura") if found and start else None


def _worded(match: re.Match[str], now: datetime) -> Days:
    day = next_such(WORDED_DAYS[match["d1"]], _month(match["m1"]), match["y1"], now)
    return day, day, "day", "day_month"


def _two_worded(match: re.Match[str], now: datetime) -> Days:
    end = next_such(WORDED_DAYS[match["d2"]], _month(match["m1"]), match["y1"], now)
    return end.replace(day=WORDED_DAYS[match["d1"]]), end, "day", "day_month_range"


def _first_days(match: re.Match[str], now: datetime) -> Days | None:
    """The first days of a month: "أول ثلاثة أيام من رمضان"."""
    length = int(match["n"]) if match["n"].isdigit() else ONE_TO_TEN[match["n"]]
    if match["m1"]:
        first: date | None = next_such(1, _month(match["m1"]), match["y1"], now)
    else:
        first = hijri_date(1, HIJRI_MONTHS[match["hm"]], match["hy"], now)
    rule = "day_month_range" if match["m1"] else "hijri_umm_al_qura"
    return (first, first + timedelta(days=length - 1), "day", rule) if first and 0 < length < 29 else None


def _last_day_unnamed(match: re.Match[str], now: datetime) -> Days:
    """The month is said once, with the first day: "من ٨ نوفمبر الى الخميس ١٢"."""
    start = next_such(_number(match["d1"]), _month(match["m1"]), match["y1"], now)
    return start, start.replace(day=_number(match["d2"])), "day", "day_month_range"


def _part(match: re.Match[str], now: datetime) -> tuple[date | None, date | None, DateKind, str]:
    """Mid, early, late: no days; the end of a named month is its last day, for a deadline."""
    month = _month(match["m1"])
    if re.match(r"(?:في )?(?:end\b|نهايه|اخر\b(?! اسبوع))", match["part"]):
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
    r"(?P<part>(?:في )?(?:(?:اول|ثاني|ثالث|رابع|اخر) اسبوع(?: من| في)?|"
    r"(?:ال)?اسبوع (?:الاول|الثاني|الثالث|الرابع|الاخير)(?: من| في)?|منتصف|نصف|نص|وسط|اوايل|بدايه|بدايات|مطلع|اواخر|"
    r"نهايه|نهايات|اخر|اول|mid|early|late|end of|"
    r"(?:first|second|third|fourth|last|1st|2nd|3rd|4th) (?:week|half) (?:of|in)|"
    r"beginning of|start of))"
)
_ORDINAL_OF = r" (?:of |من )?(?:شهر )?"
_NO_WEEK = r"(?<!اسبوع )"  # "الأسبوع الثاني من ديسمبر" is no second of December
_NO_DAY = r"(?<!\d )(?<!\d)(?<!(?:th|st|nd|rd) )"
_NO_HOUR = r"(?! ?(?:am|pm|[صم](?!\w)|مسا|صباح|العصر|الظهر))"
_WORDED = f"(?P<d1>{any_of(WORDED_DAYS)})"
_NEXT_IN_LIST = rf"(?: ?[,،/-] ?| ?و ?| and | ?& | or | او ){{1,2}}{_NEXT_DAY}"
_WORDS = re.compile(r"[^\W\d_]+")
_HIJRI_WORDS = frozenset(name.split()[0] for name in HIJRI_MONTHS)
_WORDED_WORDS = frozenset(name.split()[0] for name in WORDED_DAYS)
_OF_WORDS = (_worded, _two_worded)
_FIRST_WORDS = frozenset(name.split()[0] for name in (*MONTHS, *HIJRI_MONTHS))

_FORMS: tuple[tuple[re.Pattern[str], Read], ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (rf"(?P<d0>{_DAY}){_THROUGH}(?P<d1>{_NEXT_DAY}) (?:من )?(?:شهر )?(?P<hm>{_HIJRI}){_HIJRI_YEAR}", _hijri),
        (rf"(?P<d1>{_DAY}) (?:من )?(?:شهر )?(?P<hm>{_HIJRI}){_HIJRI_YEAR}", _hijri),
        (
            rf"(?P<d1>{_DAY}){_OF}(?P<m1>{_MONTH}){_Y1}{_THROUGH}(?P<d2>{_NEXT_DAY}){_OF}(?P<m2>{_MONTH}){_Y2}",
            _two_months,
        ),
        (
            rf"{_LEAD}(?P<m1>{_MONTH}) ?(?P<d1>{_NEXT_DAY}){_Y1}{_THROUGH}(?P<m2>{_MONTH}) ?(?P<d2>{_NEXT_DAY}){_Y2}",
            _two_months,
        ),
        (
            rf"(?P<d1>{_DAY}){_OF}(?P<m1>{_MONTH}){_Y1}{_TO}(?:يوم |(?:يوم )?(?:{any_of(WEEKDAYS)}) )"
            rf"(?P<d2>{_NEXT_DAY})(?! ?[/-])",
            _last_day_unnamed,
        ),
        (rf"(?P<days>{_DAY}(?:{_NEXT_IN_LIST}){{2,6}}){_OF}(?P<m1>{_MONTH}){_Y1}", _listed),
        (rf"{_LEAD}(?P<m1>{_MONTH}) ?(?P<days>{_NEXT_DAY}(?:{_NEXT_IN_LIST}){{2,6}}){_Y1}", _listed),
        (rf"(?P<d1>{_DAY})(?:{_TO}{_NEXT_DAY})?{_THROUGH}(?P<d2>{_NEXT_DAY}){_OF}(?P<m1>{_MONTH}){_Y1}", _one_month),
        (
            rf"{_NO_DAY}{_LEAD}(?P<m1>{_MONTH}) ?(?P<d1>{_NEXT_DAY}){_TO}(?P<d2>{_NEXT_DAY}){_NO_HOUR}{_Y1}",
            _one_month,
        ),
        (rf"{_LEAD}(?P<m1>{_MONTH}){_Y1} ?\( ?(?P<d1>{_NEXT_DAY}){_TO}(?P<d2>{_NEXT_DAY}) ?\)", _one_month),
        (rf"(?P<d1>{_DAY}){_OF}(?P<m1>{_MONTH}){_Y1}", _single),
        (rf"{_LEAD}(?P<m1>{_MONTH}) ?(?P<d1>{_NEXT_DAY}){_Y1}", _single),
        (
            rf"{_LEAD}{_NO_WEEK}{_WORDED} ?و ?(?P<d2>{any_of(WORDED_DAYS)}){_ORDINAL_OF}(?P<m1>{_MONTH}){_Y1}",
            _two_worded,
        ),
        (rf"{_LEAD}{_NO_WEEK}{_WORDED}{_ORDINAL_OF}(?P<m1>{_MONTH}){_Y1}", _worded),
        (rf"{_LEAD}{_WORDED}{_ORDINAL_OF}(?P<hm>{_HIJRI}){_HIJRI_YEAR}", _hijri),
        (
            rf"{_LEAD}(?:اول|first) (?P<n>\d{{1,2}}|{any_of(ONE_TO_TEN)}) (?:ايام|ليالي?|يوم|nights|days) "
            rf"(?:من |في |of |in )?(?:شهر )?(?:(?P<hm>{_HIJRI}){_HIJRI_YEAR}|(?P<m1>{_MONTH}){_Y1})",
            _first_days,
        ),
        (rf"{_LEAD}{_PART}[ -](?:شهر )?(?P<m1>{_MONTH}){_Y1}(?! ?(?:الي |حتي |لين |ل)اخره)", _part),
        (
            rf"{_LEAD}(?P<lead>(?:في|خلال|شهر|طوال|طيله|طول|اول|in|during|throughout|of) |"
            rf"[بف](?=[^\W\d_]{{4}}))?(?P<m1>{_MONTH})"
            rf"(?:{_TO}(?P<m2>{_MONTH}))?{_Y1}(?: ?(?:الي|حتي|لين|ل)? ?اخره)?",
            _whole_months,
        ),
    )
)
