"""What each code point folds to: the one table behind `fold` and `fold_text`.

Every code point folds on its own (context comes later), by these rules in this order:

1. `SPECIAL` below, where a line says so;
2. digits of any script to 0-9 (Arabic-Indic, Persian, full-width, mathematical);
3. emoji and other pictures to a space, unless they are compatibility letters (a circled A);
4. marks (tashkil, hamza above and below, accents, keycap and variation selectors) to nothing;
5. zero-width and direction marks and other format characters to nothing, control characters to a space;
6. compatibility decomposition (presentation forms, ligatures, full-width forms) and case folding,
   until nothing changes.

Because the marks go, decomposed and composed spellings (alef + hamza, alef with hamza) come out the same.
"""

from __future__ import annotations

import unicodedata

SPECIAL: dict[str, str] = {
    # Arabic letters
    "\u0621": "",  # ARABIC LETTER HAMZA (U+0621): جزء and جز, الثلاثاء and الثلاثا
    "\u0629": "\u0647",  # ARABIC LETTER TEH MARBUTA (U+0629) → HEH (U+0647)
    "\u0640": "",  # ARABIC TATWEEL (U+0640)
    "\u0649": "\u064a",  # ARABIC LETTER ALEF MAKSURA (U+0649) → YEH (U+064A)
    "\u0671": "\u0627",  # ARABIC LETTER ALEF WASLA (U+0671) → ALEF (U+0627)
    "\u0672": "\u0627",  # ARABIC LETTER ALEF WITH WAVY HAMZA ABOVE (U+0672)
    "\u0673": "\u0627",  # ARABIC LETTER ALEF WITH WAVY HAMZA BELOW (U+0673)
    "\u0674": "",  # ARABIC LETTER HIGH HAMZA (U+0674)
    "\u067e": "\u0628",  # ARABIC LETTER PEH (U+067E) → BEH (U+0628)
    "\u0686": "\u062c",  # ARABIC LETTER TCHEH (U+0686) → JEEM (U+062C)
    "\u06a4": "\u0641",  # ARABIC LETTER VEH (U+06A4) → FEH (U+0641)
    "\u06a9": "\u0643",  # ARABIC LETTER KEHEH (U+06A9) → KAF (U+0643)
    "\u06aa": "\u0643",  # ARABIC LETTER SWASH KAF (U+06AA)
    "\u06af": "\u0643",  # ARABIC LETTER GAF (U+06AF): the Gulf writes كروب and گروب
    "\u06be": "\u0647",  # ARABIC LETTER HEH DOACHASHMEE (U+06BE)
    "\u06c1": "\u0647",  # ARABIC LETTER HEH GOAL (U+06C1)
    "\u06c3": "\u0647",  # ARABIC LETTER TEH MARBUTA GOAL (U+06C3)
    "\u06cc": "\u064a",  # ARABIC LETTER FARSI YEH (U+06CC)
    "\u06d2": "\u064a",  # ARABIC LETTER YEH BARREE (U+06D2)
    "\u06d5": "\u0647",  # ARABIC LETTER AE (U+06D5)
    # Arabic punctuation
    "\u060c": ",",  # ARABIC COMMA (U+060C)
    "\u061b": ";",  # ARABIC SEMICOLON (U+061B)
    "\u061f": "?",  # ARABIC QUESTION MARK (U+061F)
    "\u066a": "%",  # ARABIC PERCENT SIGN (U+066A)
    "\u066b": ".",  # ARABIC DECIMAL SEPARATOR (U+066B)
    "\u066c": ",",  # ARABIC THOUSANDS SEPARATOR (U+066C)
    "\u06d4": ".",  # ARABIC FULL STOP (U+06D4)
    # dashes, quotes and separators that people mix freely
    "\u2010": "-",  # HYPHEN (U+2010)
    "\u2011": "-",  # NON-BREAKING HYPHEN (U+2011)
    "\u2012": "-",  # FIGURE DASH (U+2012)
    "\u2013": "-",  # EN DASH (U+2013)
    "\u2014": "-",  # EM DASH (U+2014)
    "\u2015": "-",  # HORIZONTAL BAR (U+2015)
    "\u2212": "-",  # MINUS SIGN (U+2212)
    "\u2018": "'",  # LEFT SINGLE QUOTATION MARK (U+2018)
    "\u2019": "'",  # RIGHT SINGLE QUOTATION MARK (U+2019)
    "\u201c": '"',  # LEFT DOUBLE QUOTATION MARK (U+201C)
    "\u201d": '"',  # RIGHT DOUBLE QUOTATION MARK (U+201D)
    "\u201e": '"',  # DOUBLE LOW-9 QUOTATION MARK (U+201E)
    "\u00ab": '"',  # LEFT-POINTING DOUBLE ANGLE QUOTATION MARK (U+00AB)
    "\u00bb": '"',  # RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK (U+00BB)
    "\u2044": "/",  # FRACTION SLASH (U+2044)
    # pictures that carry a number or a sign
    "\U0001f51f": "10",  # KEYCAP TEN (U+1F51F)
    "\u2795": "+",  # HEAVY PLUS SIGN (U+2795)
    "\u2796": "-",  # HEAVY MINUS SIGN (U+2796)
    "\u27a1": "\u2192",  # BLACK RIGHTWARDS ARROW (U+27A1) → RIGHTWARDS ARROW (U+2192)
    # compatibility forms that decompose to a space and a mark
    **{chr(code): "" for code in range(0xFE70, 0xFE80)},  # ARABIC FATHATAN ISOLATED FORM (U+FE70) … (U+FE7F)
    **{chr(code): " " for code in range(0x1F3FB, 0x1F400)},  # EMOJI MODIFIERS, skin tones (U+1F3FB … U+1F3FF)
}

_MARKS = frozenset(("Mn", "Me"))


def is_attached(char: str) -> bool:
    """Whether a dropped character belongs to the one before it (a mark, tatweel, a keycap) for showing and marking."""
    return char == "\u0640" or unicodedata.category(char) in _MARKS


def _once(char: str) -> str:
    special = SPECIAL.get(char)
    if special is not None:
        return special
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(char)
    if category in _MARKS and _is_dropped_mark(char):
        return ""
    if category == "Cf":
        return ""
    if category == "Cc" or category[0] == "Z":
        return " "
    decomposed = unicodedata.normalize("NFKD", char)
    if category == "So" and decomposed == char:
        return " "
    return decomposed.casefold()


def _is_dropped_mark(char: str) -> bool:
    """Vowel signs of Indic scripts are letters to their readers and stay; Arabic, Latin and emoji marks go."""
    code = ord(char)
    return not 0x0900 <= code <= 0x0FFF and not 0x1000 <= code <= 0x109F and not 0x1780 <= code <= 0x17FF


def folded(char: str) -> str:
    """What one code point folds to: nothing, one or several code points, each of which folds to itself."""
    current = char
    for _ in range(6):
        after = "".join(_once(one) for one in current)
        if after == current:
            break
        current = after
    return current


class FoldTable(dict[int, str | int]):
    """For `str.translate`: fills itself on first use, up to a bound, so that odd input cannot grow it for ever."""

    _BOUND = 20_000

    def __missing__(self, code: int) -> str | int:
        after = folded(chr(code))
        value: str | int = ord(after) if len(after) == 1 else after
        if len(self) < self._BOUND:
            self[code] = value
        return value


TABLE = FoldTable()
for _code in (*range(0x180), *range(0x600, 0x700), *range(0x2000, 0x2070), *range(0xFB50, 0xFF00)):
    if not 0xFDD0 <= _code <= 0xFDEF:
        TABLE[_code]
