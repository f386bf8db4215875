"""The facts that a post states, by kind, each as a set that can be held against another post's."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from services.extractor.offline.ages import find_ages
from services.extractor.offline.contacts import find_contacts
from services.extractor.offline.page import read_page
from services.extractor.offline.pay import find_pay
from services.extractor.offline.places import find_place
from services.extractor.offline.schedule import find_schedule
from services.extractor.posts.body import body
from services.extractor.posts.changes import withdrawn
from services.extractor.posts.cities import cities_of
from services.extractor.posts.days import Day
from services.extractor.posts.numbers import hours_of, others_of, parts_of, sums_of, take
from services.extractor.posts.words import Word, gender, nationality, words_of
from shared.arabic.dates import find_dates
from shared.arabic.digits import find_numbers
from shared.arabic.normalise import fold_text
from shared.arabic.phones import find_phones
from shared.contracts.calls import Compensation

_QUOTED = re.compile(r'["«“](?P<name>[^"«»“”\n]{2,60})["»”]')
_SHARED = re.compile(r"[?#&](?:usp|utm_|igsh?|fbclid|s=|si=|ref).*")  # what sharing a link adds to it
_SOUGHT = re.compile(
    r"(?<![^\W\d_])(?:مطلوب|مطلوبه|نحتاج|محتاجين|يحتاج|نبي|نبغي|ابغي|ندور|نبحث عن|ابحث عن|يبحث عن|دور) "
    r"(?:عن |ل)?(?P<who>[^\W\d_]{3,})"
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What one post states. Ages are (low, high); `counts` are numbers that are none of the others."""

    contacts: dict[str, frozenset[str]]
    days: tuple[Day, ...]
    hours: frozenset[int]
    sums: frozenset[Decimal]
    pay: Compensation
    ages: frozenset[tuple[int | None, int | None]]
    cities: frozenset[str]
    genders: frozenset[str]
    nations: frozenset[str]
    names: frozenset[str]
    measures: frozenset[Decimal]
    lengths: frozenset[Decimal]
    counts: frozenset[Decimal]
    parts: frozenset[str]
    sought: frozenset[str]
    words: tuple[Word, ...]
    text: str = field(repr=False)
    sent_at: datetime

    @property
    def all_contacts(self) -> frozenset[str]:
        """Every way to apply, whatever its kind."""
        return frozenset().union(*self.contacts.values())


def facts_of(text: str, sent_at: datetime) -> Facts:
    """Read a post. Deterministic; never raises."""
    page = read_page(body(text)[:10_000], sent_at)
    taken = bytearray(len(page.text))
    for start, end in withdrawn(page.text):
        take(taken, start, end)
    days = [day for day in find_dates(page.folded, page.now) if not taken[day.place.start]]
    country = find_place(page).country
    phones = find_phones(page.folded, country)
    days_at, phones_at = [day.place for day in days], [phone.place for phone in phones]
    pay = find_pay(page, country, days_at, phones_at)
    ages = find_ages(page, [*days_at, *phones_at, *pay.sums])
    deadline = find_schedule(page, days).deadline
    for place in (*days_at, *phones_at):
        take(taken, place.start, place.end)
    parts = parts_of(page, taken)
    hours = hours_of(page, taken)
    numbers = find_numbers(page.folded)
    sums = sums_of(pay.sums, numbers, taken)
    for age in ages:
        take(taken, age.place.start, age.place.end)
    measures, lengths, counts = others_of(page, numbers, taken)
    cities = cities_of(page, taken)
    words = words_of(page.text, taken)
    contacts: dict[str, set[str]] = {}
    for one in find_contacts(page, phones):
        kind = "phone" if one.contact.kind in ("phone", "whatsapp") else str(one.contact.kind)
        contacts.setdefault(kind, set()).add(_SHARED.sub("", one.contact.value.lower()).rstrip("/"))
    return Facts(
        contacts={kind: frozenset(values) for kind, values in contacts.items()},
        days=tuple(
            Day(
                day.start,
                day.end,
                page.text[day.place.start : day.place.end],
                deadline=day.end is not None and day.end == deadline,
                loose=day.kind in ("month", "week"),
            )
            for day in days
        ),
        hours=hours,
        sums=sums,
        pay=pay.compensation,
        ages=frozenset((age.low, age.high) for age in ages),
        cities=cities,
        genders=frozenset(said for word in words if (said := gender(word.text))),
        nations=frozenset(said for word in words if (said := nationality(word.text))),
        names=frozenset(fold_text(match["name"]) for match in _QUOTED.finditer(page.raw)),
        measures=measures,
        lengths=lengths,
        counts=counts,
        parts=parts,
        sought=frozenset(match["who"] for match in _SOUGHT.finditer(page.text)),
        words=words,
        text=page.text,
        sent_at=sent_at,
    )
