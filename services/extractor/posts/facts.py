"""The facts that a post states, by kind, each as a set that can be held against another post's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from services.extractor.offline.engine import read_findings
from services.extractor.offline.gazetteer import CITIES, DISTRICTS
from services.extractor.offline.page import Page, read_page
from services.extractor.posts.body import body
from services.extractor.posts.words import Word, gender, is_arabic, nationality, words_of
from shared.arabic.dates import find_dates
from shared.arabic.digits import find_numbers
from shared.arabic.normalise import Place, fold_text
from shared.arabic.phones import find_phones
from shared.contracts.calls import Compensation

_CLOCK = re.compile(
    r"(?:(?:الساعه|ساعه|at|@) ?)?(?<![\d/.-])(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))? ?"
    r"(?P<half>صباحا?|الصباح|ص|الفجر|فجرا?|ظهرا?|الظهر|عصرا?|العصر|مغرب|المغرب|مسا|المسا|م|ليلا?|الليل|بالليل|am|pm|a\.m|p\.m)"
    r"(?![^\W\d_])|(?:الساعه) (?P<bare>\d{1,2})(?!\d)"
)
_QUOTED = re.compile(r'["«“](?P<name>[^"«»“”\n]{2,60})["»”]')
_MEASURE = re.compile(r"(?:الطول|طول\w*|الوزن|وزن|مقاس|قياس|height|heights|weight|size)\D{0,8}$")
_MEASURED = re.compile(r" ?(?:سم|cm|kg|كيلو)(?![^\W\d_])")
_LENGTH = re.compile(
    r" ?(?:x ?)?(?:يوم|ايام|اسبوع|اسابيع|شهر|اشهر|شهور|ساعات|ساعه|دقيقه|دقايق|ثانيه|ثواني|جلسات|جلسه|"
    r"days?|weeks?|months?|hours?|hrs?|minutes?|mins?|seconds?|secs?)(?![^\W\d_])"
)
_DUALS = {"يومين": 2, "اسبوعين": 2, "شهرين": 2, "ساعتين": 2, "دقيقتين": 2, "جلستين": 2}
_DUAL = re.compile(rf"(?<![^\W\d_])[وبل]?({'|'.join(_DUALS)})(?![^\W\d_])")
_LISTED = re.compile(r"(?:\n|^)\d{1,2} ?[-).:/](?!\d)")


@dataclass(frozen=True, slots=True)
class Day:
    """Days that the text names: resolved, and in its own words, which a forward of the next day still has."""

    start: date | None
    end: date | None
    words: str
    deadline: bool = False
    loose: bool = False  # a whole week or month

    def fits(self, other: Day) -> bool:
        """Whether both name the same days, or one of them less exactly (an end, the month, the weekday)."""
        if self.words == other.words:
            return True
        if self.vague or other.vague:
            return not (self.vague and other.vague and is_arabic(self.words) == is_arabic(other.words))
        if (self.start, self.end) == (other.start, other.end):
            return True
        if self.loose or other.loose:
            return self.covers(other) or other.covers(self)
        if self.single or other.single:
            return self.start in (other.start, other.end) or other.start in (self.start, self.end)
        return self.start == other.start and None in (self.end, other.end)

    @property
    def vague(self) -> bool:
        """Whether no day can be named ("mid January")."""
        return self.start is None and self.end is None

    @property
    def single(self) -> bool:
        """Whether it is one day."""
        return self.start == self.end

    def covers(self, other: Day) -> bool:
        """Whether the other's days are all among its own."""
        if None in (self.start, self.end, other.start, other.end):
            return False
        return self.start <= other.start and other.end <= self.end  # type: ignore[operator]


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
    found, ages = read_findings(page)
    days = find_dates(page.folded, page.now)
    phones = find_phones(page.folded, found.place.country)
    taken = bytearray(len(page.text))
    for place in [day.place for day in days] + [phone.place for phone in phones]:
        _take(taken, place.start, place.end)
    hours = _hours(page, taken)
    sums = _sums(page, found.pay.sums, taken)
    for age in ages:
        _take(taken, age.place.start, age.place.end)
    measures, lengths, counts = _numbers(page, taken)
    cities = _cities(page, taken)
    words = words_of(page.text, taken)
    contacts: dict[str, set[str]] = {}
    for one in found.contacts:
        kind = "phone" if one.contact.kind in ("phone", "whatsapp") else str(one.contact.kind)
        contacts.setdefault(kind, set()).add(one.contact.value.lower().rstrip("/"))
    return Facts(
        contacts={kind: frozenset(values) for kind, values in contacts.items()},
        days=tuple(
            Day(
                day.start,
                day.end,
                page.text[day.place.start : day.place.end],
                deadline=day.end is not None and day.end == found.schedule.deadline,
                loose=day.kind in ("month", "week"),
            )
            for day in days
        ),
        hours=hours,
        sums=sums,
        pay=found.pay.compensation,
        ages=frozenset((age.low, age.high) for age in ages),
        cities=cities,
        genders=frozenset(said for word in words if (said := gender(word.text))),
        nations=frozenset(said for word in words if (said := nationality(word.text))),
        names=frozenset(fold_text(match["name"]) for match in _QUOTED.finditer(page.raw)),
        measures=measures,
        lengths=lengths,
        counts=counts,
        words=words,
        text=page.text,
        sent_at=sent_at,
    )


