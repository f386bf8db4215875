"""The words of a post that are left when its numbers, dates, addresses and cities are taken out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from services.extractor.offline.people import WORDS
from services.extractor.posts.vocabulary import ALIKE, EMPTY, NATIONS, PAID, PAY_WORDS
from shared.contracts.calls import Gender

_WORD = re.compile(r"[^\W\d_]+")

_WEAK = re.compile("[اويه]|(?<=.{3})ات$|(?<=.{3})ين$")
_LETTERS = {"m": "male", "f": "female"}  # of a list of roles: "LAMA (F, 20-25)"
_PREFIX = re.compile(r"^(?:وال|بال|فال|كال|لل|ال|و(?=\w{4})|ب(?=\w{4})|ل(?=\w{4}))")


@dataclass(frozen=True, slots=True)
class Word:
    """A word that says something, without what Arabic joins in front of it, and its line."""

    text: str
    line: int


def words_of(text: str, taken: bytearray) -> tuple[Word, ...]:
    """The telling words of a folded text with its lines, in order; what is `taken` is left out."""
    found = []
    line = 0
    at = 0
    for match in _WORD.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        if taken[match.start()]:
            continue
        if word := telling(_LETTERS.get(match[0], match[0])):
            found.append(Word(word, line))
    return tuple(found)


@lru_cache(maxsize=4_096)
def telling(word: str) -> str | None:
    """The word in its bare form; None for one that is in every call."""
    if len(word) < 2 or word in EMPTY or not word[0].isalpha() or "\ue000" <= word[0] <= "\uf8ff":
        return None
    bare = bare_of(word)
    return None if bare in EMPTY or len(bare) < 2 else bare


def bare_of(word: str) -> str:
    """The word without what Arabic joins in front."""
    if word in WORDS or word in ALIKE:
        return word
    if word[0] == "و" and word[1:] in WORDS:
        return word[1:]
    if word.removesuffix("ه") in WORDS:
        return word
    bare = _PREFIX.sub("", word)
    return bare if len(bare) >= 3 else word


def alike(one: str, other: str) -> bool:
    """Whether two words are one: the same, a plural of the same, or the same but for one letter in a long word."""
    if one == other or (one in ALIKE and ALIKE.get(one) == ALIKE.get(other)) or _is_form(one, other):
        return True
    if one in WORDS or other in WORDS or nationality(one) or nationality(other) or abs(len(one) - len(other)) > 1:
        return False
    if {one + "ه", one + "ا"} & {other} or {other + "ه", other + "ا"} & {one}:
        return len(one) > 4 and len(other) > 4
    return min(len(one), len(other)) >= 5 and _one_letter(one, other)


def _is_form(one: str, other: str) -> bool:
    """Whether one word is a form of the other: by its beginning or ending, or of people by the letters that stay."""
    short, long = sorted((one, other), key=len)
    if len(short) > 2 and long[1:] == short and long[0] in "لبوف":  # too short a word to be sure of it alone
        return True
    if len(one) == len(other) > 3 and one[:-1] == other[:-1] and {one[-1], other[-1]} == {"ه", "ي"}:
        return not (is_person(one) or is_person(other) or nationality(one) or nationality(other))  # "جامعة", "جامعي"
    bare = short.removesuffix("ا")
    if len(bare) > 2 and long in (f"{bare}ين", f"{bare}ون", f"{short}s", f"{short.removesuffix('ه')}ات"):
        return _one_sex(short, long)
    if not (is_person(one) or is_person(other)) or "ه" in one + other or not _one_sex(one, other):
        return False
    root = _WEAK.sub("", one)
    return len(root) > 2 and root == _WEAK.sub("", other)


def _one_sex(one: str, other: str) -> bool:
    return gender(one) == gender(other) or None in (gender(one), gender(other))


def _one_letter(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) == len(long):
        return sum(a != b for a, b in zip(short, long, strict=True)) <= 1
    return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


def gender(word: str) -> str | None:
    """Whether a word for people says men or women."""
    found = WORDS.get(word, WORDS.get(word.removeprefix("ال")))
    return None if found is None or found is Gender.ANY else str(found)


def is_of_pay(words: Iterable[str]) -> bool:
    """Whether words speak of pay: one says whether there is any, or all name what is given."""
    named = list(words)
    return any(word in PAID for word in named) or all(word in PAY_WORDS for word in named)


def is_arabic(word: str) -> bool:
    """Whether it is written in Arabic letters."""
    return "\u0600" <= word[0] <= "\u06ff"


def is_person(word: str) -> bool:
    """Whether it is a word for people."""
    return word in WORDS


def nationality(word: str) -> str | None:
    """The nation, people or dialect that a word names."""
    return NATIONS.get(word)
