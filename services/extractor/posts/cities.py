"""The cities that a post names."""

from __future__ import annotations

import re
from functools import lru_cache

from services.extractor.offline.gazetteer import CITIES, DISTRICTS
from services.extractor.offline.page import Page
from services.extractor.posts.numbers import take

_PLACE_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")


def cities_of(page: Page, taken: bytearray) -> frozenset[str]:
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
            if (city := _city(name)) and not taken[span[0][0]]:
                found.add(city)
                take(taken, span[0][0], span[-1][1])
                at += length - 1
                break
        at += 1
    return frozenset(found)


@lru_cache(maxsize=4_096)
def _city(name: str) -> str | None:
    forms = [name, name[1:] if name[:1] in "وبفل" else name, name[2:] if name[:2] in ("وب", "وف") else name]
    if name.startswith("لل"):
        forms.append("ال" + name[2:])
    for form in forms:
        if len(form) > 2 and (place := CITIES.get(form) or DISTRICTS.get(form)):
            return place[0]
    return None
