"""Whether two posts are one call: the same again, an update, a sibling (same words, another call) or something new.

Plain similarity cannot tell: a forward in other dress is less like its original than the same template for another
role. So the words only say whether two posts belong together; what they are to each other is decided by the facts in
which they part. A kind of fact parts them only where both posts state it and each says something that the other does
not; what one of them leaves out parts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from services.extractor.posts.facts import Facts, facts_of
from services.extractor.posts.shingles import containment, letters_of
from services.extractor.posts.swaps import Aligned, Swap, align
from services.extractor.posts.words import is_of_pay, is_person, nationality
from shared.contracts.calls import PayKind

Verdict = Literal["same", "update", "sibling", "new"]
VERDICTS: tuple[Verdict, ...] = ("same", "update", "sibling", "new")

_CORRECTED = re.compile(
    r"(?<![^\W\d_])(?:تمديد|تم التمديد|مددنا|تمدد|تحديث|تعديل|تصحيح|تاجل\w*|تاجيل|تاخر|تغيير|تغير|تعدل|معدل|"
    r"بدلا? من|صار|updated?|update|extended|extension|correction|corrected|rescheduled|postponed|"
    r"moved to|new date|changed to)"
    r"(?![^\W\d_])"
)
_LABELLED = re.compile(
    r"(?<![^\W\d_])(?:ال)?(?:اخر|موعد|ينتهي|يقفل|اغلاق|تصوير|اجر|مقابل|مبلغ|مكافاه|ميزانيه|عمر|اعمار|دور|مطلوب|"
    r"deadline|until|by|before|shoot(?:ing)?|filming|rate|budget|pay|fee|ages?|role)(?![^\W\d_])|^\W*\d"
)
_TOGETHER = 0.5  # containment from which two posts are of one template
_CLOSE = 0.8  # and from which they are, without any fact in common
_LOOSE = 0.35  # below it, more facts in common are asked for
_SHORTEST = 24  # shingles: a name and a number alone are in many posts
_IN_ORDER = 0.55  # share of the words in order from which a word in another's place parts them


@dataclass(frozen=True, slots=True)
class Post:
    """A text as it was posted. `group` is its group's name or id."""

    text: str
    sent_at: datetime
    group: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """What the later post is to the earlier one, and why."""

    verdict: Verdict
    conflicts: tuple[str, ...]
    containment: float
    reason: str


def compare(first: Post, second: Post) -> Compared:
    """What `second`, posted later, is to `first`. Deterministic; never raises."""
    return judge(read(first.text, first.sent_at), read(second.text, second.sent_at))


def same_call(first_text: str, first_sent_at: datetime, second_text: str, second_sent_at: datetime) -> bool:
    """Whether the later text is the earlier call again."""
    return compare(Post(first_text, first_sent_at), Post(second_text, second_sent_at)).verdict == "same"


@lru_cache(maxsize=512)
def read(text: str, sent_at: datetime) -> Facts:
    """The facts of a post; the last few are remembered, since one post is held against several."""
    return facts_of(text, sent_at)


def judge(first: Facts, second: Facts) -> Compared:
    """The verdict on two posts that have been read."""
    letters = letters_of(first.text), letters_of(second.text)
    held = containment(*letters)
    aligned = align(first.words, second.words)
    hard, soft = parted(first, second, _telling(aligned, held), retold=held < _TOGETHER)
    conflicts = tuple(dict.fromkeys((*hard, *soft)))
    shared = shared_facts(first, second)
    reached = bool(first.all_contacts & second.all_contacts)

    def verdict(verdict: Verdict, reason: str) -> Compared:
        return Compared(verdict, conflicts if verdict != "new" else (), round(held, 3), reason)

    retold = reached and not hard and (shared >= 3 or (shared >= 2 and held >= _LOOSE))
    too_short = letters[0] != letters[1] and min(map(len, letters)) < _SHORTEST
    if too_short or (held < _TOGETHER and not retold):
        return verdict("new", "other words")
    corrected = bool(_CORRECTED.search(second.text)) and not _CORRECTED.search(first.text)
    if hard and not (corrected and (reached or held >= _CLOSE)):
        return verdict("sibling", f"another {', '.join(hard)}")
    if conflicts:
        return verdict("update", f"changed: {', '.join(conflicts)}")
    if not (shared or reached) and held < _CLOSE:
        return verdict("new", "no fact in common")
    if held >= _TOGETHER and (more := added(first, second)):
        return verdict("update", f"added: {', '.join(more)}")
    return verdict("same", "no fact differs")


def _telling(aligned: Aligned, held: float) -> list[Swap]:
    """The swaps that part two posts. Where one is the other retold, words differ all the same; where it is shortened,
    the first line may be somebody's remark.
    """
    if held < _TOGETHER or (aligned.share < _IN_ORDER and held < _CLOSE):
        return []
    whole = held >= _CLOSE and aligned.share >= _CLOSE
    return [swap for swap in aligned.swaps if whole or not swap.edge]


