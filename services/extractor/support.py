"""The invariant: a contact, a sum or a day that a model names must be held by the message's own words.

Pure, and on the same page and parsers that the offline engine reads with: what only stands inside an instruction to
machines holds nothing. What holds nothing is dropped by `logic`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pydantic import ValidationError

from services.extractor.grounding import Grounder
from services.extractor.offline.page import HIDDEN, Page, read_page
from shared.arabic.dates import DateMention, find_dates
from shared.arabic.digits import find_numbers
from shared.arabic.normalise import Folded, fold, fold_text
from shared.arabic.phones import find_phones, to_e164
from shared.contracts.calls import Contact, ContactKind

_REGIONS = (None, "SA", "AE", "KW", "BH", "QA", "OM", "EG", "JO")
_WHATSAPP_LINK = re.compile(r"(?:wa\.me/|[?&]phone=)\+?(\d{8,15})")
_INSTAGRAM_LINK = re.compile(r"^(?:https?://)?(?:www\.)?instagram\.com/")
_LINK_START = re.compile(r"^https?://(?:www\.)?", re.IGNORECASE)

# A figure wherever it stands, also with letters against it ("و١٢٠٠"); in folded spelling.
_FIGURE = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d{1,2})?(?!\d)")

# Times that the parsers do not resolve, in folded spelling, and how many days after sending they may mean.
_RELATIVE = r"بكر[اهي]|باكر|باجر|بعده|غد[اه]?|اسبوع|week|weekend|today|tonight|tomorrow|fortnight"
_SEASONS = r"رمضان|شعبان|شوال|محرم|صفر|رجب|عيد|ramadan|shaban|shawwal|muharram|eid"
_TIMES = tuple(
    (re.compile(rf"(?<!\w)(?:ال|ب|لل|ل)?(?:{words})(?!\w)"), reach)
    for words, reach in ((_RELATIVE, 31), (_SEASONS, 400))
)
_OF_A_MONTH = re.compile(r"(?<!\w)(?:ال)?(?:يوم|شهر|day|month)(?!\w)")
_DAYS_OF_TWO_MONTHS = 62
_DAYS_IN = {"يوم": 1, "ايام": 1, "يومين": 2, "اسبوع": 7, "اسابيع": 7, "اسبوعين": 14, "شهر": 30, "اشهر": 30, "شهرين": 60,
            "day": 1, "days": 1, "week": 7, "weeks": 7, "fortnight": 14, "month": 30, "months": 30}  # fmt: skip
_UNITS = "|".join(sorted(_DAYS_IN, key=len, reverse=True))
_LENGTH = re.compile(rf"(?<!\w)(?:(?P<count>\d{{1,3}})[\s-]?)?(?:ل|ب|لل|ال)?(?P<unit>{_UNITS})(?!\w)")


@dataclass(frozen=True, slots=True)
class Words:
    """A message's own words without what speaks to machines, and what the parsers find in them."""

    page: Page
    folded: Folded  # of the whole message, addresses included
    grounder: Grounder
    days: tuple[DateMention, ...]
    numbers: frozenset[Decimal]
    phones: frozenset[str]


def read(text: str, sent_at: datetime) -> Words:
    """The words of a message."""
    page = read_page(text, sent_at)
    chars = list(text)
    for start, end in page.injections:
        chars[start:end] = HIDDEN * (end - start)
    phones = [phone for region in _REGIONS for phone in find_phones(page.folded, region)]
    taken = {(phone.place.start, phone.place.end) for phone in phones}
    figures = {found.span(): Decimal(found[0].replace(",", "")) for found in _FIGURE.finditer(page.text)}
    figures |= {(number.place.start, number.place.end): number.value for number in find_numbers(page.folded)}
    numbers = frozenset(
        value
        for (start, end), value in figures.items()
        if not any(start < phone_end and phone_start < end for phone_start, phone_end in taken)
    )
    links = (_WHATSAPP_LINK.search(address.words) for address in page.addresses)
    linked = set(filter(None, (to_e164(f"+{link[1]}") for link in links if link)))
    days = tuple(find_dates(page.folded, page.now))
    shown = "".join(chars)  # as long as the message, so that its places are the message's own
    e164s = frozenset({phone.e164 for phone in phones} | linked)
    return Words(page, fold(shown), Grounder(shown), days, numbers, e164s)


