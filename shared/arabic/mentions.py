"""One person's phone number or WhatsApp id, found in any text however it is written, and masked there.

Found are the international and the local form, with blanks, dashes, dots and brackets between the digits, in Arabic,
Persian, full-width and keycap digits, in wa.me links and WhatsApp ids, and digit by digit in words. A mask is as long
as what it hides, so that every other place in the text stays where it was.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers

from shared.arabic.normalise import fold, fold_text
from shared.arabic.phones import SPOKEN_WORDS, find_phones, spoken_digits, to_e164

MASK: Final = "█"
_BETWEEN = r"[\W_\u0640]{0,6}"  # \u0640 stretches a word, and stands between digits as well
_NO_GROUP = r"(?!-\d{5,}(?:-\d+)?@g\.us)"  # an old group's address begins with the number of who made it
_IN_NO_GROUP = re.compile(_NO_GROUP)
_DIGITS = re.compile(r"\d+")
_LID = re.compile(r"(\d{6,20})(?::\d+)?@lid")
_USER = re.compile(r"(\d{7,15})(?::\d+)?@(?:s\.whatsapp\.net|c\.us)")
_PLAIN = re.compile(r"[\d\s()+.\-_\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")
_ADDRESS = re.compile(r"https?://\S+|(?:wa\.me|t\.me|instagram\.com)/\S+|[^\s@<>]{1,64}@[^\s@<>]{1,250}|@[\w.]{2,30}")
_LONGEST_CODE = 4  # digits right in front of a local number that are another country's code
_LEAST_WORDS = 5  # "double" and "triple" make several digits of one word
_SPOKEN_FROM = 20  # characters; ten digits in words are not shorter


@dataclass(frozen=True, slots=True)
class Person:
    """Who is looked for: phone numbers as E.164 and the digits of WhatsApp's own ids (LIDs)."""

    numbers: tuple[str, ...] = ()
    lids: tuple[str, ...] = ()

    def holds(self, text: str) -> bool:
        """Whether the text names this person."""
        return bool(self.spans(text))

    def masked(self, text: str) -> str:
        """The text with each mention masked, of the same length."""
        for start, end in self.spans(text):
            text = text[:start] + MASK * (end - start) + text[end:]
        return text

    def spans(self, text: str) -> list[tuple[int, int]]:
        """The [start, end) of each mention, from left to right, none inside another."""
        digits = "".join(_DIGITS.findall(text))
        if not digits.isascii():
            digits = _ascii(digits)
        found: list[tuple[int, int]] = []
        for number in self.numbers:
            national, pattern = _number(number)
            if national in digits:
                found += [match.span() for match in pattern.finditer(text) if _is_whole(text, match)]
                found += _read(text, number)  # what the parsers take for the number must not stay
            elif len(text) >= _SPOKEN_FROM and _is_dictated(text) and national in spoken_digits(fold_text(text)):
                found += _read(text, number)
        for lid in self.lids:
            if lid in digits:
                found += [match.span() for match in _lid(lid).finditer(text)]
        return _merged(found)


def person_of(given: str) -> Person | None:
    """Who is meant by a phone number in any form, a wa.me link or a WhatsApp id; None where it is none of these."""
    text = given.strip().removeprefix("@")
    if match := _LID.fullmatch(text):
        return Person(lids=(_ascii(match[1]),))
    if match := _USER.fullmatch(text):
        number = to_e164(f"+{_ascii(match[1])}")
        return Person(numbers=(number,)) if number else None
    number = to_e164(fold_text(text)) if _PLAIN.fullmatch(text) else None
    if number is None:
        found = {phone.e164 for phone in find_phones(fold(text))}
        number = found.pop() if len(found) == 1 else None
    return Person(numbers=(number,)) if number else None


def without_contacts(text: str) -> str:
    """The text with every phone number, address, link and @name masked, whoever's it is; of the same length."""
    spans = [(phone.place.raw_start, phone.place.raw_end) for phone in find_phones(fold(text))]
    spans += [match.span() for match in _ADDRESS.finditer(text)]
    for start, end in _merged(spans):
        text = text[:start] + MASK * (end - start) + text[end:]
    return text


def together(persons: Iterable[Person]) -> Person:
    """All of these as one."""
    every = list(persons)
    return Person(
        tuple(dict.fromkeys(number for one in every for number in one.numbers)),
        tuple(dict.fromkeys(lid for one in every for lid in one.lids)),
    )


@lru_cache(maxsize=64)
def _number(number: str) -> tuple[str, re.Pattern[str]]:
    """The local digits of a number, and what finds it with its country's code, with a zero, or bare."""
    parsed = phonenumbers.parse(number)
    national = phonenumbers.national_significant_number(parsed)
    code = _BETWEEN.join(map(_any_script, str(parsed.country_code)))
    zero = _any_script("0")
    local = _BETWEEN.join(map(_any_script, national))
    lead = rf"(?P<lead>(?:\+|{zero}{zero})?{_BETWEEN}{code}{_BETWEEN}(?:{zero}{_BETWEEN})?|{zero}{_BETWEEN})?"
    return national, re.compile(rf"(?<!\d){lead}{local}(?!\d){_NO_GROUP}")


@lru_cache(maxsize=64)
def _lid(lid: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\d)@?{''.join(map(_any_script, lid))}(?!\d)(?::\d+)?(?:@lid)?")


def _any_script(digit: str) -> str:
    """A class of this digit in every script that has one."""
    return f"[{_scripts()[int(digit)]}]"


@lru_cache(maxsize=1)
def _scripts() -> tuple[str, ...]:
    """For each digit from 0 to 9 its characters in every script."""
    found = [""] * 10
    for code in range(0x20000):
        if (value := unicodedata.decimal(chr(code), None)) is not None:
            found[value] += chr(code)
    return tuple(found)


def _is_whole(text: str, match: re.Match[str]) -> bool:
    """Whether a bare local number is not the end of another country's: +20 5xxxxxxxx is somebody else's."""
    if match["lead"]:
        return True
    before = re.search(r"(?<!\d)(\d+)[\W_]{0,3}$", text[max(0, match.start() - 24) : match.start()])
    return before is None or "\n" in before[0] or len(before[1]) > _LONGEST_CODE


def _is_dictated(text: str) -> bool:
    """Whether enough words of a text are digits to make a number; most texts have none."""
    dictated = 0
    for word in fold_text(text).replace(",", " ").replace("-", " ").replace(".", " ").split():
        dictated += word in SPOKEN_WORDS or word.removeprefix("و") in SPOKEN_WORDS
    return dictated >= _LEAST_WORDS


def _read(text: str, number: str) -> list[tuple[int, int]]:
    """Where the parsers read the number, which come through more than the pattern does."""
    found = [phone.place for phone in find_phones(fold(text)) if phone.e164 == number]
    return [(place.raw_start, place.raw_end) for place in found if _IN_NO_GROUP.match(text, place.raw_end)]


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _ascii(digits: str) -> str:
    return "".join(str(unicodedata.decimal(char)) for char in digits)
