"""Playing ages: "٢٢-٢٨", "٤٠ فما فوق", "فوق الأربعين", "في الخمسينات", "late 20s", "طفلة ٨ سنوات", "6-9 شهور"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.extractor.offline.age_words import (
    DECADES,
    EXPERIENCE,
    LABEL,
    LABELLED,
    NEEDED,
    NOT_AGE_BEFORE,
    NOT_THEIRS,
    OLD_AGE,
    ONES,
    PATTERNS,
    TENS,
)
from services.extractor.offline.page import Page
from shared.arabic.normalise import Place


@dataclass(frozen=True, slots=True)
class Age:
    """An age range, both ends included, null where open. `labelled` where a word like "العمر" introduces it."""

    low: int | None
    high: int | None
    place: Place
    labelled: bool
    rule: str


def find_ages(page: Page, busy: Iterable[Place]) -> list[Age]:
    """All playing ages from left to right. Numbers in `busy` places (dates, phones, sums) are none."""
    taken = bytearray(len(page.text))
    for place in busy:
        taken[place.start : place.end] = b"\x01" * (place.end - place.start)
    found: list[Age] = []
    for rule, pattern in PATTERNS:
        if not any(stem in page.text for stem in NEEDED.get(rule, ("",))):
            continue
        for match in pattern.finditer(page.text):
            if any(taken[match.start() : match.end()]):
                continue
            age = _age(page, rule, match)
            if age:
                taken[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
                found.append(age)
    return sorted(found, key=lambda age: age.place.start)


def _age(page: Page, rule: str, match: re.Match[str]) -> Age | None:
    before = page.text[max(0, match.start() - 30) : match.start()].rsplit("\n", 1)[-1]
    if NOT_AGE_BEFORE.search(before) or (rule in ("single", "plus") and EXPERIENCE.search(before)):
        return None
    number = match.start("a") if match.groupdict().get("a") else match.start()
    line = page.text[max(0, number - 90) : number].rsplit("\n", 1)[-1]
    if NOT_THEIRS.search(line):
        return None
    ends = _born(match, page.now.year) if rule == "born" else _ends(rule, match)
    if ends is None or (rule in ("single", "plus") and (ends[0] or 0) < 3) or (ends[0] is not None and ends[0] > 95):
        return None
    labelled = (
        rule != "months" and not OLD_AGE.search(before) and bool(LABELLED.search(before) or re.match(LABEL, match[0]))
    )
    start = match.start("a") if rule == "single" and not labelled else match.start()
    return Age(ends[0], ends[1], page.folded.place(start, match.end()), labelled, f"age_{rule}")


def _ends(rule: str, match: re.Match[str]) -> tuple[int | None, int | None] | None:
    groups = match.groupdict()
    if rule == "to_years":
        return int(groups["a"]) // 12, 2 if groups["y"].endswith("ين") else 1
    if rule == "months":
        fits = groups["b"] and int(groups["a"]) < int(groups["b"]) <= 24
        return (int(groups["a"]) // 12, int(groups["b"]) // 12) if fits else None
    if rule in ("range", "either"):
        low, high = int(groups["a"]), int(groups["b"])
        return (low, high) if low < high <= 95 else None
    if rule == "worded":
        age = ONES[groups["u"]] + TENS[groups["w"]]
        return age, None if groups["up"] else age
    if rule == "words":
        return TENS[groups["a"]], TENS[groups["b"]]
    if rule == "max":
        return None, int(next(groups[name] for name in "abcde" if groups.get(name)))
    if rule == "plus":
        words = next(groups[name] for name in "abc" if groups.get(name))
        return int(TENS.get(words, 0) or words), None
    if rule == "decades":
        return _decade(groups["d"] or groups["w"]), _decade(groups["e"] or groups["v"]) + 9
    if rule == "part":
        start, part = _decade(groups["d"]), groups["part"]
        early, late = (
            part.endswith("early") or part.startswith(("اوا", "بدا")),
            part.endswith("late") or part in ("اواخر", "نهايه"),
        )
        if part == "اواخر":
            early = False
        return (start, start + 3) if early else (start + 7, start + 9) if late else (start + 4, start + 6)
    if rule == "decade":
        start = _decade(groups.get("d") or groups.get("w") or groups.get("e") or "")
        return start, start + 9
    value = TENS[groups["w"]] if groups.get("w") else int(groups["a"])
    return value, value


def _born(match: re.Match[str], year: int) -> tuple[int | None, int | None] | None:
    """The ages that years of birth make in a year: "مواليد 95-2000" are 26 to 31 in 2026."""
    years = [_year(match[name], year) for name in "ab" if match[name]]
    ages = sorted(year - born for born in years)
    if ages[0] < 0 or ages[-1] > 95:
        return None
    return None if match["up"] and len(ages) > 1 else (None if match["up"] else ages[0], ages[-1])


def _year(words: str, now: int) -> int:
    short = int(words)
    return short if len(words) == 4 else short + (1900 if short > now % 100 else 2000)


def _decade(words: str) -> int:
    if words[0].isdigit():
        return int(words[:2])
    return next(start for stem, start in DECADES.items() if words.startswith(stem))
