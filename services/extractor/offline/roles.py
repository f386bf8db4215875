"""Roles: from a list where there is one, else from the people that a running text seeks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.extractor.offline.ages import Age
from services.extractor.offline.page import Page
from services.extractor.offline.people import BABIES, CHILDREN, PLURAL, bare, both, by_traits, gender_of, tagged
from services.extractor.offline.requirements import find_requirements
from services.extractor.offline.role_heads import WEAK, Head, find_heads
from services.extractor.offline.role_lists import Slot, count_in, listed_slots, merged
from services.extractor.offline.role_merges import one_slot_each
from services.extractor.offline.role_pairs import paired_slots
from shared.arabic.normalise import fold_text
from shared.contracts.calls import Evidence, Gender, Role, Support

_ONLY = re.compile(
    r"(?<![^\W\d_])(?:ل?ل?(?:ال)?(?P<f>بنات|سيدات|نسا|اخوات|فتيات)\sفقط|(?P<f2>ladies|females?|women|"
    r"girls)\sonly|ل?ل?(?:ال)?(?P<m>رجال|شباب|ذكور)\sفقط|(?P<m2>males?|men|guys|boys)\sonly|مطلوب(?P<f3>ه)|"
    r"(?P<f4>يا\s(?:بنات|حلوات)|ladies))(?![^\W\d_])"
)
_COORDINATED = re.compile(r"[^\n.:!?\d]{0,18}(?:[,+/&]| و| and ) ?(?:و|and )?(?:[^\W\d_]+ )?$")
_SOUGHT = re.compile(
    r"(?<!\w)(?:مطلوبه?|نحتاج|محتاجين|محتاجه?|نبحث عن|يبحث عن|تبحث عن|نبي|نبغي|ابغي|ابي|ندور علي|ادور) "
    r"(?:ل)?(?P<word>[^\W\d_]{3,})"
)
_WORD = re.compile(r"[^\W\d_]+")
_TAG = re.compile(r"<[^<>\n]{0,80}>?")
_LONE = re.compile(
    r"(?:^|[.,\n!] ?)(?P<word>رجل|رجال|امراه|نسا|بنت|بنات|شاب|شباب|male|female|man|woman) ?(?=[.,\n!]|$)"
)
_GENDER_LINE = re.compile(r"(?:^|\n)[^\w\n]{0,6}(?:الجنس|gender|sex) ?[:=-] ?([^\n]{1,30})")
_APPLYING = r"(?!للتقديم|للتقدم|للمشاركه|للانضمام|to |for )"
_MOST = 60


@dataclass(frozen=True, slots=True)
class FoundRole:
    """A role and the words that describe it."""

    role: Role
    evidence: Evidence


def find_roles(page: Page, ages: Iterable[Age]) -> list[FoundRole]:
    """The roles in the order of the text; none where no one is named."""
    known = list(ages)
    slots = listed_slots(page, known) or paired_slots(page, known) or _running(page, known)
    slots = _beside_women(slots)
    return [_role(page, slot) for slot in _with_labelled_gender(page, _with_common_age(slots, known))[:_MOST]]


def _beside_women(slots: list[Slot]) -> list[Slot]:
    """A masculine plural beside its feminine one means men: "ممثلون … ممثلات"."""
    firsts = [fold_text(slot.name).partition(" ")[0] for slot in slots]
    women = {first.removesuffix("ات") for first in firsts if first.endswith("ات")}
    return [
        replace(slot, gender=Gender.MALE)
        if slot.gender is None and first.endswith(("ون", "ين")) and first[:-2] in women
        else slot
        for slot, first in zip(slots, firsts, strict=True)
    ]


def _role(page: Page, slot: Slot) -> FoundRole:
    low, high = slot.age or (None, None)
    name = " ".join(_TAG.sub(" ", slot.name).split())[:80] or "role"
    if slot.age is None and re.search(r"teen|مراهق", name.lower()):
        low, high = 13, 19
    place = page.folded.place(slot.start, min(slot.end, slot.start + 200))
    asked = find_requirements(page.raw[place.raw_start : place.raw_end], name, listed=not slot.word)
    role = Role(name=name, gender=slot.gender, age_min=low, age_max=high, count=slot.count, requirements=asked)
    return FoundRole(role, page.evidence(place, Support.DERIVED, "role_words"))


def _with_common_age(slots: list[Slot], ages: list[Age]) -> list[Slot]:
    """An age said once for all ("العمر ١٨-٢٥", "كلهم فوق ٣٠") goes to every slot without its own."""
    lacking = [slot for slot in slots if slot.age is None]
    outside = [age for age in ages if not any(slot.age and slot.start <= age.place.start < slot.end for slot in slots)]
    if not lacking or not outside:
        return slots
    labelled = [age for age in outside if age.labelled]
    if labelled:
        common = merged(labelled[:1])
    elif len(lacking) == len(slots):
        common = merged(outside[:1])
    else:
        return slots
    return [replace(slot, age=common) if slot.age is None else slot for slot in slots]


def _with_labelled_gender(page: Page, slots: list[Slot]) -> list[Slot]:
    """A gender on a line of its own ("الجنس: ذكر", "Gender: female") said once, goes to every slot without one."""
    labels = _GENDER_LINE.findall(page.text)
    if len(labels) != 1:
        return slots
    gender = Gender.ANY if both(labels[0]) else tagged(labels[0])
    return [replace(slot, gender=gender) if slot.gender is None else slot for slot in slots]


def _running(page: Page, ages: list[Age]) -> list[Slot]:
    heads = find_heads(page, ages)
    chosen = _chosen(page, heads)
    slots = [_slot_of(page, head, chosen, ages) for head in chosen]
    return one_slot_each(page, slots)


def _chosen(page: Page, heads: list[Head]) -> list[Head]:
    """The heads that are sought: those that score, those coordinated with them; the best one where none does."""
    if not any(head.score >= 3 for head in heads):
        return sorted(heads, key=lambda head: (-head.score, head.start))[:1]
    named = any(head.labelled for head in heads)
    chosen: list[Head] = []
    for head in heads:
        beside = chosen and _COORDINATED.fullmatch(page.text[chosen[-1].end : head.start])
        attached = page.text[head.start : head.end].startswith("و")
        coordinated = (
            chosen
            and (beside or (attached and head.start - chosen[-1].end < 18))
            and head.score >= 0
            and head.word not in WEAK
        )
        if head.score >= (4 if named and not head.labelled else 3) or coordinated:
            chosen.append(head)
    return chosen


def _slot_of(page: Page, head: Head, chosen: list[Head], ages: list[Age]) -> Slot:
    following = min((other.start for other in chosen if other.start > head.start), default=len(page.text))
    line_start, line_end = page.line_at(head.start)
    end = max(min(following, line_end, head.start + 120), head.end)
    own = _own_ages(page, head, chosen, ages, line_end)
    before = _behind_people(page.text[max(line_start, head.start - 14) : head.start].rsplit(",", 1)[-1])
    count = count_in(before + page.text[head.start : head.end])
    if count is None and head.word in CHILDREN and head.word not in PLURAL:
        count = 1
    gender = head.gender or _neutral_gender(page, head, end, several=(count or 1) > 1)
    name = page.words(head.start, _name_end(page.text, head, end))
    return Slot(head.start, end, name[:80] or head.word, gender, merged(own), count, head.word, head.labelled)


def _behind_people(words: str) -> str:
    """What stands behind the last word for people, so that nobody else's number is taken: "خمسة شباب وثلاث [بنات]"."""
    ends = [match.end() for match in _WORD.finditer(words) if bare(match[0])]
    return words[ends[-1] :] if ends else words


