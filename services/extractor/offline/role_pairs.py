"""Roles that are told apart by nothing but gender or voice: "6 F + 6 M", "2 guys 2 girls", "صوت سوداني + صوت يمني"."""

from __future__ import annotations

import re

from services.extractor.offline.ages import Age
from services.extractor.offline.page import Page
from services.extractor.offline.people import gender_of
from services.extractor.offline.role_lists import Slot, merged
from shared.contracts.calls import Gender

_F = r"(?:f(?:emales?)?|women|woman|girls?|ladies|lady|gals?|banat|بنات|بنت|نسا|سيدات|اناث|صبايا|حريم|فتيات)"
_M = r"(?:m(?:ales?)?|men|man|guys?|boys?|gents?|shabab|رجال|شباب|ذكور|عيال|اولاد|شبان)"
_AND = r" ?(?:\+|&|,|/|and|و|w|plus)? ?(?:و ?)?"
_COUNT = r"(?<![\d.,:/-])(?P<{}>\d{{1,3}}) ?[x×]? ?"
_COUNTED = re.compile(
    rf"{_COUNT.format('n1')}(?:(?P<f1>{_F})|(?P<m1>{_M}))(?![^\W\d_]){_AND}"
    rf"{_COUNT.format('n2')}(?:(?P<f2>{_F})|(?P<m2>{_M}))(?![^\W\d_])"
)
_AGED = re.compile(
    r"(?<![^\W_'])(?:(?P<f1>f|female)|(?P<m1>m|male)) ?:? ?(?P<a1>\d{2}) ?- ?(?P<b1>\d{2}) ?(?:,|/|\+|&|;|and|و)? ?"
    r"(?:(?P<f2>f|female)|(?P<m2>m|male)) ?:? ?(?P<a2>\d{2}) ?- ?(?P<b2>\d{2})(?!\d)"
)
_VOICE = re.compile(r"(?<![^\W\d_])و?(?:ب|ل)?صوت (?P<what>[^\W\d_]{2,12}(?:ي|يه))(?![^\W\d_])")
_VOICES_APART = re.compile(r"[^.\n]{0,30}(?:\+|,|و|/)[^.\n]{0,12}")


def paired_slots(page: Page, ages: list[Age]) -> list[Slot]:
    """A slot for each of two genders or several voices that the text sets side by side; none where it does not."""
    return _aged(page) or _counted(page, ages) or _voices(page)


def _counted(page: Page, ages: list[Age]) -> list[Slot]:
    match = _COUNTED.search(page.text)
    if match is None or bool(match["f1"]) == bool(match["f2"]):
        return []
    line_end = page.line_at(match.start())[1]
    age = merged([age for age in ages if age.labelled or match.end() <= age.place.start < line_end][:1] or ages[:1])
    spans = ((match.start(), match.start("n2")), (match.start("n2"), match.end()))
    return [
        Slot(
            start, end, page.words(start, end).strip(" +&,/"), Gender.FEMALE if match[f"f{at}"] else Gender.MALE, age,
            int(match[f"n{at}"]), "persons",
        )
        for at, (start, end) in enumerate(spans, start=1)
    ]  # fmt: skip


def _aged(page: Page) -> list[Slot]:
    match = _AGED.search(page.text)
    if match is None or bool(match["f1"]) == bool(match["f2"]):
        return []
    second = match.start("f2") if match["f2"] else match.start("m2")
    spans = ((match.start(), second), (second, match.end()))
    return [
        Slot(
            start, end, page.words(start, end).strip(" +&,/"), Gender.FEMALE if match[f"f{at}"] else Gender.MALE,
            (int(match[f"a{at}"]), int(match[f"b{at}"])), None, "persons",
        )
        for at, (start, end) in enumerate(spans, start=1)
    ]  # fmt: skip


def _voices(page: Page) -> list[Slot]:
    """Voices in a row, each with a word of its own."""
    found = list(_VOICE.finditer(page.text))
    if len({match["what"] for match in found}) < 2:
        return []
    row = found[:1]
    for match in found[1:]:
        if _VOICES_APART.fullmatch(page.text, row[-1].end(), match.start()) or page.text[match.start()] == "و":
            row.append(match)
    if len(row) < 2:
        return []
    common = gender_of(page.text[row[-1].end() : row[-1].end() + 14])
    return [
        Slot(
            match.start(), match.end(), page.words(*match.span()), gender_of(match["what"]) or common, None, None, "صوت"
        )
        for match in row
    ]
