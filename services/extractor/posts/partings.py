"""The fields in which two posts part: where each states something that the other does not."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from services.extractor.posts.facts import Facts
from services.extractor.posts.kinship import are_translated
from services.extractor.posts.swaps import Swap
from services.extractor.posts.words import is_arabic, is_of_pay, is_person, nationality
from shared.contracts.calls import PayKind

_NOTHING: frozenset[Any] = frozenset()
_NOON = 12
_WIDER = {"najdi": "SA", "hijazi": "SA", "southern": "SA", "hasawi": "SA", "qassimi": "SA"}


def parted(
    first: Facts, second: Facts, swaps: Sequence[Swap], *, retold: bool, exact: bool
) -> tuple[list[str], list[str]]:
    """The fields in which they part: those that make another call, and those that a poster corrects.

    Where they are one text (`exact`), a day more or less counts. Where one is the other `retold`, what is written in
    many ways (times, lengths, how many) parts nothing.
    """
    hard: list[str] = []
    soft: list[str] = []
    if any(part(first.contacts[kind], second.contacts.get(kind, _NOTHING)) for kind in first.contacts):
        (soft if first.all_contacts & second.all_contacts else hard).append("contacts")
    if part(first.cities, second.cities):
        hard.append("location_city")
    if _people_part(first, second, retold=retold):
        hard.append("roles")
    names = part(_unnamed(first, second), _unnamed(second, first)) and not _in_other_letters(first, second)
    if part(first.parts, second.parts) or names:
        hard.append("title")
    for swap in swaps:
        field, swapped = _field(swap)
        (hard if swapped else soft).append(field)
    soft += _days_part(first, second, exact=exact)
    if _hours_part(first, second, retold=retold) or (not retold and part(first.lengths, second.lengths)):
        soft.append("shoot_dates")
    if _pay_parts(first, second):
        soft.append("compensation")
    if not retold and part(_unexplained(first, second, "counts"), _unexplained(second, first, "counts")):
        soft.append("roles")
    return list(dict.fromkeys(hard)), list(dict.fromkeys(soft))


def other_numbers(first: Facts, second: Facts) -> bool:
    """Whether the second names a number of whatever kind that the first has nowhere."""
    known = _loose(first) | first.measures
    return any(number not in known for number in second.counts | second.sums)


def part(one: frozenset[Any], other: frozenset[Any]) -> bool:
    """Whether each says something that the other does not."""
    return bool(one - other and other - one)


def _unexplained(one: Facts, other: Facts, kind: str) -> frozenset[Decimal]:
    """The numbers of a kind, without those that the other post has too, only read as another kind."""
    own: frozenset[Decimal] = getattr(one, kind)
    elsewhere = _loose(other, but=kind) - _loose(one, but=kind)
    return own - elsewhere


def _loose(post: Facts, *, but: str = "") -> frozenset[Decimal]:
    ends = frozenset(Decimal(end) for age in post.ages for end in age if end is not None)
    kinds = {"counts": post.counts, "sums": post.sums, "lengths": post.lengths, "ages": ends}
    return _NOTHING.union(*(numbers for kind, numbers in kinds.items() if kind != but))


def _people_part(first: Facts, second: Facts, *, retold: bool) -> bool:
    """Whether they seek other people. Where one is the other retold, a common age is enough."""
    ages = not (retold and first.ages & second.ages) and part(_other_ages(first, second), _other_ages(second, first))
    genders = bool(first.genders and second.genders) and not first.genders & second.genders
    return (
        ages
        or genders
        or part(first.measures, second.measures)
        or part(_with_wider(first), _with_wider(second))
        or part(_men_and_women(first, second), _men_and_women(second, first))
    )


def _other_ages(one: Facts, other: Facts) -> frozenset[Any]:
    """The ages that the other post does not have, nor nearly ("in his forties" is 40 to 49, or 40 to 50)."""
    return frozenset(age for age in one.ages if not any(_nearly(age, known) for known in other.ages))


def _nearly(one: tuple[int | None, int | None], other: tuple[int | None, int | None]) -> bool:
    return one == other or all(
        None not in (low, high) and abs(low - high) <= 1  # type: ignore[operator]
        for low, high in zip(one, other, strict=True)
    )


def _with_wider(post: Facts) -> frozenset[str]:
    """The peoples and dialects that are sought, each with the people that it is a part of."""
    return post.nations | {_WIDER[nation] for nation in post.nations if nation in _WIDER}


def _men_and_women(one: Facts, other: Facts) -> frozenset[str]:
    """The words for those that are sought which the other post has for the other sex ("مصور", "مصورة")."""
    both = other.sought - one.sought
    return frozenset(word for word in one.sought - other.sought if {word + "ه", word.removesuffix("ه")} & both)


def _unnamed(one: Facts, other: Facts) -> frozenset[str]:
    """The quoted names that the other post has nowhere, quoted or not."""
    return frozenset(name for name in one.names if name not in other.text)


def _in_other_letters(first: Facts, second: Facts) -> bool:
    return are_translated(first, second) or not any(
        is_arabic(one) == is_arabic(other) for one in first.names for other in second.names
    )


def _field(swap: Swap) -> tuple[str, bool]:
    """The field that a swap is about, and whether it makes another call."""
    words = (*swap.before, *swap.after)
    if any(is_person(word) or nationality(word) for word in words):
        return "roles", True
    if is_of_pay(words):
        return "compensation", False
    return "title", True


def _days_part(first: Facts, second: Facts, *, exact: bool) -> list[str]:
    gone = [day for day in first.days if not any(day.fits(other, exact=exact) for other in second.days)]
    come = [day for day in second.days if not any(day.fits(other, exact=exact) for other in first.days)]
    if not gone or not come:
        return []
    of_deadline = any(day.deadline for day in come) or all(day.deadline for day in gone)
    return ["deadline" if of_deadline else "shoot_dates"]


def _hours_part(first: Facts, second: Facts, *, retold: bool) -> bool:
    if not retold:
        return part(first.hours, second.hours)
    one, other = (frozenset(hour % _NOON for hour in post.hours) for post in (first, second))
    return bool(one and other) and not one & other


def _pay_parts(first: Facts, second: Facts) -> bool:
    ours, theirs = _unexplained(first, second, "sums"), _unexplained(second, first, "sums")
    if part(ours, theirs):
        return True
    one, other = first.pay, second.pay
    if {one.kind, other.kind} == {PayKind.PAID, PayKind.UNPAID} and (ours or theirs or not (first.sums | second.sums)):
        return True
    return any(
        None not in pair and len(set(pair)) == 2 for pair in ((one.currency, other.currency), (one.per, other.per))
    )
