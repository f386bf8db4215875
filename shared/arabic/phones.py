"""Phone numbers as the groups write them, to E.164: Arabic and keycap digits, wa.me links, foreign ones without a plus.

Works on a folded text, where all digits are 0-9 and the direction marks are gone. A number is accepted for what it is
(a plus or 00 and a possible number; a country code and a valid number; the Saudi, Gulf or Egyptian national shape),
so that fees, ages and dates are never taken for one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers

from shared.arabic.normalise import Folded, Place

_CANDIDATE = re.compile(r"(?<![\d.,@a-z])(?<![^\d\s]/)(?:\+|00)? ?\(?\d(?:[ ().\-_]{0,2}\d){6,15}(?!\d)(?![.,]\d)")
_PIECE = re.compile(r"(?:\+|00)?\d(?:[ .]?\d){6,14}")
_WHATSAPP_LINK = re.compile(r"(?:wa\.me/|api\.whatsapp\.com/send/?\?phone=|whatsapp://send\?phone=)\+?(\d{8,15})")

# National shapes by region; the first region that fits is taken, after the region of the message.
_SHAPES: dict[str, re.Pattern[str]] = {
    "SA": re.compile(r"0?5\d{8}|01[1-7]\d{7}|9200\d{5}|800\d{7}"),
    "EG": re.compile(r"01[0125]\d{8}"),
    "AE": re.compile(r"05[024568]\d{7}|0[2-9]\d{7}"),
    "JO": re.compile(r"07[789]\d{7}"),
    "KW": re.compile(r"[5692]\d{7}"),
    "BH": re.compile(r"[36]\d{7}"),
    "QA": re.compile(r"[3567]\d{7}"),
    "OM": re.compile(r"[79]\d{7}"),
}
_WITHOUT_HINT = ("SA", "EG", "JO")
_COUNTRY_CODES = re.compile(
    r"(?:966|971|965|973|974|968|20|962|961|963|964|967|970|249|212|216|213|218|90|44|33|49|1|91|92|880|63)\d{7,12}"
)

# Digits in words, as they are dictated or hidden from machines: "صفر خمسة صفر …", "zero five double zero …".
_SPOKEN = {
    "صفر": "0", "واحد": "1", "اثنين": "2", "اثنان": "2", "ثنين": "2", "ثلاثه": "3", "ثلاث": "3", "اربعه": "4",
    "اربع": "4", "خمسه": "5", "خمس": "5", "سته": "6", "ست": "6", "سبعه": "7", "سبع": "7", "ثمانيه": "8",
    "ثمان": "8", "تسعه": "9", "تسع": "9", "zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
SPOKEN_WORDS = frozenset(_SPOKEN)
"""The words that a number is dictated in, in folded spelling."""

_A_DIGIT = rf"(?:(?:double |triple )?(?:{'|'.join(_SPOKEN)}))"
_SPELLED = re.compile(rf"(?<![^\W\d_]){_A_DIGIT}(?:[ ,.-]{{1,2}}(?:و ?)?{_A_DIGIT}){{6,14}}(?![^\W\d_])")
_SPOKEN_WORD = re.compile(rf"(?P<times>double |triple )?(?P<word>{'|'.join(_SPOKEN)})(?![^\W\d_])")


@dataclass(frozen=True, slots=True)
class Phone:
    """A number in E.164 and where it stands; `link` where it was an address of WhatsApp."""

    e164: str
    place: Place
    link: bool = False


def find_phones(text: Folded, region: str | None = None) -> list[Phone]:
    """All phone numbers from left to right; `region` (ISO country) says how to read local numbers without a code."""
    found = []
    taken: list[tuple[int, int]] = []
    for match in _WHATSAPP_LINK.finditer(text.text):
        number = _international(match[1])
        if number:
            found.append(Phone(number, text.place(*match.span()), link=True))
            taken.append(match.span())
    for match in _CANDIDATE.finditer(text.text):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        found += [Phone(number, text.place(start, end)) for number, start, end in _read(match, region)]
    for match in _SPELLED.finditer(text.text):
        number = to_e164(spoken_digits(match[0]), region)
        if number:
            found.append(Phone(number, text.place(*match.span())))
    return sorted(found, key=lambda phone: phone.place.start)


def spoken_digits(words: str) -> str:
    """The digits that number words say one by one, in folded spelling: "zero five double zero" is 0500."""
    times = {"double ": 2, "triple ": 3}
    return "".join(_SPOKEN[one["word"]] * times.get(one["times"], 1) for one in _SPOKEN_WORD.finditer(words))


def to_e164(words: str, region: str | None = None) -> str | None:
    """The E.164 form of one written number (folded digits), or None where it is none."""
    digits = re.sub(r"[^\d+]", "", words)
    if digits.startswith(("+", "00")):
        return _international(digits.lstrip("+").removeprefix("00"))
    for hint in dict.fromkeys(filter(None, (region, *_WITHOUT_HINT))):
        shape = _SHAPES.get(hint)
        if shape and shape.fullmatch(digits):
            return _parsed(digits, hint)
    if _COUNTRY_CODES.fullmatch(digits):
        return _international(digits, strict=True)
    return None


def _read(match: re.Match[str], region: str | None) -> list[tuple[str, int, int]]:
    """The number of a candidate, or the numbers of one that holds several side by side."""
    whole = to_e164(match[0], region)
    if whole:
        lead = len(match[0]) - len(match[0].lstrip())
        return [(whole, match.start() + lead, match.end())]
    pieces = []
    for piece in _PIECE.finditer(match[0]):
        number = to_e164(piece[0], region)
        if number:
            pieces.append((number, match.start() + piece.start(), match.start() + piece.end()))
    return pieces


def _international(digits: str, *, strict: bool = False) -> str | None:
    """The number with its country code; `strict` asks for a valid one, else a possible one will do."""
    try:
        parsed = phonenumbers.parse("+" + digits, None)
    except phonenumbers.NumberParseException:
        return None
    fine = phonenumbers.is_valid_number(parsed) if strict else phonenumbers.is_possible_number(parsed)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if fine else None


def _parsed(digits: str, region: str) -> str | None:
    try:
        parsed = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
