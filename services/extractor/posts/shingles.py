"""Pieces of a text by which another text that holds it can be found: containment, and a sample of them for an index."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from services.extractor.posts.body import body
from shared.arabic.normalise import fold_text

_WORD = re.compile(r"[^\W_]+")
_LETTERS = 4
_WORDS = 2
_PAIRS, _FACTS = 8, 8
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<!\w)@[\w.]{3,}|(?:https?://|www\.)[^\s،؛]+")
_PHONE = re.compile(r"(?<![\d.])(?:\+|00)?\d(?:[ -]?\d){7,14}(?!\d)")
_DIGIT = re.compile(r"\D")
_NUMBER = 8  # digits of a phone that are written whatever the country code
_SHORT = re.compile(r"(?<!\d)\d{1,6}(?!\d)")
_BIG = (1 << 63) - 1


@lru_cache(maxsize=64)  # of a long text, a quarter of a megabyte
def letters_of(folded: str) -> frozenset[str]:
    """Every four letters or digits in a row, words apart by one blank."""
    plain = f" {' '.join(_WORD.findall(folded))} "
    return frozenset(plain[at : at + _LETTERS] for at in range(max(1, len(plain) - _LETTERS + 1)))


def containment(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of the shorter one's shingles that the other has."""
    short, long = sorted((one, other), key=len)
    return len(short & long) / len(short) if short else 0.0


def sample(text: str) -> tuple[int, ...]:
    """Hashes (0 to 2^63 - 1) by which the posts that may be this call are found, the most telling first.

    The smallest of its contacts each with one of its numbers: a call retold or translated has those in common. And the
    smallest of its word pairs: two texts that share many pairs share some of the smallest.
    """
    folded = fold_text(body(text))
    contacts = {one[0].rstrip("/.") for one in _ADDRESS.finditer(folded)}
    contacts |= {_DIGIT.sub("", phone[0])[-_NUMBER:] for phone in _PHONE.finditer(folded)}
    numbers = {one[0] for one in _SHORT.finditer(_ADDRESS.sub(" ", _PHONE.sub(" ", folded.replace(",", ""))))}
    facts = {f"{contact} {number}" for contact in contacts for number in ("", *numbers)}
    words = _WORD.findall(folded)
    pairs = {" ".join(words[at : at + _WORDS]) for at in range(max(1, len(words) - _WORDS + 1))} if words else set()
    return tuple(dict.fromkeys((*sorted(map(_hash, facts))[:_FACTS], *sorted(map(_hash, pairs))[:_PAIRS])))


def _hash(words: str) -> int:
    digest = hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") & _BIG
