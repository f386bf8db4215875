"""City and country: the first city named for the work; a dialect, a nationality or a home town names none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from services.extractor.offline.gazetteer import CITIES, COUNTRIES, DISTRICTS, DOUBTFUL, FLAGS, REGIONS, Place
from services.extractor.offline.page import Page
from shared.contracts.calls import Evidence, Support

_TOKEN = re.compile(r"[^\W_]+(?:['.][^\W_]+)*")
_LONGEST = 4
_FIRST_WORDS = frozenset(
    re.split(r"[ -]", name)[0] for table in (CITIES, DISTRICTS, COUNTRIES, REGIONS) for name in table
)
_CUE = re.compile(
    r"تصوير|نصور|يصور|الموقع|موقع|المكان|مكان|المدينه|المدن|مقر|استديو|استوديو|لوكيشن|shoot|film(?:ing|s)|"
    r"location|based|studio|city|session|held|place"
)
# "التصوير في" right before a city says more than any word elsewhere in the line.
_WORK_IN = re.compile(
    r"(?<![^\W\d_])(?:[وف]?(?:ال|لل|ب)?تصوير|[وف]?[نيبت]+صور|shoot(?:ing)?|film(?:ing|s)?)\s?:?\s?"
    r"(?:(?:راح|بيكون|يكون|will\sbe|is|takes\splace|كله|كامل|بالكامل)\s)?(?:(?:في|داخل|ب|in|at|around)\s)?(?:مدينه\s)?$"
)
# A firm, a university or an office that bears a city's name; a hashtag for all who search it.
_BEARS_NAME = re.compile(
    r"(?<![^\W\d_])(?:شركه|موسسه|وكاله|استوديو|ستوديو|جامعه|امانه|فرقه|نادي|قناه|اذاعه|مهرجان|موسم)\s$|#\s?$"
)
_ORIGIN = re.compile(
    r"(?:^|\s)(?:من\s(?:اهل|ابنا|بنات|سكان|اصل|مواليد)|(?<!يا\s)اهل|ابنا|لهجه|لهجات|اللهجه|اللهجات|باص\sمن|النقل\sمن|"
    r"from|native\sof|originally|dialects?|accent|بلهجه)\s(?:\w+(?:\s\w+)?\s?)?$"
)
_FROM = re.compile(r"(?:^|[\s(])(?:من|from)\s?:?\s?$")
_DIALECT_LIST = re.compile(r"لهج(?:ه|ات)[^\n]{0,40}$")
_PREPOSITION = re.compile(r"(?:^|\s)(?:في|بمدينه|مدينه|داخل|in|at|to|الي)\s$")
_COUNTRY_AFTER = re.compile(r"(?:اللهجه|لهجه|الجنسيه|جنسيه|اللهجات|الدراما|السينما|الهويه|بالهويه)\s$")
_COUNTRY_BEFORE = re.compile(r"(?:^|[\s\n(/,|:-])(?:في|داخل|ب|و|المملكه\sالعربيه|مناطق|across|in|over|all)?\s?$")
_DISTRICT_BEFORE = re.compile(r"(?:^|\s)(?:ال|ب|ف)?(?:حي|احيا|شارع|استوديو|استديو|او)\s$|[-,@|/:]\s?$")
_OTHER_CITY = r"(?:الرياض|العلا|مكه|جده|ينبع|القصيم|الطايف|تبوك)"
_MEDINA = re.compile(rf"{_OTHER_CITY}\s?(?:و|\+|,|/|-)\s?المدينه|و?المدينه\s?(?:\+|/|و|,|-)\s?{_OTHER_CITY}")
_TRAIT_AFTER = re.compile(r"\s(?:slang|accent|dialect|native|girl|boy|guy|vibe|style)s?(?!\w)")
_LIST_GAP = re.compile(r"\s?(?:,|/|-|و|\+|او|or|and|&)?\s?")
_QUOTED = re.compile(r'"[^"\n]{1,80}"')


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """Where the work is: `city` null where only the country is known. Evidence for each that is known."""

    city: str | None
    country: str | None
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class _Named:
    place: Place
    start: int
    end: int
    weight: int


def find_place(page: Page) -> FoundPlace:
    """The city of the work and its country, else a country named by word or flag, else nothing."""
    named = _named(page)
    cities = [one for one in named if one.weight >= 2 and one.place[0]]
    best = max(cities, key=lambda one: (one.weight, -one.start), default=None)
    if best:
        return FoundPlace(best.place[0], best.place[1], _evidence(page, best, "gazetteer"))
    countries = [one for one in named if one.place[0] is None and one.weight >= 2]
    if countries and len({one.place[1] for one in countries}) == 1:
        return FoundPlace(None, countries[0].place[1], _evidence(page, countries[0], "gazetteer"))
    flag = None if countries else _flag(page.raw)
    if flag:
        code, start = flag
        return FoundPlace(None, code, page.evidence_at(start, start + 2, Support.DERIVED, "flag"))
    return FoundPlace(None, None, None)


def _evidence(page: Page, named: _Named, rule: str) -> Evidence:
    place = page.folded.place(named.start, named.end)
    words = page.raw[place.raw_start : place.raw_end]
    verbatim = named.place[0] is not None and named.place[0].lower() in words.lower()
    return page.evidence(place, Support.VERBATIM if verbatim else Support.DERIVED, None if verbatim else rule)


def _flag(raw: str) -> tuple[str, int] | None:
    at = [(raw.find(flag), code) for flag, code in FLAGS.items() if flag in raw]
    if len(at) != 1:
        return None
    return at[0][1], at[0][0]


def _named(page: Page) -> list[_Named]:
    """Every place that is named, weighed: 5 right behind the work, 4 in a line about the location, 3 plain, 2 a
    district or a name in another's name, 0-1 doubtful.
    """
    text = page.text
    tokens = [match.span() for match in _TOKEN.finditer(text)]
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    found: list[_Named] = []
    at = 0
    while at < len(tokens):
        hit = _match_at(text, tokens, at) if _may_start(text[tokens[at][0] : tokens[at][1]]) else None
        if hit is None:
            at += 1
            continue
        place, words, last, prefixed = hit
        start, end = tokens[at][0], tokens[last][1]
        inside = any(begin < start and end < stop for begin, stop in quoted)
        weight = 0 if inside else _weight(page, words, place, start, prefixed)
        if found and found[-1].weight <= 1 and _LIST_GAP.fullmatch(text[found[-1].end : start]):
            weight = min(weight, found[-1].weight)  # "من: جازان، نجران" speaks of all of them
        found.append(_Named(place, start, end, weight))
        at = last + 1
    return found


def _match_at(text: str, tokens: list[tuple[int, int]], at: int) -> tuple[Place, str, int, bool] | None:
    """The longest name that starts at a token: (place, spelling, the last token, whether a preposition is joined)."""
    for length in range(min(_LONGEST, len(tokens) - at), 0, -1):
        last = at + length - 1
        words = text[tokens[at][0] : tokens[last][1]]
        if "\n" in words:
            continue
        words = words.replace("-", " ")
        for spelling, prefixed in _spellings(words):
            for table in (CITIES, DISTRICTS, COUNTRIES, REGIONS):
                if spelling in table:
                    return table[spelling], spelling, last, prefixed
    return None


@lru_cache(maxsize=4_096)
def _may_start(word: str) -> bool:
    """Whether some name begins with this word."""
    return any(spelling in _FIRST_WORDS for spelling, _ in _spellings(word.split("-", maxsplit=1)[0]))


def _spellings(words: str) -> list[tuple[str, bool]]:
    """The words as they are and without what Arabic joins to them: بالرياض, للرياض, والخبر, بجدة."""
    forms = [(words, False)]
    bare = words[1:] if words.startswith("و") and len(words) > 3 else words
    if bare is not words:
        forms.append((bare, False))
    if bare[:1] in ("ب", "ف") and len(bare) > 3:
        forms.append((bare[1:], True))
    if bare[:2] == "لل" and len(bare) > 4:
        forms.append(("ال" + bare[2:], True))
    elif bare[:1] == "ل" and len(bare) > 3:
        forms.append((bare[1:], True))
    return forms


def _weight(page: Page, words: str, place: Place, start: int, prefixed: bool) -> int:
    line_start, line_end = page.line_at(start)
    before = page.text[line_start:start]
    preposed = prefixed or bool(_PREPOSITION.search(before))
    cue = bool(_CUE.search(page.text[line_start:line_end]))
    if re.search(r"(?:all\sover|across|كل|جميع)\s$", before):
        return 2
    if _ORIGIN.search(before[-40:]) or (not preposed and _DIALECT_LIST.search(before[-40:])):
        return 0
    if words in DOUBTFUL and not (preposed or (cue and not re.search(r"(?:اي|كل)\s$", before))):
        return 0
    if words == "المدينه" and not prefixed and not _MEDINA.search(page.text[max(0, start - 14) : start + 22]):
        return 0
    if (
        words == "جده"
        and not prefixed
        and not re.search(r"(?:في|مدينه|داخل) $", before)
        and _is_grandmother(page, start)
    ):
        return 1
    if _TRAIT_AFTER.match(page.text, start + len(words)):
        return 0
    if place[0] is None:
        return _country_weight(words, before)
    if _FROM.search(before):
        return 1
    if words in DISTRICTS:
        return 2 if words.isascii() or preposed or _DISTRICT_BEFORE.search(before) else 0
    if _BEARS_NAME.search(before):
        return 2
    return 5 if _WORK_IN.search(before) else 3 + (1 if cue else 0)


def _country_weight(words: str, before: str) -> int:
    arabic = words in COUNTRIES and not words.isascii()
    return 0 if arabic and (_COUNTRY_AFTER.search(before) or not _COUNTRY_BEFORE.search(before)) else 2


def _is_grandmother(page: Page, start: int) -> bool:
    """جدة is a grandmother too: where a family or an age speaks of her."""
    around = page.text[start : start + 25]
    return bool(
        re.search(
            r"(?:عنده|عندها|عندكم|دور|مطلوب[ه]?|نبي|نحتاج|ابي)\s(?:\w+\s)?$", page.text[max(0, start - 20) : start]
        )
    ) or bool(
        re.search(
            r"جده\s?[(:-]?\s?\d{2}\s?(?:سن|عام|\+|وفوق|فما)|جده ?[,(-]? ?(?:فوق|اكبر|عمرها)|جده\s\(\d{2}|"
            r"جده\s(?:كبيره|عجوز|حنون|طيبه|سعوديه)|\(ام\s",
            around,
        )
    )
