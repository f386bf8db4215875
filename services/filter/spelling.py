"""The spellings in which an entry of a word list is found: prefixes that Arabic writes on a word, and noun endings."""

from __future__ import annotations

import re
from collections.abc import Iterator

Words = tuple[str, ...]

_ARABIC = re.compile(r"[\u0621-\u064a]+")
_PREFIXES = ("و", "ف", "ب", "ل", "ال", "وال", "فال", "بال", "لل", "ولل", "وب", "ول", "هال", "عال", "كال")
_PREFIXES_OF_DEFINITE = ("و", "ف", "ب", "ه", "ك")  # before a word that is written with its article: "والتصوير"
_ARABIC_ENDINGS = ("ه", "ات", "ين", "ون", "ان", "تين", "ا", "ي")
_LATIN_ENDINGS = ("s", "es")
_SHORTEST_PREFIXED = 3  # of one and two letters too many other words would be made ("لام", "وجد")


def forms(words: Words, *, stem: bool, exact: bool) -> Iterator[Words]:
    """Every spelling of an entry: the endings that `~` asks for, times the prefixes that Arabic writes on the word."""
    arabic = _ARABIC.fullmatch(words[0]) is not None
    *front, last = words
    lasts = [last]
    if stem:
        lasts += [last + ending for ending in (_ARABIC_ENDINGS if _ARABIC.fullmatch(last) else _LATIN_ENDINGS)]
    for spelled in lasts:
        first, *rest = *front, spelled
        yield (first, *rest)
        if arabic and not exact and len(first) >= _SHORTEST_PREFIXED:
            for prefixed in _prefixed(first):
                yield (prefixed, *rest)


def _prefixed(word: str) -> Iterator[str]:
    if word.startswith("ال") and len(word) > _SHORTEST_PREFIXED + 1:
        yield from (prefix + word for prefix in _PREFIXES_OF_DEFINITE)
        yield from ("لل" + word[2:], "ولل" + word[2:])
    else:
        yield from (prefix + word for prefix in _PREFIXES)
