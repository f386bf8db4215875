"""Sums without a currency: a number that a pay word, a unit, a neighbouring sum or its place in a list makes one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from services.extractor.offline.page import Page
from services.extractor.offline.pay_words import (
    CUE,
    GRANT,
    GRANT_BEFORE,
    NOT_PAY_AFTER,
    NOT_PAY_BEFORE,
    WHOLE_BUDGET,
    WHOLE_BUDGET_AFTER,
    WHOLE_BUDGET_BEFORE,
)
from shared.arabic.digits import Number
from shared.arabic.money import Per, per_after
from shared.arabic.normalise import Place

_RANGE = re.compile(r"\s?(?:-|الي|لين|ل|حتي|to|or|او|/|~|و)\s?")
_LABELLED = re.compile(r"(?<![^\W\d_])(?:و?ال[^\W\d_]{2,}|و?لل[^\W\d_]{2,}|ل?كل\s[^\W\d_]+)\s?[:=]?\s?$")
_MEASURE = re.compile(
    r"طول|وزن|مقاس|عمر|سن|كيلو|سم|متابع|جمله|كلمه|دقيق|ثاني|حلق|مشهد|ساع|عدد|شخص|الشقه|شقه|رقم|سنه|قياس|height|"
    r"weight|cm|kg|size|followers|words|ep|min|sec|years?|age|x\d|%"
)
_UNITS_AFTER = re.compile(
    r"\s?(?:%|سم|cm|كيلو|kg|سنه|سنوات|سنين|عام|شخص|اشخاص|طفل|امهات|رجال|بنات|شباب|نسا|جمله|كلمه|words?|دقيق|"
    r"ثاني|min|sec|hours?|hrs?|ساع|يوم(?!يا)|ايام|days?|"
    r"weeks?|months?|شهور|متابع|followers|حلق|episodes?|eps|مشهد|scenes?|صور|photos?|pics?|فيديو|videos?|"
    r"reels?|th|st|nd|rd|pm|am|[صم](?!\w)|x\s|:|\.\d|/\d|yrs?|y/o|years?|\+(?!\s)|\+\s?(?:followers|متابع|subs)|فما|وفوق|فاكثر|models?|موديل|"
    r"الاف\sمتابع)"
)
_PER_HEAD = re.compile(
    r"\s?(?:كاش|نقدا|cash|each|per\s(?:person|head|kid|adult|child|model|creator|pair|couple|day|hour)|a\shead|"
    r"لكل\s\w+|لل?[^\W\d_]{3,}|ل(?=[^\W\d_]{4})|باليوم|يوميا|شهريا|/\s?(?:day|night|hr|hour))"
)
_SMALLEST_BARE = 50
_CLAUSE = re.compile(r"[,;!?\n]|\.(?!\d)|[\u2013\u2014|]| - ")
_UNIT_OF_RATE = re.compile(r"(?:ال|لل|بال|كل )(?:حلقه|مشهد|ساعه|يوم|ليله|فيديو|جلسه|كلمه|دقيقه)\s?[:=]?\s?(?:ب\s?)?$")
# What may stand behind a number that is a clause's last word, or behind "1700 - 2200".
_ALONE_AFTER = re.compile(
    r"\s?(?:$|[,;!\n+)|]|\.(?!\d)|-\s|flat|net|total|cash|كاش|نقد|صافي|حسب\s(?:ال)?(?:اتفاق|خبره|دور)|وخالص|والسلام|فقط|بس(?!\w)|"
    r"و?(?:ال)?(?:غدا|عشا|فطور|وجب|مواصلات|نقل|سكن|اكل|ضيافه)|و(?:اكل|وجب)|كل\s(?:واحد|وحده|شخص)|plus\s|and\s(?:lunch|food|"
    r"meals|dinner)|w/?\s(?:lunch|food))"
)
_ALONE_RANGE = re.compile(r"\s?(?:-|~|/|الي|لين|ل|to)\s?\d{3,6}(?P<rest>.{0,30})", re.DOTALL)
_NO_SUM_BEFORE = re.compile(
    r"(?:رقم|شارع|طريق|غرفه|عماره|مبني|مخرج|بوابه|قاعه|ستيج|studio|room|gate|exit|street|road|hall|building|عدد|العدد|فوق|تحت|"
    r"حوالي|تقريبا|over|about|around|under|code|كود|من\sاصل|سنه|عام|since|ref|no\.?|#|:\d|\d/)\s?(?:ال)?\s?$"
)
_BORN = re.compile(r"(?<!\w)(?:(?:ال)?مواليد|born)[^.,;\n]{0,24}$")  # a year, and no sum
_HOUR_BEFORE = re.compile(r"(?<!\w)(?:call(?:\stime)?|wrap|time|الساعه)\s?[:=]?\s?$")  # "call time 0600, wrap 1800"
_PART_OF_AGES = re.compile(r"(?<![\d.,])\d{1,2} ?(?:-|الي|لين|ل|to) ?(?:ال ?)?$")  # "الأجر ٥٠٠٠، رجل ٤٠-٥٠"
_AGES_GO_ON = re.compile(r" ?(?:-|الي|لين|ل|to) ?\d{2}(?!\d)")
_LONE_SCALE = frozenset(("الف", "ميه", "مليون", "الاف", "مايه", "مئه", "hundred"))


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum as it was found."""

    amount: Decimal
    currency: str | None
    named: bool  # whether a currency word stands beside it
    per: Per | None
    place: Place


