"""Whether a message holds a name, a place, an age, or free words that a model has put together from it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache

from services.extractor.offline.gazetteer import CITIES, COUNTRIES, DISTRICTS, FLAGS, REGIONS
from services.extractor.support.words import JOINED, Words, root_of
from shared.arabic.digits import find_numbers
from shared.arabic.normalise import fold, fold_text
from shared.contracts.calls import Evidence, Support

_ADDRESS = re.compile(r"https?:|www\.|@|\b[\w-]+\.(?:com|net|org|sa|ae|me|co|io|link|gle|ly)\b|wa\.me", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+|\d+")
_GENERIC = frozenset(
    "شركه شركة للانتاج الانتاج انتاج الفني الفنيه فنيه وكاله استوديو ستوديو مؤسسه موسسه للاعلام الاعلام السعوديه "
    "العربيه "
    "production productions company co studio studios agency media films film pictures group the of and casting talent "
    "talents entertainment كاستنج كاستينج".split()
)
# Letters that say nothing about how a name is written in the other script.
_SCRIPT = str.maketrans(
    {"ا": "", "ي": "", "و": "", "ه": "h", "ب": "b", "ت": "t", "ث": "t", "ج": "j", "ح": "h", "خ": "k", "د": "d",
     "ذ": "d", "ر": "r", "ز": "z", "س": "s", "ش": "s", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ع": "", "غ": "g",
     "ف": "f", "ق": "q", "ك": "k", "ل": "l", "م": "m", "ن": "n"}
)  # fmt: skip
_LATIN = str.maketrans({"a": "", "e": "", "i": "", "o": "", "u": "", "y": "", "w": "", "'": "", "c": "k", "g": "j"})
_LIKE = 0.85
_LONG_SKELETON = 5


def name(words: Words, wanted: str) -> Evidence | None:
    """Where a name stands: whole, or with at least half of the words that are its own."""
    if not words_only(words, wanted):
        return None
    if found := words.ground(wanted):
        return found
    folded = fold_text(wanted)
    own = [word for word in _WORD.findall(folded) if word not in _GENERIC] or _WORD.findall(folded)
    together = "".join(own)
    if len(together) > 5 and (at := words.folded.text.find(together)) >= 0:
        start, end = words.folded.span(at, at + len(together))
        return words.page.evidence_at(start, end, Support.NORMALISED)
    there = [found for word in own if (found := words.ground(word))]
    if own and len(there) * 2 >= len(own):
        return there[0].model_copy(update={"support": Support.DERIVED, "rule": "part_of_the_name"})
    return None


def phrase(words: Words, wanted: str, quotes: Iterable[str] = ()) -> Evidence | None:
    """Where words that a model chose stand, or the first of them that does; None where none of them does."""
    if found := words.ground(wanted) or words.first(quotes):
        return found
    for word in _WORD.findall(fold_text(wanted)):
        place = words.ground(word) if len(word) > 2 else None
        if place := place or _kin(words, word):
            return place.model_copy(update={"support": Support.DERIVED, "rule": "model_wording"})
    return None


def _kin(words: Words, word: str) -> Evidence | None:
    """Another form of the same word: ممثلان of ممثلات, أطفال of طفلين, friends of friend."""
    root = root_of(word)
    at = words.roots.get(root) if len(root) > 2 else None
    return words.derived(*at, "model_wording") if at else None


def words_only(words: Words, wanted: str) -> bool:
    """Whether words hold no address, and no number that the message does not hold: contacts and sums may hide there."""
    for match in _ADDRESS.finditer(wanted):
        there = re.search(rf"\S*{re.escape(match[0])}\S*", wanted)
        if there is None or fold_text(there[0]) not in words.folded.text:
            return False
    folded = fold(wanted)
    known = {figure.value for figure in words.figures}
    spoken = {number.value for number in find_numbers(folded, words=False)}
    spoken |= {Decimal(digits) for digits in re.findall(r"\d+", folded.text)}
    return all(value in known or f"{value:f}" in words.tokens for value in spoken)


def city(words: Words, wanted: str, quotes: Iterable[str]) -> tuple[str, Evidence] | None:
    """The city by its usual English name, and where it stands; None where no spelling of it does."""
    known = CITIES.get(fold_text(wanted)) or DISTRICTS.get(fold_text(wanted))
    usual = known[0] if known and known[0] else wanted
    if found := (_spelled(words, _spellings(usual)) if known else None) or words.ground(wanted):
        return usual, found
    return _transliterated(words, usual, quotes)


def _transliterated(words: Words, usual: str, quotes: Iterable[str]) -> tuple[str, Evidence] | None:
    """A city in a spelling that no list has, by its consonants: in quoted words, a long one anywhere."""
    wanted = fold_text(usual).translate(_LATIN).replace(" ", "")
    for quote in [*quotes, *([words.page.text] if len(wanted) >= _LONG_SKELETON else [])]:
        for word in re.findall(r"[^\W\d_a-z]+", fold_text(quote)):
            alike = JOINED.sub("", word).translate(_SCRIPT)
            close = len(alike) > 1 and alike[0] == wanted[:1] and abs(len(alike) - len(wanted)) <= 1
            if close and SequenceMatcher(None, wanted, alike).ratio() >= _LIKE and (place := words.ground(word)):
                return usual, place.model_copy(update={"support": Support.DERIVED, "rule": "transliteration"})
    return None


def country(words: Words, wanted: str, of_city: str | None) -> Evidence | None:
    """What tells the country: its city, its name, or its flag."""
    if of_city:
        known = CITIES.get(fold_text(of_city))
        if known is None or known[1] == wanted:
            return words.first([of_city]) or city_place(words, of_city)
    spelled = [
        spelling
        for table in (COUNTRIES, CITIES, DISTRICTS, REGIONS)
        for spelling, place in table.items()
        if place[1] == wanted
    ]
    if found := _spelled(words, spelled):
        return found
    flag = next((flag for flag, code in FLAGS.items() if code == wanted), None)
    at = words.shown.find(flag) if flag else -1
    return words.page.evidence_at(at, at + 2, Support.DERIVED, "flag") if at >= 0 else None


def city_place(words: Words, of_city: str) -> Evidence | None:
    """Where a city that was found stands."""
    found = city(words, of_city, ())
    return found[1] if found else None


def _spellings(of_city: str) -> list[str]:
    return [
        spelling for table in (CITIES, DISTRICTS) for spelling, place in table.items() if place[0] == of_city
    ]  # fmt: skip


def _spelled(words: Words, spellings: list[str]) -> Evidence | None:
    text = words.page.text
    at = min((match.span() for spelling in spellings if (match := _pattern(spelling).search(text))), default=None)
    return words.derived(*at, "gazetteer") if at else None


@lru_cache(maxsize=4_000)
def _pattern(spelling: str) -> re.Pattern[str]:
    bare = spelling.removeprefix("ال")
    article = "(?:ال|لل)" if bare != spelling else "(?:ال|لل)?"
    if spelling.isascii():
        return re.compile(rf"(?<![^\W_]){re.escape(spelling)}(?![^\W_])")
    return re.compile(rf"(?<![^\W\d_])(?:[وبفكل]|وب|ول)?{article}{re.escape(bare)}(?![^\W\d_])")


def ages(words: Words, low: int | None, high: int | None) -> bool:
    """Whether these ages are said, in figures or in words ("in her forties", a baby in months)."""
    return all(age is None or age in words.ages for age in (low, high))


def count(words: Words, wanted: int) -> bool:
    """Whether this number of people may be said: in figures, in words, or by the dual that Arabic has for two."""
    values = {figure.value for figure in words.figures}
    return (
        wanted == 1
        or Decimal(wanted) in values
        or (wanted == 2 and bool(re.search(r"(?:ين|تين|ان)\b", words.page.text)))
    )