def parted(first: Facts, second: Facts, swaps: Sequence[Swap], *, retold: bool) -> tuple[list[str], list[str]]:
    """The fields in which they part: those that make another call, and those that a poster corrects."""
    hard: list[str] = []
    soft: list[str] = []
    if any(part(first.contacts[kind], second.contacts.get(kind, _NOTHING)) for kind in first.contacts):
        hard.append("contacts")
    if part(first.cities, second.cities):
        hard.append("location_city")
    if any(part(one, other) for one, other in _of_roles(first, second, retold=retold)) or _genders_part(first, second):
        hard.append("roles")
    if part(first.names, second.names):
        hard.append("title")
    for swap in swaps:
        fields, swapped = _field(swap)
        (hard if swapped else soft).append(fields)
    soft += _days_part(first, second)
    if part(first.hours, second.hours) or part(first.lengths, second.lengths):
        soft.append("shoot_dates")
    if _pay_parts(first, second):
        soft.append("compensation")
    if part(first.counts, second.counts):
        soft.append("roles")
    return list(dict.fromkeys(hard)), list(dict.fromkeys(soft))


def part(one: frozenset[Any], other: frozenset[Any]) -> bool:
    """Whether each says something that the other does not."""
    return bool(one - other and other - one)


def _of_roles(first: Facts, second: Facts, *, retold: bool) -> list[tuple[frozenset[Any], frozenset[Any]]]:
    """What describes people. Where one is the other retold, a common age is enough: an age is written in many ways."""
    ages = [] if retold and first.ages & second.ages else [(first.ages, second.ages)]
    return [*ages, (first.measures, second.measures), (first.nations, second.nations)]


def _genders_part(first: Facts, second: Facts) -> bool:
    return bool(first.genders and second.genders) and not first.genders & second.genders


def _field(swap: Swap) -> tuple[str, bool]:
    """The field that a swap is about, and whether it makes another call."""
    words = (*swap.before, *swap.after)
    if any(is_person(word) or nationality(word) for word in words):
        return "roles", True
    if is_of_pay(words):
        return "compensation", False
    return "title", True


def _days_part(first: Facts, second: Facts) -> list[str]:
    gone = [day for day in first.days if not any(day.fits(other) for other in second.days)]
    come = [day for day in second.days if not any(day.fits(other) for other in first.days)]
    if not gone or not come:
        return []
    return ["deadline" if any(day.deadline for day in (*gone, *come)) else "shoot_dates"]


def _pay_parts(first: Facts, second: Facts) -> bool:
    if part(first.sums, second.sums):
        return True
    one, other = first.pay, second.pay
    if {one.kind, other.kind} == {PayKind.PAID, PayKind.UNPAID}:
        return True
    return any(
        None not in pair and len(set(pair)) == 2 for pair in ((one.currency, other.currency), (one.per, other.per))
    )


def shared_facts(first: Facts, second: Facts) -> int:
    """How many specific facts both state."""
    days = sum(any(day.fits(other) for other in second.days) for day in first.days)
    sets = (
        (first.ages, second.ages),
        (first.sums, second.sums),
        (first.counts, second.counts),
        (first.names, second.names),
        (first.hours, second.hours),
        (first.measures, second.measures),
    )
    return days + sum(len(one & other) for one, other in sets)


def added(first: Facts, second: Facts) -> list[str]:
    """What the second states and the first left out; what somebody remarks above or below a forward is no fact."""
    if not _more(first, second):
        return []
    return _more(first, facts_of(_without_remarks(second.text, letters_of(first.text)), second.sent_at))


def _more(first: Facts, second: Facts) -> list[str]:
    more = []
    if second.ages - first.ages:
        more.append("roles")
    come = [day for day in second.days if not any(day.fits(other) for other in first.days)]
    if come:
        more.append("deadline" if any(day.deadline for day in come) else "shoot_dates")
    if second.sums - first.sums:
        more.append("compensation")
    if second.cities and not first.cities:
        more.append("location_city")
    if second.all_contacts and not first.all_contacts:
        more.append("contacts")
    return more


def _without_remarks(text: str, known: frozenset[str]) -> str:
    """The post from the first to the last line that the other has too, or that names a fact by its name."""
    lines = text.split("\n")
    kept = [
        at
        for at, line in enumerate(lines)
        if len(own := letters_of(line)) > 3 and len(own & known) >= _TOGETHER * len(own)
    ]
    if not kept:
        return text
    first, last = kept[0], kept[-1]
    above = [line for line in lines[:first] if _CORRECTED.search(line)]
    below = [line for line in lines[last + 1 :] if _LABELLED.search(line)]
    return "\n".join((*above, *lines[first : last + 1], *below))


_NOTHING: frozenset[str] = frozenset()