def is_no_pay(page: Page, place: Place, amount: Decimal) -> bool:
    """A prize, a gift's worth, a fee to pay, an allowance, a whole film's budget: no pay."""
    line_start, line_end = page.line_at(place.start)
    before = re.split(r"[+,;.](?=\s)|\n", page.text[max(line_start, place.start - 50) : place.start])[-1]
    after = page.text[place.end : min(line_end, place.end + 30)]
    if _BORN.search(before):
        return True
    if amount >= GRANT and GRANT_BEFORE.search(before):
        return True
    if amount >= WHOLE_BUDGET and (WHOLE_BUDGET_BEFORE.search(before) or WHOLE_BUDGET_AFTER.match(after)):
        return True
    return bool(NOT_PAY_BEFORE.search(before) or NOT_PAY_AFTER.match(after))


def bare_sum(page: Page, number: Number, found: list[Sum]) -> Sum | None:
    """A number without a currency that a pay word, a unit or a neighbouring sum makes a sum."""
    if page.text[number.place.start] == "0" or _HOUR_BEFORE.search(page.text[: number.place.start][-16:]):
        return None
    if (
        number.value < _SMALLEST_BARE
        or is_no_pay(page, number.place, number.value)
        or _is_list_sign(page, number.place)
    ):
        return None
    line_start, line_end = page.line_at(number.place.start)
    before = page.text[max(line_start, number.place.start - 45) : number.place.start]
    clause = _CLAUSE.split(before)[-1]
    after = page.text[number.place.end : min(line_end, number.place.end + 30)]
    if number.value < 100 and (_PART_OF_AGES.search(before) or _AGES_GO_ON.match(after)):
        return None
    unit = per_after(page.text, number.place.end)
    per = unit[0] if unit else None
    if _UNITS_AFTER.match(after) and not unit:
        return None
    cues = list(CUE.finditer(before))
    close = (
        bool(cues)
        and not re.search(r"[.!?;]\s", before[cues[-1].end() :])
        and not _MEASURE.search(_UNIT_OF_RATE.sub("", before[cues[-1].end() :]))
    )
    ranged = (
        bool(found)
        and found[-1].place.end <= number.place.start
        and _joins(page, found[-1].place.end, number.place.start)
    )
    headed = number.value >= 100 and _PER_HEAD.match(after) is not None and not _MEASURE.search(clause[-18:])
    today = bool(re.search(r"(?<!\w)اليوم\s?[:=]?\s?$", before)) and number.value >= 100
    rated = unit is not None and number.value >= 100 and not _MEASURE.search(clause[-18:])
    if not (close or ranged or headed or today or rated or (not found and _is_alone(page, number, clause, after))):
        return None
    return Sum(number.value, None, False, per, number.place)


def _is_alone(page: Page, number: Number, clause: str, after: str) -> bool:
    """A round number that ends its clause, and nothing that it could count: "شمال جدة ٣٠٠", "1700-2200 حسب الاتفاق"."""
    words = page.text[number.place.start : number.place.end]
    if number.value < 100 or number.value % 50 or number.value > 100_000 or words in _LONE_SCALE:
        return False
    if _MEASURE.search(clause) or _NO_SUM_BEFORE.search(clause):
        return False
    through = _ALONE_RANGE.match(after)
    return bool(_ALONE_AFTER.match(through["rest"] if through else after))


def _is_list_sign(page: Page, place: Place) -> bool:
    """Circled numbers name the entries of a list."""
    return unicodedata.category(page.raw[place.raw_start]) == "No"


def _joins(page: Page, end: int, start: int) -> bool:
    """Whether two sums stand in one list: "٢٠٠٠ للكابتن و١٢٠٠ للمضيف", "1500 - 3000"."""
    between = page.text[end:start]
    return (
        len(between) <= 28
        and "\n" not in between
        and not _MEASURE.search(between)
        and (
            bool(_RANGE.fullmatch(between))
            or bool(re.fullmatch(r"\s?(?:ريال\s)?[^\d\n]{0,20}\s?(?:/|و|,|-|and)\s?[^\d\n]{0,14}", between))
        )
    )


def labelled_sums(page: Page, numbers: list[Number], others: list[Sum]) -> list[Sum]:
    """Sums behind the names of those who get them ("الفارس ١٠٠٠ والعرضة ٣٠٠"): in the line of a sum that is already
    found, or anywhere where there is none.
    """
    lines = {page.line_at(one.place.start) for one in others}
    found = []
    known = mask(page, [one.place for one in others])
    for number in numbers:
        if number.worded or any(known[number.place.start : number.place.end]) or _is_list_sign(page, number.place):
            continue
        if others and page.line_at(number.place.start) not in lines:
            continue
        if number.value < 100 or number.value % 10:
            continue
        line_start, line_end = page.line_at(number.place.start)
        before = page.text[max(line_start, number.place.start - 24) : number.place.start]
        after = page.text[number.place.end : min(line_end, number.place.end + 12)]
        if is_no_pay(page, number.place, number.value):
            continue
        if _LABELLED.search(before) and not _MEASURE.search(before) and not _UNITS_AFTER.match(after):
            unit = per_after(page.text, number.place.end)
            found.append(Sum(number.value, None, False, unit[0] if unit else None, number.place))
    return found


def mask(page: Page, places: list[Place]) -> bytearray:
    """A byte for each code point of the folded text: 1 where it is in one of the places."""
    mask = bytearray(len(page.text))
    for place in places:
        mask[place.start : place.end] = b"\x01" * (place.end - place.start)
    return mask
