"""Roles of a post that lists them: one slot a line, or several in a line that pairs names with ages.

1- نورة (٢٤-٣٠) عنيدة            • DR. ABEER (F, 38-45) psychologist
الأب ٣٥-٤٥ ، الأم ٣٠-٤٠          LAYAN — 21-25, skater
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from services.extractor.offline.ages import Age
from services.extractor.offline.page import Page
from services.extractor.offline.people import WORDS, bare, both, gender_of, tagged
from shared.contracts.calls import Gender

_MARKER = re.compile(
    r"^[*_~]{0,2}(?:[-•·◦‣+>]|\(?\d{1,2} ?[-.):/](?!\d)|\(?[a-z][.)] |\([^\W\d_]\)|[^\W\d_][.)] |"
    r"(?:اولا|ثانيا|ثالثا|رابعا|خامسا|سادسا|first|second|third) ?[:,-])[ *_~]*"
)
_LABEL = re.compile(
    r"^(?:role|roles|character|cast|lead|supporting|الدور|دور|الشخصيه|شخصيه|مطلوب|ومطلوب|بطل الاعلان|نحتاج|نبي|"
    r"need)(?: للبطوله)? ?[:：-] ?|^(?:مطلوب|نحتاج|need|looking for)[^:\n]{0,60}: ?"
)
_CIRCLED = re.compile(r"^\d (?=[^\W\d_])")
_NO_ROLE = re.compile(
    r"^(?:(?:ال|لل|ل)?(?:اعلان|فيلم|مسلسل|مسرحيه|كليب|برنامج|صوره|صور|فيديو|سيره|اسم|تصوير|موقع|مكان|مده|اجر|"
    r"اجور|عمر|اعمار|سن|لبس|زي|وقت|تجمع|حضور|تفرغ|طول|لهجه|لهجات|مطلوب ارسال|موافقه|مرحله|تدريب|بروفه|مقابله|"
    r"ملابس|عدد|شروط|شرط|جنسيه|جنسيات|لغات|مواصفات|مظهر|تقديم|تسجيل|تواصل|مكافاه|مقابل|قياس|فيه|نوع|مبلغ|من "
    r"سبق|لا|سعر|راتب|جايزه|ميزانيه)"
    r"|photo|video|self|reel|name|age|ages|height|location|shoot|pay|rate|rates|deadline|date|dates|send|must|"
    r"no |dress|wardrobe|time|call|wrap|email|whatsapp|please|if you|auditions?|rehearsals?|filming|register|"
    r"apply)"
)
_COUNT_WORDS = {
    "ثلاثه": 3, "ثلاث": 3, "اربعه": 4, "اربع": 4, "خمسه": 5, "خمس": 5, "سته": 6, "ست": 6, "سبعه": 7, "سبع": 7,
    "ثمانيه": 8, "ثمان": 8, "تسعه": 9, "تسع": 9, "عشره": 10, "عشر": 10, "عشرين": 20,
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "one": 1,
}  # fmt: skip
_TENS = {"عشرين": 20, "ثلاثين": 30, "اربعين": 40, "خمسين": 50, "ستين": 60, "سبعين": 70, "ثمانين": 80, "تسعين": 90}
_DUAL = frozenset("شابين بنتين رجلين ولدين ممثلتين طفلين شخصين اخوين فتاتين امراتين".split())
_COUNT_BEFORE = re.compile(
    rf"(?<![\d.,:/-])(?<!looking )(?<!ال)(?<!فوق )(?<!تحت )(?<![^\W\d_])و?"
    rf"(?P<n>\d{{1,4}}|{'|'.join(_COUNT_WORDS)})"
    rf"(?: و(?P<tens>{'|'.join(_TENS)}))?(?: ?[x×])? (?:(?!تقريبا|سن|عام|ريال|years|yrs|"
    rf"شهر|يوم)[^\W\d_]+ )?$"
)
_SIX_OF = re.compile(r"ست (?:بنات|شباب|نسا|رجال|اطفال|اولاد|سيدات|ممثلات|موديلز|فتيات)")  # a number, and no lady
_COUNT_AFTER = re.compile(
    r"^[^\n]{0,60}?(?:(?:عدد|العدد|عددهم|[x×]) ?[:=]? ?(?P<n>\d{1,3})(?!\d)"
    r"|(?<![\d.,:/-])(?P<of>\d{1,3}) (?:شخص|اشخاص|نفر|انفار|persons|people|pax)(?![^\W\d_])"
    r"|\( ?(?P<in>\d{1,3}) (?:اولاد|بنات|شباب|رجال|اطفال|نسا|boys|girls|men|women|kids) ?\))"
)
_ALONE = re.compile(r"(?:[,(-] ?|^)(?P<a>\d{1,2}) ?(?=[,)-]|$)")
_SUM = re.compile(
    r"(?<!\d)\d{3,} ?(?:ريال|درهم|دينار|دولار|sar|sr|aed|kwd|usd|qar|bhd|omr|جنيه)|(?:sar|aed|kwd|qar|bhd|omr|"
    r"usd) ?\d{2,}|\d{3,5} (?:لل|كاش|each|per )"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_HIS_SON = re.compile(r"[\W_]*و?[اإ]بن(?:ه|ها|هم)\s")  # "ابنه" is his son; folding makes it one with "ابنة"


@dataclass(frozen=True, slots=True)
class Slot:
    """A role as it was found: folded [start, end) of its words, what they settle, and whether it is a list's entry."""

    start: int
    end: int
    name: str
    gender: Gender | None
    age: tuple[int | None, int | None] | None
    count: int | None
    word: str = ""  # the word for people, where a running text named it
    labelled: bool = False  # named as a role: "دور سالم"


