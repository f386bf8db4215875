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
_BIG = (1 << 63) - 1


def letters_of(folded: str) -> frozenset[str]:
    """Every four letters or digits in a row, words apart by one blank."""
    plain = f" {' '.join(_WORD.findall(folded))} "
    return frozenset(plain[at : at + _LETTERS] for at in range(max(1, len(plain) - _LETTERS + 1)))


def containment(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of the shorter one's shingles that the other has."""
    short, long = sorted((one, other), key=len)
    return len(short & long) / len(short) if short else 0.0


def sample(text: str, *, size: int = 32) -> tuple[int, ...]:
    """The `size` smallest hashes of the text's word pairs (0 to 2^63 - 1): two texts that share many pairs share some.

    A text with fewer pairs has them all, so that a short copy is found by what it shares with the sample of a long one.
    """
    words = _WORD.findall(fold_text(body(text)))
    pairs = {" ".join(words[at : at + _WORDS]) for at in range(max(1, len(words) - _WORDS + 1))} if words else set()
    return tuple(sorted(map(_hash, pairs))[:size])


@lru_cache(maxsize=50_000)
def _hash(words: str) -> int:
    digest = hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") & _BIG