def _take(taken: bytearray, start: int, end: int) -> None:
    taken[start:end] = b"\x01" * (end - start)


def _hours(page: Page, taken: bytearray) -> frozenset[int]:
    """Times of day as hours of twenty-four (of twelve where the half of the day is not said)."""
    found = set()
    for match in _CLOCK.finditer(page.text):
        if any(taken[match.start() : match.end()]):
            continue
        hour = int(match["hour"] or match["bare"])
        half = match["half"] or ""
        if hour > 24:
            continue
        late = half and not half.startswith(("ص", "الص", "ف", "الف", "a"))
        found.add(hour % 12 + 12 if late else hour % 12 if half else hour)
        _take(taken, match.start(), match.end())
    return frozenset(found)


def _sums(page: Page, places: Sequence[Place], taken: bytearray) -> frozenset[Decimal]:
    found = set()
    spans = [(place.start, place.end) for place in places]
    for number in find_numbers(page.folded):
        if any(start <= number.place.start < end for start, end in spans):
            found.add(number.value)
    for start, end in spans:
        _take(taken, start, end)
    return frozenset(found)


def _numbers(page: Page, taken: bytearray) -> tuple[frozenset[Decimal], frozenset[Decimal], frozenset[Decimal]]:
    """Body measures, lengths of time, and the other numbers. A one in words says nothing ("ممثل واحد", "one of")."""
    measures, lengths, counts = set(), set(), set()
    for match in _DUAL.finditer(page.text):
        lengths.add(Decimal(_DUALS[match[1]]))
        _take(taken, *match.span())
    for number in find_numbers(page.folded):
        start, end = number.place.start, number.place.end
        if (
            any(taken[start:end])
            or (number.worded and number.value <= 1)
            or _LISTED.match(page.text[start - 1 : end + 2])
        ):
            continue
        if _MEASURE.search(page.text[max(0, start - 16) : start]) or _MEASURED.match(page.text, end):
            measures.add(number.value)
        elif length := _LENGTH.match(page.text, end):
            lengths.add(number.value)
            end = length.end()
        else:
            counts.add(number.value)
        _take(taken, start, end)
    return frozenset(measures), frozenset(lengths), frozenset(counts)


_PLACE_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")


def _cities(page: Page, taken: bytearray) -> frozenset[str]:
    """Every city that is named, whatever for."""
    found = set()
    tokens = [match.span() for match in _PLACE_WORD.finditer(page.text)]
    at = 0
    while at < len(tokens):
        for length in (3, 2, 1):
            span = tokens[at : at + length]
            if len(span) < length:
                continue
            name = page.text[span[0][0] : span[-1][1]]
            if city := _city(name):
                found.add(city)
                _take(taken, span[0][0], span[-1][1])
                at += length - 1
                break
        at += 1
    return frozenset(found)


def _city(name: str) -> str | None:
    forms = [name, name[1:] if name[:1] in "وبفل" else name, name[2:] if name[:2] in ("وب", "وف") else name]
    if name.startswith("لل"):
        forms.append("ال" + name[2:])
    for form in forms:
        if len(form) > 2 and (place := CITIES.get(form) or DISTRICTS.get(form)):
            return place[0]
    return None
