"""What the numbers of a post say: times of day, sums, measures, lengths, episodes, how many."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from services.extractor.offline.page import Page
from shared.arabic.digits import Number
from shared.arabic.normalise import Place

_CLOCK = re.compile(
    r"(?:(?:الساعه|ساعه|at|@) ?)?(?<![\d/.-])(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))? ?"
    r"(?P<half>صباحا?|الصباح|ص|الفجر|فجرا?|ظهرا?|الظهر|عصرا?|العصر|مغرب|المغرب|مسا|المسا|م|ليلا?|الليل|بالليل|am|pm|a\.m|p\.m)"
    r"(?![^\W\d_])|(?:الساعه) (?P<bare>\d{1,2})(?!\d)"
)
_MEASURE = re.compile(r"(?:الطول|طول\w*|الوزن|وزن|مقاس|قياس|height|heights|weight|size)\D{0,8}$")
_MEASURED = re.compile(r" ?(?:سم|cm|kg|كيلو)(?![^\W\d_])")
_LENGTH = re.compile(
    r" ?(?:x ?)?(?:يوم|ايام|اسبوع|اسابيع|شهر|اشهر|شهور|ساعات|ساعه|دقيقه|دقايق|ثانيه|ثواني|جلسات|جلسه|"
    r"days?|weeks?|months?|hours?|hrs?|minutes?|mins?|seconds?|secs?)(?![^\W\d_])"
)
_DUALS = {"يومين": 2, "اسبوعين": 2, "شهرين": 2, "ساعتين": 2, "دقيقتين": 2, "جلستين": 2}
_DUAL = re.compile(rf"(?<![^\W\d_])[وبل]?({'|'.join(_DUALS)})(?![^\W\d_])")
_UNTIL = re.compile(r"(?<![\d/.-])(?P<hour>\d{1,2}) ?(?:-|–|الي|to|til|till|حتي|لين) ?$")
_PART = re.compile(
    r"(?<![^\W\d_])(?:ال)?(?P<of>حلقه|موسم|جزء|جز|وحده|مشهد|episode|ep|season|part|scene|unit) ?"
    r"(?:رقم |no\.? |# ?)?(?P<number>\d{1,3})(?![\d/.-])"
)
_LISTED = re.compile(r"(?:\n|^)\d{1,2} ?[-).:/](?!\d)")


def take(taken: bytearray, start: int, end: int) -> None:
    """Marks a piece of the text as read."""
    taken[start:end] = b"\x01" * (end - start)


def parts_of(page: Page, taken: bytearray) -> frozenset[str]:
    """Which episode, season, scene or unit of a work it is for."""
    found = set()
    for match in _PART.finditer(page.text):
        if not taken[match.start("number")]:
            found.add(f"{match['of']} {match['number']}")
            take(taken, *match.span("number"))
    return frozenset(found)


def hours_of(page: Page, taken: bytearray) -> frozenset[int]:
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
        take(taken, match.start(), match.end())
        if (begin := _UNTIL.search(page.text, 0, match.start())) and not any(taken[slice(*begin.span())]):
            found.add(int(begin["hour"]) % 12 + 12 if late else int(begin["hour"]) % 12 if half else int(begin["hour"]))
            take(taken, *begin.span())
    return frozenset(found)


def sums_of(places: Sequence[Place], numbers: Sequence[Number], taken: bytearray) -> frozenset[Decimal]:
    """The numbers that stand in sums of money."""
    found = set()
    spans = [(place.start, place.end) for place in places]
    for number in numbers:
        if any(start <= number.place.start < end for start, end in spans):
            found.add(number.value)
    for start, end in spans:
        take(taken, start, end)
    return frozenset(found)


def others_of(
    page: Page, numbers: Sequence[Number], taken: bytearray
) -> tuple[frozenset[Decimal], frozenset[Decimal], frozenset[Decimal]]:
    """Body measures, lengths of time, and the other numbers. A one in words says nothing ("ممثل واحد", "one of")."""
    measures, lengths, counts = set(), set(), set()
    for match in _DUAL.finditer(page.text):
        lengths.add(Decimal(_DUALS[match[1]]))
        take(taken, *match.span())
    for number in numbers:
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
        take(taken, start, end)
    return frozenset(measures), frozenset(lengths), frozenset(counts)
