"""A message prepared for reading: folded with its lines, with everything that must not be read as content taken out.

Taken out are HTML, scripts and comments, sentences that talk to machines (injections), and the addresses (e-mails,
links, names after @), whose letters and digits are no words. What is taken out is overwritten by private-use letters
of the same length, so that every place in the page is still a place in the message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from services.extractor.offline.injections import find_injections
from shared.arabic.date_mentions import sent_day
from shared.arabic.normalise import Folded, Place, fold
from shared.contracts.calls import Evidence, Support

HIDDEN = "\ue000"
ADDRESS = "\ue001"
_LINE_TAG = re.compile(r"</?(?:br|p|div|li|tr|h[1-6])\b[^<>\n]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,300}>")
_BLOCKS = (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>"))
_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9][A-Za-z0-9.-]{0,250}\.[A-Za-z]{2,24}"
    r"|https?://[^\s<>\"'«»،؛\u200e\u200f]{3,2000}"
    r"|(?<![A-Za-z0-9@./-])(?:www\.|(?:[A-Za-z0-9-]{1,63}\.){1,4}(?:com|net|org|sa|ae|me|gle|ee|ly|io|co|app|"
    r"link|bio|page|site|info)/)"
    r"[^\s<>\"'«»،؛\u200e\u200f]{0,2000}"
    r"|(?<![A-Za-z0-9._@/])@[A-Za-z0-9_](?:[A-Za-z0-9._]{0,28}[A-Za-z0-9_])?"
)
_TRAILING = ".,;:!?)]}*_~-…"


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail, a link or a name after @, as it stands in the message: raw [start, end)."""

    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Page:
    """A message ready to be read. `folded.text` keeps line breaks; `injections` are raw spans of words to machines;
    `visible` is the raw message without them, comments and scripts, each as long as it was.
    """

    raw: str
    visible: str
    folded: Folded
    now: datetime
    addresses: tuple[Address, ...]
    injections: tuple[tuple[int, int], ...]

    @property
    def text(self) -> str:
        """The folded text, the one that all parsers read."""
        return self.folded.text

    def words(self, start: int, end: int) -> str:
        """The message's own words behind [start, end) of the folded text, blanks trimmed."""
        begin, stop = self.folded.span(start, end)
        return self.raw[begin:stop].strip()

    def line_at(self, at: int) -> tuple[int, int]:
        """[start, end) of the line of the folded text that holds `at`."""
        end = self.text.find("\n", at)
        return self.text.rfind("\n", 0, at) + 1, len(self.text) if end < 0 else end

    def evidence(self, place: Place, support: Support = Support.VERBATIM, rule: str | None = None) -> Evidence:
        """The evidence for what was read at a place."""
        return self.evidence_at(place.raw_start, place.raw_end, support, rule)

    def evidence_at(
        self, start: int, end: int, support: Support = Support.VERBATIM, rule: str | None = None
    ) -> Evidence:
        """The evidence for a raw span."""
        return Evidence(start=start, end=end, text=self.raw[start:end], support=support, rule=rule)


def read_page(text: str, sent_at: datetime) -> Page:
    """Prepare a message."""
    chars = list(text)
    for start, end in _blocks(text):
        _overwrite(chars, start, end, HIDDEN)
    visible = "".join(chars)
    injections = find_injections(visible)
    for start, end in injections:
        _overwrite(chars, start, end, HIDDEN)
    visible = shown = "".join(chars)
    addresses = tuple(_addresses(visible))
    for address in addresses:
        _overwrite(chars, address.start, address.end, ADDRESS)
    for pattern, first in ((_LINE_TAG, "\n"), (_TAG, " ")):
        for tag in pattern.finditer("".join(chars)):
            chars[tag.start() : tag.end()] = [first] + [" "] * (tag.end() - tag.start() - 1)
    injections += [(start, end) for start, end in _blocks(text) if find_injections(text[start:end])]
    return Page(
        text, shown, _with_raw(fold("".join(chars), lines=True), text), sent_day(sent_at), addresses, tuple(injections)
    )


def _with_raw(folded: Folded, raw: str) -> Folded:
    return Folded(raw, folded.text, folded.starts, folded.ends)


def _overwrite(chars: list[str], start: int, end: int, mark: str) -> None:
    chars[start:end] = [char if char == "\n" else mark for char in chars[start:end]]


def _blocks(text: str) -> list[tuple[int, int]]:
    """Comments, scripts and styles, also unclosed ones, which then end with their line."""
    lower = text.lower()
    if "<" not in lower or len(lower) != len(text):
        return []
    found = []
    for opening, closing in _BLOCKS:
        at = lower.find(opening)
        while at >= 0:
            stop = lower.find(closing, at)
            line = lower.find("\n", at)
            end = stop + len(closing) if stop >= 0 else (line if line >= 0 else len(text))
            found.append((at, end))
            at = lower.find(opening, end) if stop >= 0 else -1
    return found


def _addresses(text: str) -> list[Address]:
    found: list[Address] = []
    if not any(sign in text for sign in "@/."):
        return found
    for match in _ADDRESS.finditer(text):
        words = match[0]
        while words and words[-1] in _TRAILING and not (words[-1] == ")" and "(" in words):
            words = words[:-1]
        if words:
            found.append(Address(words, match.start(), match.start() + len(words)))
    return found