def listed_slots(page: Page, ages: list[Age]) -> list[Slot]:
    """The slots of all list lines; fewer than two, unless marked as a list, are none."""
    lines = [(start, end) for start, end in _lines(page.text)]
    items = [(line, _is_marked(page, *line)) for line in lines if _is_item(page, *line, ages)]
    if len(items) > 1 and items[0][0][0] == 0 and not any(age.place.start < items[0][0][1] for age in ages):
        items = items[1:]  # the first line of a message is its heading, not an entry
    if not items:
        return []
    spans = _with_neighbours(page, [line for line, _ in items], lines)
    slots = [slot for start, end in spans for slot in _slots(page, start, end, ages)]
    return slots if len(slots) > 1 else []


def _with_neighbours(page: Page, items: list[tuple[int, int]], lines: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The items and the short lines beside them that begin with a word for people: entries without an age."""
    chosen = set(items)
    for at, line in enumerate(lines):
        beside = (at > 0 and lines[at - 1] in chosen) or (at + 1 < len(lines) and lines[at + 1] in chosen)
        if line in chosen or not beside or line[1] - line[0] > 70:
            continue
        words = page.text[_body(page, *line) : line[1]].lstrip("*_~\"' ")
        first = bare((_WORD.findall(words) or [""])[0])
        if (
            first
            and first != "جده"
            and WORDS[first]
            and not _NO_ROLE.match(words)
            and not re.search(r"\d{3}|:$", words)
        ):
            chosen.add(line)
    return sorted(chosen)


def _lines(text: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for line in text.split("\n"):
        spans.append((start, start + len(line)))
        start += len(line) + 1
    return spans


def _is_marked(page: Page, start: int, end: int) -> bool:
    """Whether a bullet, a number, a letter or a picture opens the line."""
    if start == end:
        return False
    if _MARKER.match(page.text[start:end]) or unicodedata.category(page.raw[page.folded.starts[start]]) == "No":
        return True
    raw_start = page.folded.starts[start]
    line = page.raw[page.raw.rfind("\n", 0, raw_start) + 1 :][:3].strip()
    keycap = "\u20e3" in line
    return bool(line) and (keycap or unicodedata.category(line[0]) in ("So", "Sm") or line[0] in "ـ▪•")


def _body(page: Page, start: int, end: int) -> int:
    """Where the words of a line begin, behind its marker and a label like "ROLE:"."""
    for pattern in (_MARKER, _CIRCLED, _LABEL):
        match = pattern.match(page.text[start:end])
        if match and start + match.end() < end:
            start += match.end()
    return start


def _is_item(page: Page, start: int, end: int, ages: list[Age]) -> bool:
    body = _body(page, start, end)
    words = page.text[body:end].lstrip("*_~\"' ")
    if not words or len(words) > 220 or _NO_ROLE.match(words):
        return False
    own = [age for age in ages if body <= age.place.start < end and not age.labelled]
    marked = _is_marked(page, start, end)
    if own:
        before = page.text[body : own[0].place.start]
        return bool(_WORD.search(before)) and (marked or len(before) <= 70)
    if not marked or _SUM.search(words):
        return False
    first = _WORD.findall(words)[:3]
    if first and (tagged(words) or both(words)) and len(words) <= 90:
        return True
    return any(bare(word) for word in first) or _ALONE.search(words[:40]) is not None


def _slots(page: Page, start: int, end: int, ages: list[Age]) -> list[Slot]:
    body = _body(page, start, end)
    own = [age for age in ages if body <= age.place.start < end and not age.labelled]
    cuts = _cuts(page, body, end, own)
    return [_slot(page, begin, stop, [age for age in own if begin <= age.place.start < stop]) for begin, stop in cuts]


def _cuts(page: Page, body: int, end: int, own: list[Age]) -> list[tuple[int, int]]:
    """Where one slot of a line ends and the next begins: at the separator before a name that has an age of its own."""
    starts = [body]
    for age, following in pairwise(own):
        between = page.text[age.place.end : following.place.start]
        cut = re.search(r"(?:[/,+;|]| -(?= )|\.(?= )| و(?=[^\W\d_]{2})| (?:and|or) )", between)
        words = _WORD.findall(between[cut.end() :]) if cut else []
        if cut and words:
            starts.append(age.place.end + cut.end())
    last = own[-1].place.end if own else body
    tail = re.search(r"(?:[,+/]| -(?= )) ?(?=\d{0,3} ?(?P<head>[^\W\d_]+))", page.text[last:end]) if own else None
    counted = tail is not None and re.match(r" ?\d", page.text[last + tail.end() : end]) is not None
    if tail and ((counted and bare(tail["head"])) or (" -" in tail[0] and len(own) > 1)):
        starts.append(last + tail.end())
    return list(zip(starts, [*starts[1:], end], strict=True))


def _slot(page: Page, start: int, end: int, ages: list[Age]) -> Slot:
    segment = page.text[start:end]
    age = merged(ages)
    alone = _ALONE.search(segment) if age is None else None
    if alone and 3 <= int(alone["a"]) <= 90:
        age = (int(alone["a"]), int(alone["a"]))
    gender = Gender.MALE if _HIS_SON.match(page.words(start, end)) else _gender(segment)
    return Slot(start, end, _name(page, start, end), gender, age, count_in(segment))


def _gender(segment: str) -> Gender | None:
    return gender_of(segment.lstrip("*_~\"' "), item=True)


def merged(ages: list[Age]) -> tuple[int | None, int | None] | None:
    """One range over all of them."""
    if not ages:
        return None
    lows, highs = [age.low for age in ages], [age.high for age in ages]
    low = None if None in lows else min(age for age in lows if age is not None)
    high = None if None in highs else max(age for age in highs if age is not None)
    return low, high


def count_in(segment: str) -> int | None:
    """How many are sought: a number in front of the word for people, a dual, or "عدد ٥"."""
    for match in re.finditer(r"[^\W\d_]+", segment):
        word = match[0].removeprefix("و").removeprefix("ال")
        if word in _DUAL:
            return 2
        if bare(match[0]) is None or _SIX_OF.match(segment, match.start()):
            continue
        number = _COUNT_BEFORE.search(segment[: match.start()])
        if number:
            words = _COUNT_WORDS | _TENS
            value = int(number["n"]) if number["n"].isdigit() else words[number["n"]]
            value += words[number["tens"]] if number["tens"] else 0
            return value if 1 <= value <= 1000 else None
        break
    after = _COUNT_AFTER.match(segment)
    return int(after[after.lastgroup or 0]) or None if after else None


def _name(page: Page, start: int, end: int) -> str:
    """The words up to the first bracket, colon, dash, comma or age."""
    words = page.words(start, end).strip(" *_~-–—•,،:()[]«»\"'")
    words = re.split(r"\s[–—-]|[:،,(/؛|]|\s\d|\s[٠-٩]|\d", words, maxsplit=1)[0] if words[:1].isalpha() else words
    name = words.strip(" *_~-–—•,،:()[]«»\"'.")
    return name[:80] or page.words(start, end)[:80] or "role"
