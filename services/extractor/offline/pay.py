"""Pay: what is promised in money. A prize, a gift, food or transport alone is unpaid; a fee to pay is none."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from services.extractor.offline.page import Page
from services.extractor.offline.pay_words import (
    CUE,
    IN_KIND,
    NOT_PAID_HERE,
    NOT_PAY_AFTER,
    NOT_PAY_BEFORE,
    PAID,
    PER_BEFORE,
    UNPAID,
)
from shared.arabic.digits import Number, find_numbers
from shared.arabic.money import Money, Per, currency_after, find_money, per_after
from shared.arabic.normalise import Place
from shared.contracts.calls import Compensation, Evidence, PayKind, Support

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
    r"reels?|th|st|nd|rd|pm|am|[صم](?!\w)|x\s|:|\.\d|/\d|yrs?|y/o|years?|\+(?!\s)|فما|وفوق|فاكثر|models?|موديل|"
    r"الاف\sمتابع)"
)
_PER_HEAD = re.compile(
    r"\s?(?:كاش|نقدا|cash|each|per\s(?:person|head|kid|adult|child|model|creator|pair|couple|day|hour)|a\shead|"
    r"لكل\s\w+|لل?[^\W\d_]{3,}|ل(?=[^\W\d_]{4})|باليوم|يوميا|شهريا|/\s?(?:day|night|hr|hour))"
)
_SMALLEST_BARE = 50


@dataclass(frozen=True, slots=True)
class FoundPay:
    """The pay and the words that hold it (none where it is unspecified)."""

    compensation: Compensation
    evidence: Evidence | None
    sums: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sum:
    amount: Decimal
    currency: str | None
    named: bool  # whether a currency word stands beside it
    per: Per | None
    place: Place


def find_pay(page: Page, country: str | None, busy: list[Place], phones: list[Place]) -> FoundPay:
    """Read the pay. `busy` are places of dates and ages, whose numbers are no bare sums; numbers in `phones` are none
    at all.
    """
    sums = _one_unit(_sums(page, country, busy, phones))
    if sums:
        return _paid(page, sums, country)
    unpaid = UNPAID.search(page.text)
    if unpaid:
        return _kind(page, PayKind.UNPAID, unpaid)
    paid = _promised(page)
    if paid:
        return _kind(page, PayKind.PAID, paid)
    in_kind = IN_KIND.search(page.text)
    if in_kind:
        return _kind(page, PayKind.UNPAID, in_kind, "in_kind_only")
    return FoundPay(Compensation(), None)


def _kind(page: Page, kind: PayKind, match: re.Match[str], rule: str | None = None) -> FoundPay:
    support = Support.DERIVED if rule else Support.VERBATIM
    return FoundPay(Compensation(kind=kind), page.evidence(page.folded.place(*match.span()), support, rule))


def _promised(page: Page) -> re.Match[str] | None:
    """Words of pay that promise it, none of them denied."""
    for match in PAID.finditer(page.text):
        before = page.text[max(0, match.start() - 24) : match.start()]
        if not NOT_PAID_HERE.search(before):
            return match
    return None


def _paid(page: Page, sums: list[_Sum], country: str | None) -> FoundPay:
    low, high = min(sums, key=lambda one: one.amount), max(sums, key=lambda one: one.amount)
    currencies = {one.currency for one in sums if one.named}
    currency = next(iter(currencies)) if len(currencies) == 1 else None
    if not currencies:
        currency = _clause_currency(page, sums, country)
    pay = Compensation(
        kind=PayKind.PAID,
        amount=low.amount,
        amount_max=high.amount if high.amount > low.amount else None,
        currency=currency,
        per=low.per or next((one.per for one in sums if one.per), None) or _per_before(page, sums[0]),
    )
    start, end = min(one.place.raw_start for one in sums), max(one.place.raw_end for one in sums)
    if end - start > 120:
        start, end = low.place.raw_start, low.place.raw_end
    words = page.raw[start:end]
    support = Support.VERBATIM if f"{low.amount:f}" in words else Support.NORMALISED
    return FoundPay(pay, page.evidence_at(start, end, support), tuple(one.place for one in sums))


def _clause_currency(page: Page, sums: list[_Sum], country: str | None) -> str | None:
    """A currency said once for several sums: "2500 adults / 2000 teen, SAR"."""
    start, end = page.line_at(sums[-1].place.start)
    match = re.search(r"(?<![^\W\d_])(sar|aed|kwd|kd|bhd|qar|omr|usd)(?![^\W\d_])", page.text[start:end])
    if not match:
        return None
    found = currency_after(match[1], 0, country)
    return found[0] if found else None


def _per_before(page: Page, one: _Sum) -> Per | None:
    """A unit that is said before the sum: "الأجر اليومي: 750", "day rate 900", "اليوم ١٥٠٠"."""
    start, _ = page.line_at(one.place.start)
    before = page.text[max(start, one.place.start - 45) : one.place.start]
    for pattern, per in PER_BEFORE:
        if pattern.search(before):
            return per
    return None


def _one_unit(sums: list[_Sum]) -> list[_Sum]:
    """The sums of the first unit, where they have several: a monthly wage and a fee for each show do not compare."""
    units = [one.per for one in sums if one.per]
    return [one for one in sums if one.per in (None, units[0])] if len(set(units)) > 1 else sums


def _sums(page: Page, country: str | None, busy: list[Place], phones: list[Place]) -> list[_Sum]:
    taken, called = _mask(page, busy), _mask(page, phones)
    numbers = [n for n in find_numbers(page.folded) if not any(called[n.place.start : n.place.end])]
    money = {one.number: one for one in find_money(page.folded, country, numbers)}
    found: list[_Sum] = []
    for number in numbers:
        with_currency = money.get(number.place)
        own_currency = with_currency is not None and with_currency.place != number.place
        if any(taken[number.place.start : number.place.end]) and not own_currency:
            continue
        one = _money_sum(page, with_currency) if with_currency else _bare_sum(page, number, found)
        if one:
            found.append(one)
    return found + _labelled(page, [n for n in numbers if not any(taken[n.place.start : n.place.end])], found)


def _mask(page: Page, places: list[Place]) -> bytearray:
    """A byte for each code point of the folded text: 1 where it is in one of the places."""
    mask = bytearray(len(page.text))
    for place in places:
        mask[place.start : place.end] = b"\x01" * (place.end - place.start)
    return mask


def _money_sum(page: Page, money: Money) -> _Sum | None:
    if _is_no_pay(page, money.place):
        return None
    return _Sum(money.amount, money.currency, True, money.per, money.place)


def _is_no_pay(page: Page, place: Place) -> bool:
    """A prize, a gift's worth, a fee to pay: no pay, whatever the sum."""
    line_start, line_end = page.line_at(place.start)
    before = re.split(r"[+,;.](?=\s)|\n", page.text[max(line_start, place.start - 50) : place.start])[-1]
    after = page.text[place.end : min(line_end, place.end + 30)]
    return bool(NOT_PAY_BEFORE.search(before) or NOT_PAY_AFTER.match(after))


