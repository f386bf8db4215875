"""A time, or a window of time, as an operator types it: a day, a time, or how long ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from shared.errors import Misconfigured

_LENGTH = re.compile(r"(\d{1,5})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST = timedelta(days=3_660)
_FIRST_YEAR = 2009  # of WhatsApp: what is older is a slip


def length(words: str, *, option: str) -> timedelta:
    """How long "90s", "5m", "12h", "30d" or "2w" is. Misconfigured, with the option's name, where it is no length."""
    found = _length(words)
    if found is None or found > _LONGEST:
        raise Misconfigured(f"--{option} {words}: give a length of time (90s, 5m, 1h)")
    return found


def _length(words: str) -> timedelta | None:
    found = _LENGTH.fullmatch(words.strip())
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def moment(words: str | None, now: datetime, *, option: str) -> datetime | None:
    """The time that is meant: "2026-11-01", "2026-11-01T08:30" (UTC unless it says otherwise), "90m", "12h", "30d".

    None for None. Misconfigured, with the option's name, where it is no time, or for "since" one that lies ahead.
    """
    if words is None:
        return None
    found: datetime | None
    try:
        ago = _length(words)
        found = now - ago if ago is not None else datetime.fromisoformat(words.strip())
    except (ValueError, OverflowError):
        found = None
    if found is None or found.year < _FIRST_YEAR:
        raise Misconfigured(
            f"--{option} {words}: give a day (2026-11-01), a time (2026-11-01T08:30) or how long ago (90m, 12h, 30d)"
        )
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    if option == "since" and found > now:  # "all accounted for" of a time that is yet to come would reassure wrongly
        raise Misconfigured(f"--since {words}: that lies ahead")
    return found


def window(since: str | None, until: str | None, now: datetime) -> tuple[datetime | None, datetime | None]:
    """The times that --since and --until mean. Misconfigured where one is none, or nothing lies between them."""
    begin, end = moment(since, now, option="since"), moment(until, now, option="until")
    if begin is not None and end is not None and begin >= end:
        raise Misconfigured(f"--since {since} --until {until}: the window ends before it begins")
    return begin, end
