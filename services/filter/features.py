"""What a text shows: points by word list, and the signals that no word list can hold.

The one that matters most is who asks whom. A verb of seeking is worth nothing by itself: "we need" an actress, a
gaffer or a flat. So the first thing or person that follows the verb (or stands right before "needed") decides which
of `seeks_people`, `seeks_crew` and `seeks_things` gets the point.

The features are a plain mapping of names to numbers, so that a trained model can be put on the same ones.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from services.filter.lexicon import MONEY, PEOPLE, SEEK, TOKEN, Kind, Lexicon
from shared.arabic.normalise import fold_text

_Mark = tuple[str, int, int, str]  # (a role of `lexicon` or NUMBER, place of its first word, of its last, the word)
_REACH = 9  # words between the verb of seeking and what is sought
_REACH_BACK = 3  # words between what is sought and a verb that follows it: "two dancers needed"
_AFTER = frozenset({"needed", "wanted", "required", "مطلوب", "مطلوبه", "مطلوبين", "مطلوبات"})
_COUNTED = 2  # words between a number and the people it counts
NUMBER, LONG_NUMBER = "number", "long_number"
_LONG_FROM = 5  # digits
_FAR = -99  # a place that nothing is near to

_DIGITS = "0123456789"
_DIALLING_CODES = frozenset({"966", "00966", "971", "00971", "965", "00965", "973", "974", "968"})
_PHONE_DIGITS = 8
_AGES = re.compile(r"([1-9][0-9]?) ?(?:[-~]|الي|لين|حتي|to|ل) ?([1-9][0-9])")
_NOT_BEFORE_AGES = frozenset("0123456789./-,:")  # then the numbers are parts of a date, a sum, a phone
_NOT_AFTER_AGES = frozenset("0123456789/-%:")
_OLDEST_STEP = 60  # years between the two ages of one slot
_MONTH = (
    r"(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\b"
    r"|يناير|فبراير|مارس|ابريل|مايو|يونيو|يوليو|اغسطس|سبتمبر|اكتوبر|نوفمبر|ديسمبر|رمضان|شوال|شعبان|رجب|محرم|صفر)"
)
_MONTH_BEFORE = re.compile(_MONTH + " ?$")
_MONTH_AFTER = re.compile(" ?" + _MONTH)
_LINKS = ("://", "wa.me", "forms.gle", "linktr.ee", "bit.ly", "www.", "t.me/")
_LONG = 700
_MANY_LINES = 4
SCANNED = 8_000  # characters; what a text is shows before that, and a wall of text must not cost more


class Reading(NamedTuple):
    """A text as the rules see it. `values` holds the features that are there, uncapped."""

    length: int  # characters as posted
    tokens: list[str]  # its words and numbers, folded
    kinds: list[Kind]  # what those of them are that a list knows, and numbers, in their order
    values: dict[str, float]


def read(text: str, lexicon: Lexicon, *, min_chars: int, folded: str | None = None) -> Reading:
    """The features of a raw text. `folded` spares the folding where the caller has it. Never raises for any text."""
    if folded is None:
        folded = fold_text(text[:SCANNED])
    elif len(folded) > SCANNED:
        folded = folded[:SCANNED]
    tokens = TOKEN.findall(folded)
    values, marks, kinds = _points(tokens, lexicon)
    _asked(marks, values)
    if sum(mark[0] == NUMBER for mark in marks) > 1:
        _ages(folded, values)
    _signals(text, folded, min_chars, values)
    return Reading(len(text), tokens, kinds, values)


def _points(tokens: list[str], lexicon: Lexicon) -> tuple[dict[str, float], list[_Mark], list[Kind]]:
    """One walk over the words: points by list, the marks that tell who asks for what, and the kinds of words.

    A phrase hides its words.
    """
    values: dict[str, float] = {}
    marks: list[_Mark] = []
    kinds: list[Kind] = []
    word_of, points_of = lexicon.table.get, values.get
    resume, last = 0, len(tokens) - 1
    for at, token in enumerate(tokens):
        if at < resume:
            continue
        word = word_of(token)
        if word is None:
            if token[0] not in _DIGITS:
                continue
            marks.append((NUMBER, at, at, token))
            kinds.append(NUMBER if len(token) < _LONG_FROM else LONG_NUMBER)
            word = word_of(token.lstrip(_DIGITS))  # "500ريال", "5mums"
            if word is None:
                continue
        phrases, points, kind = word
        end = at
        if phrases is not None and at < last:
            for tail, size, given, of in phrases.get(tokens[at + 1], ()):
                if not tail or tokens[at + 2 : at + 1 + size] == tail:
                    points, kind, end = given, of, at + size
                    resume = end + 1
                    break
        if kind:
            kinds.append(kind)
        for name, weight, role in points:
            values[name] = points_of(name, 0.0) + weight
            if role:
                marks.append((role, at, end, token))
    return values, marks, kinds


def _asked(marks: list[_Mark], values: dict[str, float]) -> None:
    """Who asks for what, from the marks in their order; added to `values`."""
    number_at = money_at = sought_at = object_at = _FAR
    object_role = ""
    found: list[str] = []
    for role, at, end, token in marks:
        if role == NUMBER:
            if at - money_at == 1:
                found.append("money")
            if len(token) >= _PHONE_DIGITS or token in _DIALLING_CODES or token.startswith("05"):
                values["phone"] = 1.0
            number_at = at
        elif role == MONEY:
            if at - number_at <= 1:
                found.append("money")
            money_at = end
        elif role != SEEK:
            object_at, object_role = end, role
            if at - sought_at <= _REACH:
                found.append(role)
                sought_at = _FAR
            if role == PEOPLE and at - number_at <= _COUNTED:
                found.append("counted_people")
                number_at = _FAR
        elif token in _AFTER and at - object_at <= _REACH_BACK:
            found.append(object_role)
            object_at = _FAR
        else:
            sought_at = end
    for name in found:
        values[name] = values.get(name, 0.0) + 1.0


def _ages(folded: str, values: dict[str, float]) -> None:
    """How many pairs of numbers may be ages, added to `values`."""
    ages = sum(1 for found in _AGES.finditer(folded) if _may_be_ages(folded, found))
    if ages:
        values["age_ranges"] = float(ages)


def _signals(text: str, folded: str, min_chars: int, values: dict[str, float]) -> None:
    """The signals of shape, added to `values`."""
    if "@" in folded:
        _addresses(folded, values)
    for mark in _LINKS:
        if mark in folded:
            values["link"] = 1.0
            break
    if "?" in folded:
        values["asks"] = 1.0
    length = len(text)
    if length < min_chars:
        values["short"] = 1.0
        if length * 3 < min_chars:
            values["tiny"] = 1.0
    elif length > _LONG:
        values["long"] = 1.0
    if text.count("\n") >= _MANY_LINES:
        values["lines"] = 1.0


def _may_be_ages(folded: str, found: re.Match[str]) -> bool:
    """Whether a pair of numbers grows as ages do and is no span of days ("12-15 Nov") or part of a longer number."""
    start, end = found.span()
    if not 0 < int(found[2]) - int(found[1]) <= _OLDEST_STEP:
        return False
    if folded[start - 1 : start] in _NOT_BEFORE_AGES or folded[end : end + 1] in _NOT_AFTER_AGES:
        return False
    return not (_MONTH_AFTER.match(folded, end) or _MONTH_BEFORE.search(folded, max(0, start - 12), start))


def _addresses(folded: str, values: dict[str, float]) -> None:
    """E-mail addresses have a letter before their @, handles have none."""
    at = folded.find("@")
    while at >= 0:
        if at and folded[at - 1].isalnum():
            values["email"] = 1.0
        elif folded[at + 1 : at + 2].isalnum():
            values["handle"] = 1.0
        at = folded.find("@", at + 1)