def place_of(words: Words, quote: str) -> tuple[int, int] | None:
    """The raw [start, end) at which quoted words stand in the message as whole words, in whatever spelling, or None."""
    found = words.grounder.ground(quote)
    return (found.start, found.end) if found else None


def holds_amount(words: Words, amount: Decimal) -> bool:
    """Whether this sum stands there, in figures or in words."""
    return amount in words.numbers


def holds_day(words: Words, day: date, quotes: Iterable[str]) -> bool:
    """Whether this day stands there, or in words quoted from there that name a time the parsers can't read."""
    if any(day in (mention.start, mention.end) for mention in words.days):
        return True
    year = rf"\s?[/.-]\s?(?:{day.year}|{day:%y})(?!\d)|(?!\d|\s?[/.-]\s?\d)"
    if re.search(rf"(?<![\d/.-])0?{day.day}\s?[/.-]\s?0?{day.month}(?:{year})", words.page.text):
        return True
    return any(place_of(words, quote) and _names(quote, day, words.page.now) for quote in quotes)


def _names(quote: str, day: date, now: datetime) -> bool:
    folded = fold(quote)
    numbers = {number.value for number in find_numbers(folded)}
    spans = [(mention.start, mention.end) for mention in find_dates(folded, now)]
    firm = [(start, end) for start, end in spans if start and end]
    if firm:
        # "10, 12 and 15 September": a parser may read only the last, so the figure is enough within its month.
        return any(
            start <= day <= end or (day.day in numbers and (start.year, start.month) == (day.year, day.month))
            for start, end in firm
        )
    ahead = (day - now.date()).days
    if numbers:  # "closes on day 17"
        return day.day in numbers and 0 <= ahead <= _DAYS_OF_TWO_MONTHS and bool(_OF_A_MONTH.search(folded.text))
    return any(0 <= ahead <= reach and pattern.search(folded.text) for pattern, reach in _TIMES)


def holds_length(words: Words, days: int) -> bool:
    """Whether so many days are spoken of ("for two weeks", "٥ أيام"), so that an end may be counted from a start."""
    for match in _LENGTH.finditer(words.page.text):
        length = int(match["count"] or 1) * _DAYS_IN[match["unit"]]
        if abs(length - days) <= (0 if length < 5 else 1 if length < 30 else 2):
            return True
    return False


def holds_name(words: Words, name: str) -> bool:
    """Whether at least half of the words of a name stand there, or all in one as in an address."""
    wanted = re.findall(r"\w+", fold_text(name))
    there = set(re.findall(r"\w+", words.folded.text))
    if len("".join(wanted)) > 5 and "".join(wanted) in words.folded.text:
        return True
    return bool(wanted) and sum(word in there for word in wanted) * 2 >= len(wanted)


def contact(kind: ContactKind, value: str, country: str | None) -> Contact | None:
    """The contact as the contract writes it, or None where that can't be done."""
    plain = value.strip()
    if kind in (ContactKind.PHONE, ContactKind.WHATSAPP):
        link = _WHATSAPP_LINK.search(plain)
        plain = to_e164(f"+{link[1]}" if link else fold_text(plain), country) or plain
    elif kind is ContactKind.LINK and "://" not in plain:
        plain = f"https://{plain}"
    elif kind is ContactKind.INSTAGRAM:
        plain = _INSTAGRAM_LINK.sub("", plain).split("?")[0].strip("@/ ")
    try:
        return Contact(kind=kind, value=plain)
    except ValidationError:
        return None


def holds_contact(words: Words, found: Contact) -> bool:
    """Whether this contact stands there: the same number however it is written, or the same address, whole."""
    if found.kind in (ContactKind.PHONE, ContactKind.WHATSAPP):
        return found.value in words.phones
    wanted = _bare(found.value)
    if any(_bare(address.words) == wanted for address in words.page.addresses):
        return True
    # "insta: name": no address by its form, so its letters must stand alone.
    return found.kind is ContactKind.INSTAGRAM and bool(
        re.search(rf"(?<![\w.@]){re.escape(wanted)}(?![\w@]|\.\w)", words.page.text)
    )


def _bare(address: str) -> str:
    """An address without what may be written or left out: the scheme, www, an @ before a name, a slash at the end."""
    plain = _INSTAGRAM_LINK.sub("", address)
    plain = plain.split("?")[0] if plain != address else _LINK_START.sub("", plain)
    return fold_text(plain.removeprefix("@").rstrip("/"))
