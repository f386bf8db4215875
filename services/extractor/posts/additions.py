"""What a later post states that the earlier one left out."""

from __future__ import annotations

import re
from decimal import Decimal

from services.extractor.posts.changes import announces
from services.extractor.posts.facts import Facts, facts_of
from services.extractor.posts.shingles import letters_of

_LABELLED = re.compile(
    r"(?<![^\W\d_])(?:ال)?(?:اخر|موعد|ينتهي|يقفل|اغلاق|تصوير|اجر|مقابل|مبلغ|مكافاه|ميزانيه|عمر|اعمار|دور|مطلوب|"
    r"deadline|until|by|before|shoot(?:ing)?|filming|rate|budget|pay|fee|ages?|role)(?![^\W\d_])|^\W*\d"
)
_KNOWN = 0.5  # share of a line's shingles from which the other post has it too


def added(first: Facts, second: Facts) -> list[str]:
    """The fields; what somebody remarks above or below a forward is no fact."""
    if not _more(first, second):
        return []
    return _more(first, facts_of(_without_remarks(second.text, letters_of(first.text)), second.sent_at))


def _more(first: Facts, second: Facts) -> list[str]:
    more = []
    numbers = first.counts | first.sums | first.lengths
    if any(not _ends(age) <= numbers for age in second.ages - first.ages) or _for_more(first, second):
        more.append("roles")
    come = [day for day in second.days if not any(day.fits(other) for other in first.days)]
    if come:
        more.append("deadline" if any(day.deadline for day in come) else "shoot_dates")
    if second.sums - first.sums - first.counts:
        more.append("compensation")
    if second.cities and not first.cities:
        more.append("location_city")
    if second.all_contacts and not first.all_contacts:
        more.append("contacts")
    return more


def _for_more(first: Facts, second: Facts) -> bool:
    """Whether a call for men is now for women too, or the other way round."""
    return bool(first.genders) and first.genders < second.genders


def _ends(age: tuple[int | None, int | None]) -> frozenset[Decimal]:
    return frozenset(Decimal(end) for end in age if end is not None)


def _without_remarks(text: str, known: frozenset[str]) -> str:
    """The post from the first to the last line that the other has too, or that names a fact by its name."""
    lines = text.split("\n")
    letters = map(letters_of, lines)
    kept = [at for at, own in enumerate(letters) if len(own) > 3 and len(own & known) >= _KNOWN * len(own)]
    if not kept:
        return text
    first, last = kept[0], kept[-1]
    above = [line for line in lines[:first] if announces(line)]
    below = [line for line in lines[last + 1 :] if _LABELLED.search(line)]
    return "\n".join((*above, *lines[first : last + 1], *below))
