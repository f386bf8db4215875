"""Grounding: the words that a value claims to come from, looked up in the message. No words, no value.

A model may say what it likes; what is published must stand in the text. The look-up is by whole tokens: a number
matches a whole number only, and every token of the claimed words must follow in order. So "+" or "SAR" never holds
"SAR 1500", and 150 is not found in 1500.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.arabic.normalise import Folded, fold
from shared.contracts.calls import Evidence, Support

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_JOINED = frozenset(("و", "ب", "ل", "ف", "ك", "ال", "وال", "بال", "لل", "فال", "كال", "ول", "وب", "ولل"))


@dataclass(frozen=True, slots=True)
class _Token:
    word: str  # canonical: folded, numbers without thousands separators
    start: int
    end: int


class Grounder:
    """Looks up any number of values in one message; the message is folded once."""

    def __init__(self, text: str) -> None:
        """`text` is the raw message: all evidence is a span of it."""
        self._raw = text
        self._folded: Folded = fold(text)
        self._tokens = _tokens(self._folded.text)
        self._starts: dict[str, list[int]] = {}
        for at, token in enumerate(self._tokens):
            for word in _beginnings(token.word):
                self._starts.setdefault(word, []).append(at)

    def ground(self, words: str) -> Evidence | None:
        """Where `words` stand: verbatim, else with another spelling (support NORMALISED), else None.

        An Arabic first word may carry what is joined to it in the text (الرياض is found in بالرياض).
        """
        claimed = _tokens(fold(words).text)
        if not claimed:
            return None
        at = self._find([token.word for token in claimed])
        verbatim = self._verbatim(words.strip())
        if verbatim is not None:
            return verbatim
        if at is None:
            return None
        start, end = self._folded.span(self._tokens[at].start, self._tokens[at + len(claimed) - 1].end)
        return Evidence(start=start, end=end, text=self._raw[start:end], support=Support.NORMALISED)

    def _verbatim(self, words: str) -> Evidence | None:
        """The first place where the very words stand between token borders."""
        at = self._raw.find(words)
        while at >= 0:
            end = at + len(words)
            if not _continues(self._raw, at - 1, at) and not _continues(self._raw, end - 1, end):
                return Evidence(start=at, end=end, text=words, support=Support.VERBATIM)
            at = self._raw.find(words, at + 1)
        return None

    def _find(self, words: list[str]) -> int | None:
        """The first run of tokens that is `words`."""
        for at in self._starts.get(words[0], ()):
            if at + len(words) <= len(self._tokens) and all(
                self._tokens[at + step].word == word for step, word in enumerate(words[1:], start=1)
            ):
                return at
        return None


def ground(words: str, text: str) -> Evidence | None:
    """Where `words` stand in the raw `text`, or None; see `Grounder.ground`."""
    return Grounder(text).ground(words)


def _tokens(folded: str) -> list[_Token]:
    return [_Token(_canonical(match[0]), *match.span()) for match in _TOKEN.finditer(folded)]


def _canonical(token: str) -> str:
    return token.replace(",", "") if _THOUSANDS.fullmatch(token) else token


def _beginnings(token: str) -> list[str]:
    """The words that a token may be the first of: itself, and an Arabic one without what is joined to it."""
    if not token.isalpha():
        return [token]
    bare = {token.removeprefix(joined) for joined in _JOINED if len(token) - len(joined) > 2}
    return [token, *(bare - {token})]


def _continues(text: str, left: int, right: int) -> bool:
    """Whether a token runs on from `left` to `right`: letter to letter, digit to digit, or a number's own separator."""
    if left < 0 or right >= len(text):
        return False
    one, other = text[left], text[right]
    if (one.isdigit() and other.isdigit()) or (one.isalpha() and other.isalpha()):
        return True
    separators = ".,٫٬"
    if one.isdigit() and other in separators:
        return right + 1 < len(text) and text[right + 1].isdigit()
    return one in separators and other.isdigit() and left > 0 and text[left - 1].isdigit()
