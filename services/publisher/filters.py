"""What a reviewer wants to see of the list, and in which order: pure questions about one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shared.arabic.normalise import fold_text
from shared.storage.calls import Status, Summary

Place = tuple[int, str]
"""Where a row stands in a list, highest first: a rank and the id."""

AGES: Final = {"hour": timedelta(hours=1), "day": timedelta(days=1), "days": timedelta(days=3)}
LOW: Final = 0.5
HIGH: Final = 0.8
_LATEST = 9_999_999_999_999  # the highest time in milliseconds that a rank holds


class Sort(StrEnum):
    """The orders of a list."""

    NEWEST = "newest"
    OLDEST = "oldest"
    UNSURE = "unsure"  # the least sure first
    CLOSING = "closing"  # the last day that comes first; those without one at the end


@dataclass(frozen=True, slots=True)
class Filter:
    """What a reviewer wants to see; None and "" mean any."""

    status: Status = Status.PENDING
    group: str | None = None
    city: str | None = None
    project_type: str | None = None
    language: str | None = None
    flag: str | None = None
    confidence: str | None = None  # low, medium, high
    reason: str | None = None  # why it was rejected
    age: str | None = None  # of AGES: at most as old; "older": older than all of them
    q: str = ""
    sort: Sort = Sort.NEWEST

    @property
    def narrow(self) -> bool:
        """Whether some calls of the status are left out."""
        equal = (self.group, self.city, self.project_type, self.language, self.reason)
        return any((*equal, self.flag, self.confidence, self.age, self.q))

    def matcher(self, now: datetime) -> Callable[[Summary], bool]:
        """Says of a row of this status whether it is wanted."""
        words = fold_text(self.q).split()
        equal = [
            (name, wanted)
            for name, wanted in (
                ("group_id", self.group),
                ("city", self.city),
                ("project_type", self.project_type),
                ("language", self.language),
                ("reason", self.reason),
            )
            if wanted
        ]

        def wanted(row: Summary) -> bool:
            return (
                all(getattr(row, name) == value for name, value in equal)
                and (not self.flag or self.flag in kinds_of(row))
                and (not self.confidence or level_of(row.confidence) == self.confidence)
                and (not self.age or _of_age(row, self.age, now))
                and all(word in row.search for word in words)
            )

        return wanted


def kinds_of(row: Summary) -> set[str]:
    """What there is to look at in this call: the first word of each flag, and what else stands out."""
    kinds = {name.partition(":")[0] for name in row.flags}
    kinds |= {"check"} if row.check else set()
    kinds |= {"alike"} if row.alike else set()
    kinds |= {"changed"} if row.suggestions else set()
    return kinds


def level_of(confidence: float | None) -> str | None:
    """Low, medium or high; None where nothing is known."""
    if confidence is None:
        return None
    return "low" if confidence < LOW else "high" if confidence >= HIGH else "medium"


def rank(row: Summary, sort: Sort) -> int:
    """Where a row stands in this order: the highest first."""
    sent = milliseconds(row.sent_at)
    match sort:
        case Sort.NEWEST:
            return sent
        case Sort.OLDEST:
            return _LATEST - sent
        case Sort.UNSURE:
            sure = 1.0 if row.confidence is None else row.confidence
            return round((1 - sure) * 100) * (_LATEST + 1) + sent
        case Sort.CLOSING:
            return 9_999_999 - (row.closes_on.toordinal() if row.closes_on else 9_999_999)


def milliseconds(at: datetime) -> int:
    """A time as a number."""
    return int(at.timestamp() * 1000)


def cursor_of(place: Place) -> str:
    """A place as text, to come back to it."""
    at, id = place
    return f"{at}-{id}"


def place_in(cursor: str) -> Place:
    """The place that a cursor names. ValueError for one that is none of ours."""
    at, dash, id = cursor.partition("-")
    if not dash or not (at.isascii() and at.isdigit()) or len(at) > 16:
        raise ValueError("not a cursor of this list")
    return int(at), id


@dataclass(frozen=True, slots=True)
class Facets:
    """What the rows of a status can be narrowed by, with how many there are of each (None: unknown); most first."""

    groups: list[tuple[str, str | None, int | None]]
    cities: list[tuple[str, int | None]]
    types: list[tuple[str, int | None]]
    languages: list[tuple[str, int | None]]
    flags: list[tuple[str, int | None]]


def facets_of(rows: Iterable[Summary]) -> Facets:
    """The facets of these rows."""
    groups, cities, types, languages, flags = (Counter[str]() for _ in range(5))
    names: dict[str, str] = {}
    for row in rows:
        groups[row.group_id] += 1
        if row.group_name:
            names[row.group_id] = row.group_name
        if row.city:
            cities[row.city] += 1
        types[row.project_type] += 1
        languages[row.language] += 1
        flags.update(kinds_of(row))
    return Facets(
        [(id, names.get(id), count) for id, count in groups.most_common()],
        [*cities.most_common()],
        [*types.most_common()],
        [*languages.most_common()],
        [*flags.most_common()],
    )


def _of_age(row: Summary, age: str, now: datetime) -> bool:
    if age in AGES:
        return row.sent_at >= now - AGES[age]
    return row.sent_at < now - max(AGES.values())
