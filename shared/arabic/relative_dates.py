"""Dates counted from the day of sending: "بكرة", "عقب باجر", "الخميس الجاي", "within 48 hours"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from shared.arabic.calendar_words import NEXT, ONE_TO_TEN, WEEKDAYS, any_of
from shared.arabic.date_mentions import DateKind, DateMention
from shared.arabic.date_reading import Days, Read, Stemmed, mentioned
from shared.arabic.normalise import Folded

_LEAD = r"(?<![^\W\d_])"
_END = r"(?!\w)"
_WEEKDAY = rf"(?:{any_of(WEEKDAYS)}){_END}"
_BARE = "خميس|جمعه|سبت|احد|اثنين|ثلاثا|اربعا"  # after "يوم" only
_FROM_ARTICLE = r"(?:و|ل|ب|ف)?"
_NUMBER = rf"(?:\d{{1,3}}|{any_of(ONE_TO_TEN)})"
_TOMORROW = r"(?:بكره|بكرا|بكرى|باكر|باجر|غدا|غد|tomorrow|tmrw|tmrrw|tmr|tmw|2moro|2morrow|bukra|bokra|bukrah|bacher)"
_DAY_WORDS = r"(?:يوم|ايام|يوما|ليالي|days?|nights?)"
_WEEK_WORDS = r"(?:اسبوع|اسابيع|weeks?)"


def find(text: Folded, now: datetime) -> Iterator[DateMention]:
    """As `mentioned` says."""
    return mentioned(text, now, _FORMS)


def count_of(words: str) -> int:
    """The number that a figure or a small number word says; 0 for any other word."""
    return int(words) if words.isdigit() else ONE_TO_TEN.get(words, 0)


def _ahead(now: datetime, days: int, rule: str, kind: DateKind = "relative") -> Days:
    day = now.date() + timedelta(days=days)
    return day, day, kind, rule


def _fixed(days: int, rule: str) -> Read:
    return lambda _, now: _ahead(now, days, rule)


def _in_units(match: re.Match[str], now: datetime) -> Days | None:
    return _ahead(now, _length(match), "days_ahead")


def _length(match: re.Match[str]) -> int:
    """Days that "3 days", "يومين", "اسبوعين", "two weeks" mean."""
    groups = match.groupdict()
    if groups.get("dual"):
        return 14 if groups["dual"].startswith("اسبوع") else 2
    count = count_of(groups["n"]) if groups.get("n") else 1
    return count * (7 if re.match(r"اسبوع|اسابيع|week", groups["unit"]) else 1)


def _within_days(match: re.Match[str], now: datetime) -> Days | None:
    return _ahead(now, _length(match), "within_days", "within")


def _within_hours(match: re.Match[str], now: datetime) -> Days:
    groups = match.groupdict()
    number = match["n"] or groups.get("n2") or groups.get("n3")
    hours = count_of(number) if number else (2 if match["unit"] == "ساعتين" else 1)
    day = (now + timedelta(hours=hours)).date()
    return day, day, "within", "within_the_hour" if hours <= 3 else "within_hours"


def _weekday(words: str, now: datetime) -> date:
    """The next such day after today."""
    number = WEEKDAYS[words if words in WEEKDAYS else f"ال{words}"]
    return now.date() + timedelta(days=(number - now.weekday() - 1) % 7 + 1)


def _tomorrow_and_after(_: re.Match[str], now: datetime) -> Days:
    return now.date() + timedelta(days=1), now.date() + timedelta(days=2), "relative", "tomorrow"


def _one_weekday(match: re.Match[str], now: datetime) -> Days:
    day = _weekday(match["w1"], now) + timedelta(days=7 if match["after"] else 0)
    return day, day, "weekday", "weekday"


def _shortened_weekday(match: re.Match[str], now: datetime) -> Days:
    day = now.date() + timedelta(days=(_SHORTENED[match["short"]] - now.weekday() - 1) % 7 + 1)
    return day, day, "weekday", "weekday"


def _two_weekdays(match: re.Match[str], now: datetime) -> Days:
    start = _weekday(match["w1"], now)
    last = match["w2"]
    number = WEEKDAYS[last if last in WEEKDAYS else f"ال{last}"]
    end = start + timedelta(days=(number - start.weekday()) % 7)
    return start, end, "weekday", "weekday_range"


def _next_week(_: re.Match[str], now: datetime) -> Days:
    sunday = _weekday("sunday", now)
    return sunday, sunday + timedelta(days=6), "week", "next_week"


def _weekend(_: re.Match[str], now: datetime) -> Days:
    friday = now.date() + timedelta(days=(4 - now.weekday()) % 7)
    return friday, friday + timedelta(days=1), "week", "weekend"


def _new_years_eve(_: re.Match[str], now: datetime) -> Days:
    day = date(now.year, 12, 31)
    return day, day, "day", "new_years_eve"


_SHORTENED = {"الاربع": 2, "الحد": 6}  # as Egyptians write them; "the four" and "the limit" elsewhere
# "في اليوم" after a sum, "نفس اليوم", "ما تثبت اليوم": the day, not today.
_NOT_THIS_DAY = "".join(f"(?<!{word} )" for word in "في ريال درهم دينار نفس تثبت يثبت تحديد per".split())
_WITHIN = (
    r"(?:خلال|في غضون|في خلال|في ظرف|بظرف|قبل (?:انقضا|مرور|انتها|فوات)|(?:with)?in(?: the)?(?: next|"
    r" coming)?|(?:over|during) the (?:next|coming))"
)
_TOMORROWS = ("بكر", "باكر", "باجر", "غد", "tom", "tm", "2m", "buk", "bok", "bac", "tomorrow", "day after")
_DAYS_OF_WEEK = (
    "خميس", "جمعه", "سبت", "حد", "ثنين", "تنين", "ثلا", "ثلوث", "تلات", "ربع", "ربوع", "day", "mon", "tue", "wed",
    "thu",
    "fri", "sat", "sun", "ithna", "thula", "thola", "arb", "kham", "5am", "jum", "jom", "sabt", "ahad", "7ad",
)  # fmt: skip
_LENGTHS = ("يوم", "ايام", "اسبوع", "اسابيع", "day", "night", "week", "ليالي")
_HOURS = ("ساع", "hour", "hr", "h ")
_UNITS = (
    rf"(?:(?:ال)?(?P<dual>يومين|اسبوعين)|(?:(?P<n>{_NUMBER}) )?(?P<unit>{_DAY_WORDS}|{_WEEK_WORDS})){_END}"
    r"(?: mn ال?يوم| من (?:اليوم|الان|الحين|تاريخه)| from (?:now|today))?"
)
_FORMS: tuple[Stemmed, ...] = tuple(
    (needed, re.compile(pattern), read)
    for needed, pattern, read in (
        (
            _TOMORROWS,
            rf"{_LEAD}(?:(?:بعد|عقب) {_TOMORROW}|بعدبكره|day after tomorrow|{_TOMORROW} ?\+ ?1){_END}",
            _fixed(2, "day_after_tomorrow"),
        ),
        (
            _TOMORROWS,
            rf"{_LEAD}(?:يوم )?{_FROM_ARTICLE}{_TOMORROW} (?:و ?|and |& )(?:اللي )?(?:(?:بعده|عقبه|بعدها)|"
            rf"(?:بعد|عقب) {_TOMORROW}|the day after){_END}",
            _tomorrow_and_after,
        ),
        (_TOMORROWS, rf"{_LEAD}(?:اليوم|today) (?:و|او |and |& |or ){_TOMORROW}{_END}", _fixed(1, "tomorrow")),
        (_TOMORROWS, rf"{_LEAD}(?:ليوم |يوم )?{_FROM_ARTICLE}{_TOMORROW}{_END}", _fixed(1, "tomorrow")),
        (_LENGTHS, rf"{_LEAD}(?:بعد|عقب|in|after) {_UNITS}", _in_units),
        (
            _HOURS,
            rf"{_LEAD}{_WITHIN} (?:ال ?)?(?:(?P<n>{_NUMBER})[ -]?)?(?P<unit>ساعتين|ساعه|ساعات|hours?|hrs?|h){_END}",
            _within_hours,
        ),
        (
            _HOURS,
            rf"{_LEAD}(?:max(?:imum)?|(?:ال)?مهله|امامكم|عندكم|لديكم|قدامكم|معكم|you have|"
            rf"you've got) (?:ال ?)?(?P<n>\d{{2}})[ -]?"
            rf"(?P<unit>ساعه|hours?|hrs?|h){_END}|(?<!\d)(?P<n2>\d{{2}})[ -]?(?:ساعه|hours?|hrs?|h) (?:max(?:imum)?|"
            rf"بالكثير|(?:ك|ب)?حد اقصي){_END}|"
            rf"(?<!\d)(?P<n3>\d{{2}})[ -]?(?:hours?|hrs?|h)(?= to (?:apply|submit|send|reply)(?!\w))",
            _within_hours,
        ),
        (_LENGTHS, rf"{_LEAD}{_WITHIN} (?:ال ?(?=\d))?{_UNITS}", _within_days),
        (
            _DAYS_OF_WEEK,
            rf"{_LEAD}{_FROM_ARTICLE}(?P<w1>{_WEEKDAY}) ?(?:-|ل|الي|حتي|لين|و|to|till|until|and|&|/) ?(?:يوم "
            rf")?(?P<w2>{_WEEKDAY})",
            _two_weekdays,
        ),
        (_DAYS_OF_WEEK, rf"{_LEAD}(?P<w1>{_BARE}) و ?(?P<w2>{_BARE}) {NEXT}{_END}", _two_weekdays),
        (
            _DAYS_OF_WEEK,
            rf"{_LEAD}(?<!كل )(?<!every )(?:(?:next|this|this coming|coming) |هذا |هذي )?(?:(?:el|al|il)[ "
            rf"-]?)?(?:{_FROM_ARTICLE}|ها?)(?:ال)?(?P<w1>{_WEEKDAY}|(?<=يوم )(?:{_BARE}){_END}|"
            rf"(?:{_BARE})(?= {NEXT}{_END}))(?![-'/](?!\d))"
            rf"(?: (?P<after>بعد (?:القادم|الجاي|المقبل)|اللي بعده?|اللي عقبه?|بعد القادمه)| {NEXT}{_END})?",
            _one_weekday,
        ),
        (
            tuple(_SHORTENED),
            rf"(?:(?<=قبل )|(?<=لحد )|(?<=يوم )|(?<=لغايه )|(?<=حتي )|(?<=لين )|(?<=نهار ))"
            rf"(?P<short>{any_of(_SHORTENED)})"
            rf"{_END}(?! (?:الاقصي|الادني|الاعلي|مشاهد|حلقات|بنات|شباب|ايام))(?: {NEXT}{_END})?",
            _shortened_weekday,
        ),
        (
            ("سبوع", "week"),
            rf"{_LEAD}(?:لل|ل|ب)?ل?(?:الاسبوع|لاسبوع|اسبوع|السبوع) {NEXT}{_END}|{_LEAD}next week{_END}",
            _next_week,
        ),
        (
            ("ويكند", "سبوع", "weekend"),
            rf"{_LEAD}(?:هذا |هال|this )?(?:الويكند|ويكند|نهايه الاسبوع|اخر الاسبوع|weekend){_END}",
            _weekend,
        ),
        (("nye", "new year", "راس السنه"), rf"{_LEAD}(?:nye|new year'?s eve|ليله راس السنه){_END}", _new_years_eve),
        (
            _HOURS,
            rf"{_LEAD}(?:for|لمده) (?P<n>{_NUMBER})[ -]?(?P<unit>ساعه|ساعات|hours?|hrs?)(?= (?:from|only|فقط|من))",
            _within_hours,
        ),
        (
            (
                "اليوم",
                "today",
                "eod",
                "cob",
                "ليله",
                "tonight",
                "2night",
                "evening",
                "yoom",
                "lyom",
                "الدوام",
                "النهار",
                "الليل",
                "midnight",
                "close of",
            ),
            rf"{_LEAD}{_NOT_THIS_DAY}(?:هال|ل)?(?:اليوم|today|"
            rf"(?:eod|cob|close of (?:business|play))(?! (?:on )?{_WEEKDAY})|(?:نهايه|اخر) (?:الدوام|دوام اليوم|"
            rf"النهار)|"
            rf"(?:(?<=قبل )|(?<=لين )|(?<=حتي ))(?:منتصف|نص|نصف) الليل(?! (?:يوم|من|ليوم|{_WEEKDAY}|{_TOMORROW}|"
            rf"اليوم|الليله|\d))|"
            rf"(?:(?<=by )|(?<=before ))midnight(?! (?:on |of |{_WEEKDAY}|{_TOMORROW}|today|tonight|\d))){_END}"
            rf"(?! (?:الوطني|الواحد|العالمي|الكامل|\d{{3,5}}(?!\d)))|"
            rf"{_LEAD}(?:الليله|هالليله|ليله اليوم|tonight|2night|this evening|el ?yoom|il ?yoom|alyoom|elyom|"
            rf"alyom){_END}",
            _fixed(0, "today"),
        ),
    )
)
