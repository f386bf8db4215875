"""Pay: what is promised in money. A prize, a gift, food or transport alone is unpaid; a fee to pay is none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.extractor.offline.page import Page
from services.extractor.offline.pay_numbers import Sum, bare_sum, is_no_pay, labelled_sums, mask
from services.extractor.offline.pay_words import IN_KIND, NOT_PAID_HERE, PAID, PER_BEFORE, UNPAID
from shared.arabic.digits import find_numbers
from shared.arabic.money import Money, Per, currency_after, find_money
from shared.arabic.normalise import Place
from shared.contracts.calls import LEAST, MOST, Compensation, Evidence, PayKind, Support

_IN_OTHER_WORDS = re.compile(
    r"[^\d\n.;]{0,24}(?:[(≈~=]|approx\w*\.?|about|around|roughly|equiv\w*|حوالي|تقريبا|ما يعادل|يعادل|اي)[^\d\n;]{0,16}"
)


@dataclass(frozen=True, slots=True)
class FoundPay:
    """The pay and the words that hold it (none where it is unspecified)."""

    compensation: Compensation
    evidence: Evidence | None
    sums: tuple[Place, ...] = ()


def find_pay(page: Page, country: str | None, busy: list[Place], phones: list[Place]) -> FoundPay:
    """Read the pay. `busy` are places of dates and ages, whose numbers are no bare sums; numbers in `phones` are none
    at all.
    """
    # What no call can carry is no pay, whatever it is: a call must not be lost over it.
    fit = [one for one in _sums(page, country, busy, phones) if LEAST <= one.amount <= MOST]
    sums = _one_unit(_without_conversions(page, fit))
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


def _paid(page: Page, sums: list[Sum], country: str | None) -> FoundPay:
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


def _clause_currency(page: Page, sums: list[Sum], country: str | None) -> str | None:
    """A currency said once for several sums: "2500 adults / 2000 teen, SAR"."""
    start, end = page.line_at(sums[-1].place.start)
    match = re.search(r"(?<![^\W\d_])(sar|aed|kwd|kd|bhd|qar|omr|usd)(?![^\W\d_])", page.text[start:end])
    if not match:
        return None
    found = currency_after(match[1], 0, country)
    return found[0] if found else None


def _per_before(page: Page, one: Sum) -> Per | None:
    """A unit that is said before the sum: "الأجر اليومي: 750", "day rate 900", "اليوم ١٥٠٠"."""
    start, _ = page.line_at(one.place.start)
    before = page.text[max(start, one.place.start - 45) : one.place.start]
    for pattern, per in PER_BEFORE:
        if pattern.search(before):
            return per
    return None


def _one_unit(sums: list[Sum]) -> list[Sum]:
    """The sums of the first unit, where they have several: a monthly wage and a fee for each show do not compare."""
    units = [one.per for one in sums if one.per]
    return [one for one in sums if one.per in (None, units[0])] if len(set(units)) > 1 else sums


def _without_conversions(page: Page, sums: list[Sum]) -> list[Sum]:
    """Without what a sum is in another currency: "SAR 3,750/day (approx. $1,000)"."""
    kept: list[Sum] = []
    for one in sums:
        before = kept[-1] if kept else None
        if before and before.currency and one.currency and one.currency != before.currency:
            between = page.text[before.place.end : one.place.start]
            if _IN_OTHER_WORDS.fullmatch(between):
                continue
        kept.append(one)
    return kept


def _sums(page: Page, country: str | None, busy: list[Place], phones: list[Place]) -> list[Sum]:
    taken, called = mask(page, busy), mask(page, phones)
    numbers = [n for n in find_numbers(page.folded) if not any(called[n.place.start : n.place.end])]
    money = {one.number: one for one in find_money(page.folded, country, numbers)}
    found: list[Sum] = []
    for number in numbers:
        with_currency = money.get(number.place)
        own_currency = with_currency is not None and with_currency.place != number.place
        if any(taken[number.place.start : number.place.end]) and not own_currency:
            continue
        one = _money_sum(page, with_currency) if with_currency else bare_sum(page, number, found)
        if one:
            found.append(one)
    return found + labelled_sums(page, [n for n in numbers if not any(taken[n.place.start : n.place.end])], found)


def _money_sum(page: Page, money: Money) -> Sum | None:
    if is_no_pay(page, money.place, money.amount):
        return None
    return Sum(money.amount, money.currency, True, money.per, money.place)
