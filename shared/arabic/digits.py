"""Numbers in figures and in words: 1,500 · ١٬٥٠٠ · 1.5k · ٦٠ ألف · ألف وخمسمية · ميتين · نص مليون · twenty.

Works on a folded text, so Arabic-Indic and keycap digits and spelling variants are already one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from shared.arabic.normalise import Folded, Place

# Number words as folding leaves them (hamza dropped, ta marbuta as ha), standard and Gulf.
UNITS = {
    "واحد": 1, "واحده": 1, "وحده": 1, "اثنين": 2, "اثنان": 2, "اثنتين": 2, "ثنين": 2, "ثنتين": 2,
    "ثلاثه": 3, "ثلاث": 3, "تلاته": 3, "اربعه": 4, "اربع": 4, "خمسه": 5, "خمس": 5, "سته": 6, "ست": 6,
    "سبعه": 7, "سبع": 7, "ثمانيه": 8, "ثماني": 8, "ثمان": 8, "تسعه": 9, "تسع": 9,
    "عشره": 10, "عشر": 10, "احدعش": 11, "اثنعش": 12, "ثنعش": 12, "خمستعش": 15, "خمسطعش": 15, "عشرين": 20, "عشرون": 20,
    "اثني": 2, "اثنا": 2, "حداعش": 11, "اطنعش": 12, "ثلاثتعش": 13, "ثلطعش": 13, "اربعتعش": 14,
    "اربعطعش": 14, "ستعش": 16,
    "سطعش": 16, "سبعتعش": 17, "سبعطعش": 17, "ثمنتعش": 18, "ثمنطعش": 18, "تسعتعش": 19, "تسعطعش": 19, "تلاتين": 30,
    "ثلاثين": 30, "ثلاثون": 30, "اربعين": 40, "اربعون": 40, "خمسين": 50, "خمسون": 50, "ستين": 60, "ستون": 60,
    "سبعين": 70, "سبعون": 70, "ثمانين": 80, "ثمانون": 80, "تسعين": 90, "تسعون": 90,
}  # fmt: skip
HUNDREDS = {
    "ميه": 100, "مايه": 100, "مئه": 100, "ميت": 100, "ميتين": 200, "مايتين": 200, "مايتان": 200,
    "ميتان": 200, "مييتين": 200,
    "مايتي": 200, "مايتا": 200, "ميتي": 200, "ميتا": 200,
    "ثلاثميه": 300, "ثلاثمايه": 300, "ثلثميه": 300, "تلتميه": 300, "اربعميه": 400, "اربعمايه": 400, "ربعميه": 400,
    "خمسميه": 500, "خمسمايه": 500, "خمسميت": 500, "ستميه": 600, "ستمايه": 600, "سبعميه": 700, "سبعمايه": 700,
    "سبعمييه": 700, "ثمانيميه": 800, "ثمنمايه": 800,
    "ثمانميه": 800, "ثمانمايه": 800, "ثمنميه": 800, "تسعميه": 900, "تسعمايه": 900,
}  # fmt: skip
SCALES = {
    "الف": 1000, "الاف": 1000, "الفا": 1000, "الفين": 2000, "الفان": 2000,
    "مليون": 1_000_000, "ملايين": 1_000_000, "مليونين": 2_000_000,
    "k": 1000, "thousand": 1000, "million": 1_000_000,
}  # fmt: skip
ENGLISH = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "hundred": 100,
}  # fmt: skip
_PLAIN = {**UNITS, **HUNDREDS, **ENGLISH}
_DUAL = frozenset(("الفين", "الفان", "مليونين"))
_HUNDRED = frozenset(("ميه", "مايه", "مئه", "ميت"))
_HALVES = {"نص": Decimal("0.5"), "نصف": Decimal("0.5"), "ربع": Decimal("0.25")}


def _any_of(words: object) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))  # type: ignore[call-overload]


_FIGURE = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?(?!\d|,\d)|[1-9]\d? \d00(?! ?\d)(?!\.\d)|\d{1,9}(?:\.\d{1,2})?(?!\d)"
_WORD = rf"(?:{_any_of([*_PLAIN, *SCALES])})"
_AND_HALF = frozenset(("ونص", "ونصف"))
_NUMBER = re.compile(
    rf"(?:(?<![\w.,])|(?<=\b[وبل])|(?<=\bsar)|(?<=\baed)|(?<=\bkwd)|(?<=\bkd)|(?<=\bbhd)|(?<=\bqar)|(?<=\bomr)|"
    rf"(?<=\busd)|(?<=\bsr))"
    rf"(?:(?P<figure>{_FIGURE})(?: ?(?P<scale>الف|الاف|مليون|ملايين|thousand|million|k)(?![^\W\d_]))?"
    rf"|(?P<half>{_any_of(_HALVES)}) (?P<of>مليون|الف)(?!\w)"
    rf"|(?P<words>{_WORD}(?: و ?{_WORD}| {_WORD}){{0,5}}(?:(?<=الف|يون) ونصف?)?)(?!\w))"
)


_WORDS = re.compile(r"[^ ]+")
_UP_TO = re.compile(r" ?(?:-|الي|ل|لين|حتي|to) ?")


@dataclass(frozen=True, slots=True)
class Number:
    """A number and where it stands. `worded` numbers were written in words, at least in part."""

    value: Decimal
    place: Place
    worded: bool = False


def find_numbers(text: Folded, *, words: bool = True) -> list[Number]:
    """All numbers from left to right; without `words` only those in figures (with k and ألف after them)."""
    found = []
    for match in _NUMBER.finditer(text.text):
        if match["figure"]:
            value = Decimal(match["figure"].replace(",", "").replace(" ", "")) * SCALES.get(match["scale"] or "", 1)
            found.append(Number(value, text.place(*match.span()), bool(match["scale"])))
        elif words and match["half"]:
            found.append(Number(_HALVES[match["half"]] * SCALES[match["of"]], text.place(*match.span()), worded=True))
        elif words:
            found += [
                Number(worded_value(text.text[start:end]), text.place(start, end), worded=True)
                for start, end in _each_number(match)
            ]
    return _scaled(text.text, found)


def _each_number(match: re.Match[str]) -> list[tuple[int, int]]:
    """Where each number of a row of number words stands: "الفين وثلاثه الاف" are two, "الف وخمسميه" is one."""
    words = [(match.start("words") + one.start(), one[0]) for one in _WORDS.finditer(match["words"])]
    starts = [words[0][0]]
    group, smallest_scale, sizes = 0, None, set[int]()
    for at, (start, word) in enumerate(words):
        plain = word if word in _PLAIN or word in SCALES else word.removeprefix("و")
        if plain in SCALES:
            scale = 1_000_000 if SCALES[plain] >= 1_000_000 else 1_000
            if smallest_scale is not None and scale >= smallest_scale and (at > group or plain in _DUAL):
                starts.append(_without_and(*words[group]))
            group, smallest_scale, sizes = at + 1, scale, set()
            continue
        size = _size(word, plain, words[at - 1][1] if at > group else "")
        if size in sizes:
            starts.append(_without_and(start, word))
            group, smallest_scale, sizes = at, None, set()
        sizes.add(size)
    ends = [match.string.rfind(" ", 0, start) for start in starts[1:]]
    return list(zip(starts, [*ends, match.end("words")], strict=True))


def _without_and(start: int, word: str) -> int:
    """Where a number word begins, without the "and" that is joined to it."""
    return start + (word not in _PLAIN and word not in SCALES and word.startswith("و"))


def _size(word: str, plain: str, before: str) -> int:
    """The place that a number word fills: units, tens, hundreds; 0 for what multiplies or completes the word before."""
    value = _PLAIN.get(plain, 0)
    if value == 0 or plain == "hundred" or (plain in _HUNDRED and word == plain and before):
        return 0
    if value == 10 and before and word == plain:
        return 0  # "خمسه عشر"
    return 100 if value >= 100 else 10 if value >= 20 else 1


def _scaled(text: str, numbers: list[Number]) -> list[Number]:
    """In "8-12k" and "من ٨ إلى ١٢ ألف" the thousand belongs to both."""
    scaled = list(numbers)
    for at, (one, other) in enumerate(pairwise(numbers)):
        shared = other.worded and one.value < 1000 <= one.value * 1000 <= other.value and not one.worded
        if shared and _UP_TO.fullmatch(text, one.place.end, other.place.start):
            scaled[at] = Number(one.value * 1000, one.place, worded=True)
    return scaled


def worded_value(phrase: str) -> Decimal:
    """The value of number words in folded spelling: "الف وخمسميه" is 1500, "ميتين" 200. Unknown words count nothing."""
    total = current = 0
    for word in phrase.split():
        plain = word if word in _PLAIN or word in SCALES else word.removeprefix("و")
        if plain in _DUAL:
            total, current = total + current + SCALES[plain], 0
        elif plain in SCALES:
            total, current = total + (current or 1) * SCALES[plain], 0
        elif plain == "hundred" or (plain in _HUNDRED and word == plain and 3 <= current <= 9):
            current = (current or 1) * 100
        elif word in _AND_HALF:
            total += total // 2
        else:
            current += _PLAIN.get(plain, 0)
    return Decimal(total + current)
