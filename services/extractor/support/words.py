"""A message's own words, prepared once for all look-ups.

They stand on the page that the offline engine reads: what only stands inside an instruction to machines, a comment or a
script holds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from services.extractor.grounding import Grounder
from services.extractor.offline.ages import find_ages
from services.extractor.offline.page import HIDDEN, Page, read_page
from shared.arabic.dates import DateMention, find_dates
from shared.arabic.digits import find_numbers
from shared.arabic.normalise import Folded, Place, fold
from shared.arabic.phones import Phone, find_phones, to_e164
from shared.contracts.calls import Evidence, Support

_REGIONS = (None, "SA", "AE", "KW", "BH", "QA", "OM", "EG", "JO")
WHATSAPP_LINK = re.compile(r"(?:wa\.me/|[?&]phone=)\+?(\d{8,15})")
# A figure wherever it stands, also with letters against it ("و١٢٠٠"); in folded spelling.
_FIGURE = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d{1,2})?(?!\d)")
_WORD = re.compile(r"[^\W\d_]+")
_DECADE = re.compile(r"(?<!\d)([1-9]0)(?:'?s|ies|ات)")
_TEENS = re.compile(r"(?<![^\W\d_])(?:teen|مراهق)")
JOINED = re.compile(r"^(?:وال|بال|فال|كال|لل|ال|و|ب|ل)(?=\w{3})")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and where it stands in the folded page."""

    value: Decimal
    start: int
    end: int


@dataclass(frozen=True)
class Words:
    """A message's own words without what speaks to machines, and what the parsers find in them."""

    page: Page
    shown: str  # the raw message, as long as it was, with all that holds nothing overwritten
    days: tuple[DateMention, ...]
    figures: tuple[Figure, ...]  # no phone numbers
    phones: dict[str, tuple[int, int]]  # E.164 → raw [start, end)

    @cached_property
    def folded(self) -> Folded:
        """The whole message, addresses included."""
        return fold(self.shown)

    @cached_property
    def grounder(self) -> Grounder:
        """Looks up quoted words."""
        return Grounder(self.shown)

    @cached_property
    def tokens(self) -> frozenset[str]:
        """The folded words and numbers, addresses included."""
        return frozenset(re.findall(r"\w+", self.folded.text))

    @cached_property
    def roots(self) -> dict[str, tuple[int, int]]:
        """Root → the first word of the folded page that has it."""
        found: dict[str, tuple[int, int]] = {}
        for match in _WORD.finditer(self.page.text):
            found.setdefault(root_of(match[0]), match.span())
        return found

    @cached_property
    def ages(self) -> frozenset[int | None]:
        """Every number, and every age that is said in words."""
        found = {int(figure.value) for figure in self.figures if figure.value == int(figure.value)}
        decades = {int(digits) for digits in _DECADE.findall(self.page.text)}
        teens = {12, 13, 17, 18, 19} if _TEENS.search(self.page.text) else set()
        said = {age for one in find_ages(self.page, ()) for age in (one.low, one.high)}
        return frozenset(found | decades | {decade + 9 for decade in decades} | teens | said)

    def ground(self, words: str) -> Evidence | None:
        """Where quoted words stand as whole words, in whatever spelling, or None."""
        found = self.grounder.ground(words) if words.strip() else None
        return found and found.model_copy(update={"text": self.page.raw[found.start : found.end]})

    def first(self, quotes: Iterable[str]) -> Evidence | None:
        """Where the first of these quotes that stands there does."""
        return next((found for quote in quotes if (found := self.ground(quote))), None)

    def line(self, at: int) -> str:
        """The line of the folded page that holds `at`."""
        start, end = self.page.line_at(at)
        return self.page.text[start:end]

    def derived(self, start: int, end: int, rule: str) -> Evidence:
        """The evidence of what a rule made from [start, end) of the folded page."""
        return self.page.evidence(self.page.folded.place(start, end), Support.DERIVED, rule)


def read(text: str, sent_at: datetime) -> Words:
    """The words of a message."""
    page = read_page(text, sent_at)
    chars = list(text)
    for start, end in page.injections:
        chars[start:end] = [char if char == "\n" else HIDDEN for char in chars[start:end]]
    phones = [
        phone for region in _REGIONS for phone in find_phones(page.folded, region) if _is_one(page, phone, region)
    ]
    taken = [phone.place for phone in phones]
    found = {phone.e164: (phone.place.raw_start, phone.place.raw_end) for phone in reversed(phones)}
    for address in page.addresses:
        link = WHATSAPP_LINK.search(address.words)
        number = to_e164(f"+{link[1]}") if link else None
        if number:
            found.setdefault(number, (address.start, address.end))
    days = tuple(find_dates(page.folded, page.now))
    return Words(page, "".join(chars), days, tuple(_figures(page, taken)), found)


def root_of(word: str) -> str:
    """A folded word without what is joined to it, its ending and its long vowels."""
    if word.isascii():
        return re.sub(r"(?:ies|y|es|s)$", "", word)
    return re.sub(r"[اويى]", "", re.sub(r"(?:ات|ين|ون|ان|تين|يه|ه)$", "", JOINED.sub("", word)))


def _is_one(page: Page, phone: Phone, region: str | None) -> bool:
    """Eight digits that a region alone makes a number must be written as one: "35-45 (4000" is an age and a sum."""
    written = page.text[phone.place.start : phone.place.end]
    if region is None or phone.link or sum(char.isdigit() for char in written) != 8:
        return True
    return len(set(re.findall(r"\D+", written))) <= 1 and not re.fullmatch(r"(?:\d{1,2}\D){2,}\d+", written)


def _figures(page: Page, phones: list[Place]) -> list[Figure]:
    """All numbers but those in phone numbers; the parsers' own reading of one goes before its bare digits."""
    by_place = {found.span(): Decimal(found[0].replace(",", "")) for found in _FIGURE.finditer(page.text)}
    by_place |= {(number.place.start, number.place.end): number.value for number in find_numbers(page.folded)}
    return [
        Figure(value, start, end)
        for (start, end), value in sorted(by_place.items())
        if not any(start < phone.end and phone.start < end for phone in phones)
    ]
