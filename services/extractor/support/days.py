"""Whether a message holds a day: by a date in it, or by quoted words that name a time the parsers cannot read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from services.extractor.support.words import Words
from shared.arabic.dates import DateMention, find_dates
from shared.arabic.normalise import fold
from shared.contracts.calls import Evidence, Support

# Times that the parsers do not resolve, in folded spelling, and how many days after sending they may mean.
_TIMES = tuple(
    (re.compile(rf"(?<!\w)(?:ال|ب|لل|ل|ها?ل?)?(?:{words})(?!\w)"), first, last)
    for words, first, last in (
        (r"اليوم|الليله|الحين|today|tonight", 0, 1),
        (r"بكر[اهي]|باكر|باجر|غد[اه]?|tomorrow|tmrw|tmr", 1, 2),
        (r"بعد بكر[اهي]|بعد غد|عقب باجر|day after tomorrow", 2, 3),
        (r"ويكند|weekend", 0, 9),
        (r"اسبوع|week", 0, 14),
        (r"اسبوعين|fortnight|two weeks", 0, 21),
        (r"رمضان|شعبان|شوال|محرم|صفر|رجب|عيد|ramadan|shaban|shawwal|muharram|eid", 0, 400),
    )
)
_OF_A_MONTH = re.compile(
    r"(?<!\w)(?:يوم|day|the|تاريخ|بتاريخ)\s(?P<named>\d{1,2})(?:st|nd|rd|th)?(?![\d/.,:-])"
    r"|(?<![\d/.,:-])(?P<of>\d{1,2})(?:st|nd|rd|th)?\s(?:ال|هال|ب|من ال|من هال|of (?:the|this) )?(?:شهر|month)(?!\w)"
    r"|(?<![\d/.,:-])(?P<ordinal>\d{1,2})(?:st|nd|rd|th)(?!\w)"
)
_DAYS_OF_TWO_MONTHS = 62
_ORDINALS = {"اول": 1, "ثاني": 2, "ثالث": 3, "رابع": 4, "خامس": 5, "سادس": 6, "سابع": 7, "ثامن": 8, "تاسع": 9,
             "عاشر": 10, "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}  # fmt: skip
_NTH = re.compile(rf"(?<!\w)(?P<nth>{'|'.join(_ORDINALS)}) (?:يوم|day)(?: \w+){{0,2}} (?:ال|ب|هال|بال)?(?:شهر|month)")
# "10, 12 and 15 September": figures that run up to a date, or on from it, share its month.
_AND = r"\s?(?:,|و|او|or|and|&|\+|-|/|الي|ل|to|till|until)\s?"
_BEFORE = re.compile(rf"((?<![\d/.:]){_AND})?(\d{{1,2}})(?:st|nd|rd|th)?{_AND}(?:يوم\s)?$")
_AFTER = re.compile(rf"{_AND}(\d{{1,2}})(?:st|nd|rd|th)?(?!\d|[/.:%]\d|\s?(?:سن|عام|year|pm|am|ريال|sar))")
_MOST_LISTED = 12

_DAYS_IN = {"يوم": 1, "ايام": 1, "يومين": 2, "اسبوع": 7, "اسابيع": 7, "اسبوعين": 14, "شهر": 30, "اشهر": 30, "شهور": 30,
            "شهرين": 60, "day": 1, "days": 1, "week": 7, "weeks": 7, "fortnight": 14,
            "month": 30, "months": 30}  # fmt: skip
_DUAL = frozenset(("يومين", "اسبوعين", "شهرين", "fortnight"))
_IN_WORDS = {"واحد": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10,
             "ثلاث": 3, "ثلاثه": 3, "اربع": 4, "اربعه": 4, "خمس": 5, "خمسه": 5, "ست": 6, "سته": 6, "سبع": 7, "سبعه": 7,
             "ثمان": 8, "ثمانيه": 8, "تسع": 9, "عشر": 10, "عشره": 10}  # fmt: skip
_UNITS = "|".join(sorted(_DAYS_IN, key=len, reverse=True))
_LENGTH = re.compile(
    rf"(?<!\w)(?:(?P<count>\d{{1,3}}|{'|'.join(_IN_WORDS)})[\s-]?)?(?P<joined>لل|ل|ب|ال)?(?P<unit>{_UNITS})(?!\w)"
)
_FOR = re.compile(
    r"(?:لمده|مده|علي مدي|علي مدار|طوال|خلال|for|over|lasts?|lasting|duration|full|whole|كامل|a|one)\s(?:a\s)?$"
)
_FROM = re.compile(r"\s(?:من|from|start|يبدا|ابتدا|بدا)")
_RATE = re.compile(r"(?:ريال|درهم|دينار|sar|aed|kwd|\d|/|per|الاجر|راتب)\s?$")


def day(words: Words, wanted: date, quotes: Iterable[str]) -> Evidence | None:
    """Where this day stands, as a date of the message or of words quoted from it; None where it does not."""
    for mention in words.days:
        if wanted in _meant(mention, words.page.text):
            return words.page.evidence(mention.place, Support.DERIVED, mention.rule)
    if found := _nth(words, wanted):
        return found
    for quote in quotes:
        place = words.ground(quote)
        if place and (rule := _named(words, quote, wanted)):
            return place.model_copy(update={"support": Support.DERIVED, "rule": rule})
    return None


def _meant(mention: DateMention, text: str) -> set[date]:
    """The days that a date names: its ends, and those of the figures that run up to it or on from it."""
    if not mention.start or not mention.end:
        return set()
    days = {mention.start, mention.end}
    if mention.kind == "day":
        days |= {mention.start.replace(day=at) for at in _listed(mention, text) if at <= _length(mention.start)}
    return days


def _listed(mention: DateMention, text: str) -> set[int]:
    found: set[int] = set()
    at = mention.place.start
    while (match := _BEFORE.search(text[max(0, at - 12) : at])) and len(found) < _MOST_LISTED:
        found.add(int(match[2]))
        at = max(0, at - 12) + match.start(2)
    at = mention.place.end
    while (match := _AFTER.match(text, at)) and len(found) < _MOST_LISTED:
        found.add(int(match[1]))
        at = match.end()
    return {number for number in found if 1 <= number <= 31}


def _length(day: date) -> int:
    """The last day of its month."""
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return (following - timedelta(days=1)).day


def _nth(words: Words, wanted: date) -> Evidence | None:
    """The day as in "the second day of next month"."""
    if not 0 <= (wanted - words.page.now.date()).days <= _DAYS_OF_TWO_MONTHS:
        return None
    found = (match for match in _NTH.finditer(words.page.text) if _ORDINALS[match["nth"]] == wanted.day)
    return next((words.derived(*match.span(), "day_of_the_month") for match in found), None)


def _named(words: Words, quote: str, wanted: date) -> str | None:
    """The rule by which quoted words name the day, or None."""
    folded, now = fold(quote), words.page.now
    if any(wanted in _meant(mention, folded.text) for mention in find_dates(folded, now)):
        return "date_in_quote"
    ahead = (wanted - now.date()).days
    for match in _OF_A_MONTH.finditer(folded.text):
        if int(match["named"] or match["of"] or match["ordinal"]) == wanted.day:
            return "day_of_the_month" if 0 <= ahead <= _DAYS_OF_TWO_MONTHS else None
    if re.search(r"\d", folded.text):
        return None
    if any(first <= ahead <= last and pattern.search(folded.text) for pattern, first, last in _TIMES):
        return "time_in_words"
    return None


def length(words: Words, days: int) -> Evidence | None:
    """Where so many days are spoken of ("for two weeks", "٥ أيام"), so that an end may be counted from a start."""
    text = words.page.text
    for match in _LENGTH.finditer(text):
        counted = match["count"] or match["unit"] in _DUAL
        before = text[max(0, match.start() - 16) : match.start()]
        if not counted and not _FOR.search(before) and not _FROM.match(text, match.end()):
            continue
        if match["joined"] in ("ب", "لل") and _RATE.search(before):
            continue
        count = _IN_WORDS.get(match["count"] or "one") or int(match["count"])
        said = count * _DAYS_IN[match["unit"]]
        if abs(said - days) <= (0 if said < 5 else 1 if said < 30 else 2):
            return words.derived(*match.span(), "length")
    return None
