"""Whether two posts are one call: the same again, an update, a sibling (same words, another call) or something new.

Plain similarity cannot tell: a forward in other dress is less like its original than the same template for another
role. So words and common facts only say whether two posts belong together; what they are to each other is decided by
the facts in which they part. A kind of fact parts them only where both posts state it and each says something that the
other does not; what one of them leaves out parts nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

from services.extractor.posts.additions import added
from services.extractor.posts.changes import announces, hints
from services.extractor.posts.facts import Facts, facts_of
from services.extractor.posts.kinship import are_kin, facts_in_common, shared_facts, wording
from services.extractor.posts.partings import other_numbers, parted
from services.extractor.posts.swaps import Aligned, Swap, align, of_people

Verdict = Literal["same", "update", "sibling", "new"]
VERDICTS: tuple[Verdict, ...] = ("same", "update", "sibling", "new")

_RETOLD = 0.4  # common wording below which another role or city needs facts in common to be of the same work
_SOME = 2
_TOGETHER = 0.5  # common wording below which one is the other retold
_CLOSE = 0.8  # and from which they are one text
_ONE_TEXT = 0.9  # and from which every day in them counts
_IN_ORDER = 0.55  # share of the words in order from which a word in another's place parts them
_WORDED, _ALIKE = 0.75, 0.7  # either of these, before a word that is no word for people does
_CORRECTED = 2  # fields that one correction may change before it is another call


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


@lru_cache(maxsize=128)
def compare(first: Post, second: Post) -> Compared:
    """What `second`, posted later, is to `first`. Deterministic; never raises. The last few are remembered, since a
    message is held against its neighbours once for its original and once for its kin. Posts are read by the second: the
    database rounds a time that the message had whole.
    """
    return judge(*(read(post.text, post.sent_at.replace(microsecond=0)) for post in (first, second)))


def same_call(first_text: str, first_sent_at: datetime, second_text: str, second_sent_at: datetime) -> bool:
    """Whether the later text is the earlier call again."""
    return compare(Post(first_text, first_sent_at), Post(second_text, second_sent_at)).verdict == "same"


@lru_cache(maxsize=64)
def read(text: str, sent_at: datetime) -> Facts:
    """The facts of a post; the last few are remembered, since one post is held against several."""
    return facts_of(text, sent_at)


def judge(first: Facts, second: Facts) -> Compared:
    """The verdict on two posts that have been read."""
    held = wording(first, second)
    if not are_kin(first, second, held):
        return Compared("new", (), round(held, 3), "too little in common")
    aligned = align(first.words, second.words)
    hard, soft = parted(first, second, _telling(aligned, held), retold=held < _TOGETHER, exact=held >= _ONE_TEXT)
    conflicts = tuple(dict.fromkeys((*hard, *soft)))

    def verdict(verdict: Verdict, reason: str) -> Compared:
        return Compared(verdict, conflicts if verdict != "new" else (), round(held, 3), reason)

    reached = bool(first.all_contacts & second.all_contacts)
    announced = announces(second.text) and not announces(first.text)
    corrected = (announced or (hints(second.text) and not hints(first.text))) and (reached or held >= _CLOSE)
    if hard and not corrected and held < _RETOLD and facts_in_common(first, second) < _SOME:
        return Compared("new", (), round(held, 3), "the same office with another call")
    if hard and not (corrected and len(hard) <= _CORRECTED):
        return verdict("sibling", f"another {', '.join(hard)}")
    if conflicts:
        return verdict("update", f"changed: {', '.join(conflicts)}")
    if not (reached or held >= _CLOSE or shared_facts(first, second)):
        return verdict("new", "no fact in common")
    more = [field for field in added(first, second) if held >= _TOGETHER or field != "roles"]
    if more:
        return verdict("update", f"added: {', '.join(more)}")
    if announced or (corrected and other_numbers(first, second)):
        return verdict("update", "said to be changed")
    return verdict("same", "no fact differs")


def _telling(aligned: Aligned, held: float) -> list[Swap]:
    """The swaps that part two posts. Where one is the other retold, words differ all the same; where it is shortened,
    the first line may be somebody's remark.
    """
    if held < _TOGETHER or (aligned.share < _IN_ORDER and held < _CLOSE):
        return []
    whole = held >= _CLOSE and aligned.share >= _CLOSE
    worded_alike = held >= _WORDED or aligned.share >= _ALIKE
    return [swap for swap in aligned.swaps if (whole or not swap.edge) and (worded_alike or of_people(swap))]
