"""Single values of the gateway's JSON, read tolerantly: each reader takes anything and never raises."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

_ID = re.compile(r"[!-~]{1,200}")  # visible ASCII: an id becomes a message header, where spaces and newlines get lost
_GROUP = re.compile(r"[!-~]{1,95}@g\.us")
_NUMBER = re.compile(r"[0-9]{1,16}(\.[0-9]{1,9})?")
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9_.]+")
_LINE_BREAKS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")

_FIRST_SECOND = 1_230_768_000  # 2009-01-01: WhatsApp did not exist before
_LAST_SECOND = 4_102_444_800  # 2100-01-01
_MAX_WHOLE = 2**53


def mapping(value: object) -> dict[str, Any]:
    """The object itself, or an empty one where something else stands."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any] | None:
    """A list; a single object counts as a list of one; nothing as an empty list; None for anything else."""
    if value is None:
        return []
    if isinstance(value, dict):
        return [value]
    return value if isinstance(value, list) else None


def scrub(text: str) -> str:
    """The text unchanged, but for NUL and lone surrogates: nothing can store them, so U+FFFD stands there."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\x00", "\ufffd")


def words(value: object) -> str | None:
    """A text, scrubbed; None where no text stands."""
    return scrub(value) if isinstance(value, str) else None


def label(value: object, limit: int = 300) -> str | None:
    """A short text on one line, such as a name; None where there is none or it is blank."""
    if not isinstance(value, str):
        return None
    text = value if value.isprintable() else _LINE_BREAKS.sub(" ", scrub(value))
    return text.strip()[:limit].strip() or None


def identifier(value: object) -> str | None:
    """An id: opaque, case-sensitive, 1 to 200 visible ASCII characters; None for anything else."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def group_id(value: object) -> str | None:
    """A group's id; None for every other chat and for what is no chat id."""
    return value if isinstance(value, str) and _GROUP.fullmatch(value) else None


def instant(value: object) -> datetime | None:
    """The time that a number (or a number as text) means, in seconds or milliseconds since 1970, UTC.

    None outside the years 2009 to 2099: the gateway also sends numbers that no clock can hold.
    """
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    for seconds in (value, value / 1000 if abs(value) < _MAX_WHOLE else 0):
        if _FIRST_SECOND <= seconds < _LAST_SECOND:
            return datetime.fromtimestamp(seconds, UTC)
    return None


def whole(value: object) -> int | None:
    """A number from 0 to 2^53, without its fraction; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 <= value < _MAX_WHOLE:  # false for NaN, too
        return None
    return int(value)


def truth(value: object) -> bool:
    """True for true, 1 and "true"; everything else is false."""
    return value is True or value == "true" or (isinstance(value, int) and value == 1)


def link(value: object) -> str | None:
    """An http(s) address of at most 2,000 characters; None for anything else."""
    if isinstance(value, str) and value.startswith(("https://", "http://")) and len(value) <= 2000:
        return scrub(value)
    return None


def name_of(value: object) -> str:
    """A foreign word made fit for a counter's label: [a-z0-9_.]{1,40}, "unnamed" where nothing is left."""
    if not isinstance(value, str):
        return "unnamed"
    return _name_of(value[:80])


@lru_cache(maxsize=500)  # the same few names in every delivery
def _name_of(word: str) -> str:
    return _NOT_IN_A_NAME.sub("_", word.lower()).strip("_")[:40].strip("_") or "unnamed"


def as_json(piece: object) -> str:
    """The piece as JSON text that always encodes; a description of it where it cannot be written."""
    try:
        return scrub(json.dumps(piece, ensure_ascii=False, default=str, skipkeys=True))
    except (RecursionError, ValueError, TypeError):
        return json.dumps({"unwritable": type(piece).__name__})
