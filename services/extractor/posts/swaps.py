"""Where two posts part: the words that stand in the place of other words when the posts are laid side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from services.extractor.posts.vocabulary import ANY_MAN, ANY_WOMAN
from services.extractor.posts.words import Word, alike, is_arabic, is_person, nationality

_ROOT = 4


@dataclass(frozen=True, slots=True)
class Swap:
    """Words of the first post, and those of the second in their place. Neither stands anywhere in the other post.

    At the `edge` a whole line at the top or the end stands for another: it may be somebody's remark.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    edge: bool = False


@dataclass(frozen=True, slots=True)
class Aligned:
    """Two posts side by side. `share`: of the shorter one's words, how many stand in the other in the same order."""

    share: float
    common: int
    swaps: tuple[Swap, ...]


def align(first: Sequence[Word], second: Sequence[Word]) -> Aligned:
    """Lay the words of two posts side by side."""
    ours = [word.text for word in first]
    theirs = _in_the_words_of(ours, [word.text for word in second])
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    known, others = set(ours), set(theirs)
    common, swaps = 0, []
    for what, start, end, from_, to in blocks:
        if what == "equal":
            common += end - start
        elif what == "replace":
            before = [word for word in ours[start:end] if word not in others]
            after = [word for word in theirs[from_:to] if word not in known]
            edge = not (_stands_in_line(first, start, end) and _stands_in_line(second, from_, to))
            swaps += _swaps(before, after, edge=edge)
    shorter = min(len(ours), len(theirs))
    return Aligned(common / shorter if shorter else 0.0, common, tuple(swaps))


def _stands_in_line(words: Sequence[Word], start: int, end: int) -> bool:
    """Whether a piece is no whole line at the top or the end of the post."""
    if start > 0 and end < len(words):
        return True
    if start > 0:
        return words[start - 1].line == words[start].line
    return end < len(words) and words[end - 1].line == words[end].line


def _swaps(before: Sequence[str], after: Sequence[str], *, edge: bool) -> list[Swap]:
    """The swap in each of the two scripts: a translation swaps nothing. Where one side has far more words, or both are
    forms of one word, the posts are worded differently and say the same.
    """
    found = []
    for arabic in (True, False):
        ours = [word for word in before if is_arabic(word) is arabic]
        theirs = [word for word in after if is_arabic(word) is arabic]
        kept = tuple(word for word in ours if not any(_akin(word, other) for other in theirs))
        come = tuple(word for word in theirs if not any(_akin(word, other) for other in ours))
        if kept and come and (_balanced(kept, come) or (_of_people(kept) and _of_people(come))):
            found.append(Swap(kept, come, edge))
    return found


def of_people(swap: Swap) -> bool:
    """Whether it has a word for people."""
    return _of_people((*swap.before, *swap.after))


def _balanced(one: Sequence[str], other: Sequence[str]) -> bool:
    short, long = sorted((len(one), len(other)))
    return long <= 2 * short


def _of_people(words: Sequence[str]) -> bool:
    return any(is_person(word) or nationality(word) for word in words)


def _akin(one: str, other: str) -> bool:
    """Whether two words are made of one: they share four letters in a row, and name no people. Of people, those that
    say no more than "somebody" do for each other.
    """
    if {one, other} <= ANY_MAN or {one, other} <= ANY_WOMAN:
        return True
    if _of_people((one, other)):
        return False
    pieces = {one[at : at + _ROOT] for at in range(len(one) - _ROOT + 1)}
    return any(other[at : at + _ROOT] in pieces for at in range(len(other) - _ROOT + 1))


def _in_the_words_of(ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """The other post's words, in our spelling where they are alike."""
    known = list(dict.fromkeys(ours))
    spelt = {word: word for word in known}
    for word in theirs:
        if word not in spelt:
            spelt[word] = next((own for own in known if alike(own, word)), word)
    return [spelt[word] for word in theirs]
