"""What a log line must not show: phone numbers, credentials, values quoted by a validator, characters that deceive.

What counts as a phone number, and what does not:

| masked to its last two digits                                   | left readable                                      |
|-----------------------------------------------------------------|----------------------------------------------------|
| a plus or 00 and 7 to 15 digits, also with dots and brackets    | ids of groups: 15 or more digits before `@g.us`    |
| 9 to 15 digits, with spaces or dashes between, in any script    | digits next to a letter: ids of messages and calls |
| 7 or 8 digits that stand alone                                  | dates, times, decimals, IP addresses               |
| the creator's number in an old group id (`number-time@g.us`)    | numbers that are logged as numbers                 |
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_START = r"(?<![^\W_])(?<!\d\.)"  # not inside a word, not behind a decimal point
_END = r"(?![^\W_])(?!\.\d)"
_NOT_AN_ID = r"(?!\d+@(?:g\.us|newsletter|broadcast))"
_NOT_A_DATE = r"(?!\d{4}-\d{2}-\d{2}(?!\d))"
_LOOSE = r"[ \u00a0().\-‐-―]{0,2}"
_GAP = r"[ \u00a0\-‐-―]"
_PHONE = re.compile(
    rf"\+ ?\(?\d(?:{_LOOSE}\d){{6,14}}(?!\d)"
    rf"|{_START}00 ?\(?\d(?:{_LOOSE}\d){{6,14}}(?![^\W_])"
    rf"|{_START}{_NOT_AN_ID}{_NOT_A_DATE}\d(?:{_GAP}?\d){{8,14}}{_END}"
    rf"|(?<![\w.:\-/]){_NOT_AN_ID}{_NOT_A_DATE}\d(?:{_GAP}?\d){{6,7}}(?![\w.:\-/])"
)
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@'\"]+@")
_QUOTED_INPUT = re.compile(r"input_value=.*?, input_type=", re.DOTALL)


def mask_phones(value: str) -> str:
    """The text with all but the last two digits of each phone-like number replaced."""
    return _PHONE.sub(lambda match: "•••" + match.group()[-2:], value)


def without_credentials(value: str) -> str:
    """The text with the user and password of each address in it replaced."""
    return _CREDENTIALS.sub("***@", value)


def without_inputs(value: str) -> str:
    """The text without the values that pydantic quotes in its errors: they are somebody's message."""
    return _QUOTED_INPUT.sub("input_type=", value)


def escaped(value: str) -> str:
    """The text on one line, with what is not printable (line ends, controls, bidi marks) as its escape sequence."""
    if value.isprintable():
        return value
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in value)


def fenced(stack: str) -> str:
    """A stack on its lines, each marked, so that no line of an error's own words can pass for one of the log."""
    return "\n".join("  | " + escaped(line) for line in stack.split("\n"))


def without(secrets: frozenset[str], value: str) -> str:
    """The text with each of these secrets replaced."""
    for secret in secrets:
        if secret in value:
            value = value.replace(secret, "***")
    return value


def cleaned(value: Any, secrets: frozenset[str] = frozenset()) -> Any:
    """A value for the log: each text in it, however deep, masked and on one line; others as their masked repr."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return escaped(safe(value, secrets))
        case Mapping():
            return {escaped(safe(str(key), secrets)): cleaned(inner, secrets) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [cleaned(inner, secrets) for inner in value]
        case _:
            return escaped(safe(repr(value), secrets))


def safe(value: str, secrets: frozenset[str] = frozenset()) -> str:
    """The text without secrets, credentials, quoted inputs and whole phone numbers; its lines stay as they are."""
    return mask_phones(without_inputs(without_credentials(without(secrets, str(value)))))
