"""Whether two posts belong together at all, as a score: how much of the wording and how many facts they share.

One way to apply in common is strong evidence, another one strong evidence against; so each of the three cases has its
own bar. The bars were fitted on the pairs in tests/corpus, one file left out at a time.
"""

from __future__ import annotations

from services.extractor.posts.changes import announces
from services.extractor.posts.facts import Facts
from services.extractor.posts.shingles import containment, letters_of
from services.extractor.posts.words import is_arabic

REACHED, UNKNOWN, APART = 0.4, 0.7, 0.87  # they share a contact; one of them names none; they name others
CHANGED = 0.25  # they share a contact, and the later one says that something has changed
_FACT = 0.1
_FACTS = 5  # facts in common that count
_FEW = 3  # where they share no contact: short posts share a city and a weekday by chance
_WORDS = 0.8  # of the share of telling words in common, in whatever order and form
_TEMPLATE = 0.5  # of the telling words, in common with another office's call: else only the phrases of all calls are
_TRANSLATED = 0.3  # in place of common wording where the two are written in other letters
_SHORTEST = 24  # shingles: a name and a number alone are in many posts
_SCRIPT = 0.5


def wording(first: Facts, second: Facts) -> float:
    """Share of the shorter post's wording that the other has, 0 to 1; 0 where one is too short to say anything."""
    one, other = letters_of(first.text), letters_of(second.text)
    return 0.0 if one != other and min(len(one), len(other)) < _SHORTEST else containment(one, other)


def are_kin(first: Facts, second: Facts, held: float) -> bool:
    """Whether they are about one call, or made from one template; `held` is the share of common wording."""
    facts = facts_in_common(first, second)
    if first.all_contacts & second.all_contacts:
        words = _TRANSLATED if held < _TRANSLATED and are_translated(first, second) else _common_words(first, second)
        bar = CHANGED if announces(second.text) else REACHED
        return max(held, words) + _FACT * min(facts, _FACTS) >= bar
    apart = bool(first.all_contacts and second.all_contacts)
    if apart and (not shared_facts(first, second) or _of_words(first, second) < _TEMPLATE):
        return False
    bar = APART if apart else UNKNOWN
    return held > 0 and held + _FACT * min(facts, _FEW) >= bar


def are_translated(first: Facts, second: Facts) -> bool:
    """Whether one is written in Arabic letters and the other in Latin ones, mostly."""
    return abs(_arabic(first) - _arabic(second)) > _SCRIPT


def facts_in_common(first: Facts, second: Facts) -> int:
    """How many facts both state, the city among them."""
    return shared_facts(first, second) + bool(first.cities & second.cities)


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


def _arabic(post: Facts) -> float:
    return sum(is_arabic(word.text) for word in post.words) / len(post.words) if post.words else _SCRIPT


def _common_words(first: Facts, second: Facts) -> float:
    return _WORDS * _of_words(first, second, at_least=3)


def _of_words(first: Facts, second: Facts, *, at_least: int = 1) -> float:
    """Share of the shorter post's telling words that the other has; 0 where fewer than `at_least` are common."""
    one, other = ({word.text for word in post.words} for post in (first, second))
    common = len(one & other)
    return common / min(len(one), len(other)) if common >= at_least else 0.0
