"""The year that is meant where a text names none, in both calendars; Hijri goes by Umm al-Qura."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hijridate import Hijri


def next_such(day: int, month: int, year: str | None, now: datetime) -> date:
    """This day and month in the year that is meant: the one given, else the nearest that is not long past."""
    if year:
        return date(int(year), month, day)
    today = now.date()
    for candidate in (today.year, today.year + 1):
        found = date(candidate, month, day)
        if found >= today - timedelta(days=60):
            return found
    return date(today.year, month, day)


def hijri_date(day: int, month: int, year: str | None, now: datetime) -> date | None:
    """The day of a Hijri date; without a year the next such one, or one of the last thirty days. None if impossible."""
    today = now.date()
    this_year = round((today.year - 622) * 33 / 32)
    for candidate in (int(year),) if year else range(this_year - 1, this_year + 3):
        try:
            found = Hijri(candidate, month, day).to_gregorian()
        except (ValueError, OverflowError):
            continue
        gregorian = date(found.year, found.month, found.day)
        if year or gregorian >= today - timedelta(days=30):
            return gregorian
    return None