def _bare_sum(page: Page, number: Number, found: list[_Sum]) -> _Sum | None:
    """A number without a currency that a pay word, a unit or a neighbouring sum makes a sum."""
    if number.value < _SMALLEST_BARE or _is_no_pay(page, number.place) or _is_list_sign(page, number.place):
        return None
    line_start, line_end = page.line_at(number.place.start)
    before = page.text[max(line_start, number.place.start - 45) : number.place.start]
    after = page.text[number.place.end : min(line_end, number.place.end + 30)]
    unit = per_after(page.text, number.place.end)
    per = unit[0] if unit else None
    if _UNITS_AFTER.match(after) and not unit:
        return None
    cues = list(CUE.finditer(before))
    close = (
        bool(cues)
        and not re.search(r"[.!?;]\s", before[cues[-1].end() :])
        and not _MEASURE.search(before[cues[-1].end() :])
    )
    ranged = (
        bool(found)
        and found[-1].place.end <= number.place.start
        and _joins(page, found[-1].place.end, number.place.start)
    )
    headed = number.value >= 100 and _PER_HEAD.match(after) is not None and not _MEASURE.search(before[-18:])
    today = bool(re.search(r"(?<!\w)اليوم\s?[:=]?\s?$", before)) and number.value >= 100
    if not (close or ranged or headed or today):
        return None
    return _Sum(number.value, None, False, per, number.place)


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


def _labelled(page: Page, numbers: list[Number], others: list[_Sum]) -> list[_Sum]:
    """Sums behind the names of those who get them ("الفارس ١٠٠٠ والعرضة ٣٠٠"): in the line of a sum that is already
    found, or anywhere where there is none.
    """
    lines = {page.line_at(one.place.start) for one in others}
    found = []
    known = _mask(page, [one.place for one in others])
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
        if _LABELLED.search(before) and not _MEASURE.search(before) and not _UNITS_AFTER.match(after):
            unit = per_after(page.text, number.place.end)
            found.append(_Sum(number.value, None, False, unit[0] if unit else None, number.place))
    return found
