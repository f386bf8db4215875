"""Folding: one spelling for all the ways in which people write the same words, with a map back to what they wrote.

`fold_text` is for speed (the filter folds every message), `fold` also knows where each piece came from. Both give the
identical string, and folding a folded text changes nothing.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from typing import Final, NamedTuple

from shared.arabic.table import TABLE, is_attached

LONGEST_MESSAGE: Final = 65_536
"""Characters of the longest message that WhatsApp takes. What is longer is not from there: so much of it is folded,
since one letter can fold to 18, and a million of them to 300 MB."""

_REPEATED = re.compile(r"([^\W\d_])\1\1+")  # a letter three times or more: عاااجل, sooo
_BLANK = re.compile(r"\s+")


class Place(NamedTuple):
    """Where something stands, in code points: [start, end) of the folded text, [raw_start, raw_end) of the raw one."""

    start: int
    end: int
    raw_start: int
    raw_end: int


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text that knows its raw text. `starts` and `ends` hold the raw span of each folded code point."""

    raw: str
    text: str
    starts: array[int]
    ends: array[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The raw [start, end) of a piece of the folded text, empty for an empty piece. IndexError outside the text."""
        if not 0 <= start <= end <= len(self.text):
            raise IndexError(f"no span {start}:{end} in a text of {len(self.text)}")
        if start == end:
            at = self.starts[start] if start < len(self.starts) else len(self.raw)
            return at, at
        return self.starts[start], self.ends[end - 1]

    def place(self, start: int, end: int) -> Place:
        """Both spans of a piece of the folded text."""
        return Place(start, end, *self.span(start, end))


class _Words(dict[str, str]):
    """Folded words by word. Groups say the same few thousand words again and again, and folding looks at no
    neighbour across a blank, so most words are folded once only. Emptied when full; what nobody says again (long ones,
    numbers) is not kept.
    """

    _BOUND = 10_000
    _LONGEST = 24

    def __missing__(self, word: str) -> str:
        after = " ".join(_REPEATED.sub(r"\1", word.translate(TABLE)).split())
        if len(word) <= self._LONGEST and not any(map(str.isdigit, word)):
            if len(self) >= self._BOUND:
                self.clear()
            self[word] = after
        return after


_folded_word = _Words().__getitem__


def fold_text(text: str) -> str:
    """The folded text: lower case, one form of each letter and digit, no marks, single spaces, none at the ends."""
    return " ".join(filter(None, map(_folded_word, text[:LONGEST_MESSAGE].split())))


def fold(text: str, *, lines: bool = False) -> Folded:
    r"""The same as `fold_text`, with the map back. With `lines`, a blank run that holds a line break becomes one "\n"
    instead of one space (and the ends are stripped all the same).
    """
    text = text[:LONGEST_MESSAGE]
    chars, starts, ends = _translated(text, lines)
    for pattern, keep in ((_REPEATED, None), (_BLANK, " ")):
        chars, starts, ends = _collapsed(chars, starts, ends, pattern, keep)
    first = 1 if chars[:1].isspace() else 0
    last = len(chars) - 1 if len(chars) > first and chars[-1:].isspace() else len(chars)
    return Folded(text, chars[first:last], starts[first:last], ends[first:last])


class _WithLines(dict[int, str | int]):
    """The same table, but for line breaks, which stay."""

    def __missing__(self, code: int) -> str | int:
        value = TABLE[code]
        if len(self) < 20_000:
            self[code] = value
        return value


_LINES = _WithLines(dict.fromkeys(map(ord, "\n\r\u2028\u2029"), ord("\n")))


def _translated(text: str, lines: bool) -> tuple[str, array[int], array[int]]:
    """Code point by code point: what each folds to, and its raw span (marks count with the letter before them)."""
    table = _LINES if lines else TABLE
    starts, ends = array("I"), array("I")
    done = 0
    for at, value in enumerate(map(table.__getitem__, map(ord, text))):
        if value.__class__ is int:
            continue
        starts.extend(range(done, at))
        ends.extend(range(done + 1, at + 1))
        done = at + 1
        for _ in str(value):
            starts.append(at)
            ends.append(at + 1)
        if value == "" and ends and ends[-1] == at and is_attached(text[at]):
            ends[-1] = at + 1
    starts.extend(range(done, len(text)))
    ends.extend(range(done + 1, len(text) + 1))
    return text.translate(table), starts, ends


def _collapsed(
    text: str, starts: array[int], ends: array[int], pattern: re.Pattern[str], keep: str | None
) -> tuple[str, array[int], array[int]]:
    """Each match becomes one code point (its first letter, or a line break or `keep`) that spans the whole match."""
    pieces: list[str] = []
    new_starts, new_ends = array("I"), array("I")
    done = 0
    for match in pattern.finditer(text):
        begin, end = match.span()
        pieces.append(text[done:begin])
        new_starts.extend(starts[done:begin])
        new_ends.extend(ends[done:begin])
        pieces.append(match[1] if keep is None else ("\n" if "\n" in match[0] else keep))
        new_starts.append(starts[begin])
        new_ends.append(ends[end - 1])
        done = end
    pieces.append(text[done:])
    return "".join(pieces), new_starts + starts[done:], new_ends + ends[done:]