def _name_end(text: str, head: Head, end: int) -> int:
    """The head and up to two words that follow it without a break."""
    match = re.match(rf"(?: {_APPLYING}[^\W\d_]{{2,}}){{0,2}}", text[head.end : end])
    return head.end + (match.end() if match else 0)


def _own_ages(page: Page, head: Head, chosen: list[Head], ages: list[Age], line_end: int) -> list[Age]:
    """The age that stands nearest to a head and to no other, with those that follow it directly."""
    own: list[Age] = []
    for age in ages:
        if not (head.start - 16 <= age.place.start < line_end) or (
            age.labelled and not _says_of(page, head, age, chosen)
        ):
            continue
        if min(chosen, key=lambda other: _away(other, age)) is not head or _away(head, age) > 70:
            continue
        if not own or age.place.start - own[-1].place.end <= 6:
            own.append(age)
    return own


def _says_of(page: Page, head: Head, age: Age, chosen: list[Head]) -> bool:
    """Whether an age with a label speaks of one of several people: "خالة عمرها بين ٥٥ و٦٥ … وحفيدها ١٠-١٢"."""
    between = page.text[head.end : age.place.start]
    return (
        len(chosen) > 1
        and age.place.start > head.end
        and len(between) <= 25
        and not re.search(r"[.\n!]|اعمار|all|كلهم", page.text[head.end : age.place.end])
    )


def _away(head: Head, age: Age) -> int:
    return age.place.start - head.end if age.place.start >= head.end else abs(head.start - age.place.end) + 40


def _neutral_gender(page: Page, head: Head, end: int, *, several: bool) -> Gender | None:
    """The gender of a word for people that has none of its own, from what stands around it."""
    if both(page.text):
        return Gender.ANY
    only = _ONLY.search(page.text)
    if only:
        return Gender.FEMALE if any(only[name] for name in ("f", "f2", "f3", "f4")) else Gender.MALE
    lone = _LONE.search(page.text)
    if lone and head.word in WEAK:
        return gender_of(lone["word"])
    near = page.text[max(page.line_at(head.start)[0], head.start - 18) : min(end, head.end + 45)]
    if several or head.word in PLURAL:
        return tagged(near)
    if head.word in BABIES:
        return tagged(near)
    if head.word == "طفل":
        return by_traits(near) or Gender.MALE
    masculine = head.word == "شخص" and re.search(
        r"(?<!\w)(?:ي[^\W\d_]{2,}|وهو|هو)(?!\w)", page.text[head.end : head.end + 60]
    )
    return tagged(near) or by_traits(near) or (Gender.MALE if masculine else None)


def lone_role(page: Page, ages: list[Age], name: str, evidence: Evidence) -> list[FoundRole]:
    """The one role of a text that seeks without a word for people: what the text as a whole says of gender and age."""
    seeks = re.search(
        r"مطلوب|نحتاج|محتاج|نبحث|ناقص|نبي|نبغي|نبا|ابغي|ابي|يبي|تبي|يبغي|تبغي|يدور|تدور|ندور|باقي|بديل|مين |"
        r"احد |حد |اللي |دور|looking|hunting|"
        r"need|casting|seek|open call|auditions?|wanted|role|who |anyone|she's|he's|calling|req",
        page.text,
    )
    if not ages and not seeks:
        return []
    labelled = [age for age in ages if age.labelled] or ages
    sought = _SOUGHT.search(page.text)
    gender = Gender.ANY if both(page.text) else tagged(page.text) or by_traits(page.text)
    if gender is None and sought and not sought["word"].endswith(("ين", "ات")):
        gender = gender_of(sought["word"], item=True)
    low, high = merged(labelled[:1]) or (None, None)
    return [FoundRole(Role(name=name[:80], gender=gender, age_min=low, age_max=high), evidence)]
