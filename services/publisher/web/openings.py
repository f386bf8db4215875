"""Open calls as the public looks through them: what somebody may ask for, and in which order they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Literal

from services.publisher.filters import Place, cursor_of, milliseconds, place_in
from shared.arabic.normalise import fold_text
from shared.contracts.calls import CastingCall, Gender, PayKind, ProjectType, Role
from shared.storage.calls import Call, Status

SOON: Final = {"week": timedelta(days=7), "month": timedelta(days=31)}
_NEVER = 9_999_999  # after the last day that there is
_OLDEST = 110
_LONGEST = 100


class Order(StrEnum):
    """The orders of the list."""

    NEWEST = "newest"
    CLOSING = "closing"  # the last day that comes first; those without one at the end


@dataclass(frozen=True, slots=True)
class Opening:
    """A public call, with what a search looks through: its fields alone, never the message."""

    call: Call
    text: str

    def is_open(self, today: date) -> bool:
        """Whether it can be shown today."""
        call = self.call
        return call.status is Status.APPROVED and (call.closes_on is None or call.closes_on >= today)

    def place(self, order: Order) -> Place:
        """Where it stands in the list, highest first."""
        call = self.call
        if order is Order.CLOSING:
            return _NEVER - (call.closes_on.toordinal() if call.closes_on else _NEVER), call.id
        return milliseconds(call.changed_at or call.updated_at), call.id


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a visitor asks for; None and "" mean any. A role has to fit gender and age at once."""

    city: str = ""
    type: ProjectType | None = None
    gender: Literal["male", "female"] | None = None
    age: int | None = None
    pay: Literal["paid", "unpaid"] | None = None
    deadline: Literal["week", "month"] | None = None
    q: str = ""
    order: Order = Order.NEWEST

    @property
    def narrow(self) -> bool:
        """Whether some calls are left out."""
        return any((self.city, self.type, self.gender, self.age is not None, self.pay, self.deadline, self.q))

    def address(self) -> dict[str, str]:
        """The parts of the address that ask for the same again."""
        values = {
            "q": self.q,
            "city": self.city,
            "type": self.type or "",
            "gender": self.gender or "",
            "age": "" if self.age is None else str(self.age),
            "pay": self.pay or "",
            "deadline": self.deadline or "",
            "order": "" if self.order is Order.NEWEST else str(self.order),
        }
        return {name: str(value) for name, value in values.items() if value}

    def matcher(self, today: date) -> Callable[[Opening], bool]:
        """Says of an opening whether it is wanted."""
        words = fold_text(self.q).split()
        last = today + SOON[self.deadline] if self.deadline else None

        def wanted(opening: Opening) -> bool:
            fields, closes = opening.call.fields, opening.call.closes_on
            return (
                (not self.city or fields.location_city == self.city)
                and (self.type is None or fields.project_type is self.type)
                and (self.pay is None or fields.compensation.kind is PayKind(self.pay))
                and (last is None or (closes is not None and closes <= last))
                and ((self.gender is None and self.age is None) or self._fits(fields))
                and all(word in opening.text for word in words)
            )

        return wanted

    def _fits(self, fields: CastingCall) -> bool:
        # What is unsaid is open to everybody.
        return not fields.roles or any(self._fits_role(role) for role in fields.roles)

    def _fits_role(self, role: Role) -> bool:
        if self.gender and role.gender not in (None, Gender.ANY, Gender(self.gender)):
            return False
        if self.age is None:
            return True
        return (role.age_min is None or role.age_min <= self.age) and (role.age_max is None or self.age <= role.age_max)


def asked(params: Mapping[str, str]) -> Wanted:
    """What an address asks for. What it says wrongly is passed over: a link from long ago still shows a list."""
    gender, pay, deadline, order = (params.get(name, "") for name in ("gender", "pay", "deadline", "order"))
    kind, years = params.get("type", ""), params.get("age", "").strip()
    age = int(years) if years.isdecimal() and len(years) <= 3 else None
    return Wanted(
        city=params.get("city", "").strip()[:_LONGEST],
        type=ProjectType(kind) if kind in set(ProjectType) else None,
        gender="male" if gender == "male" else "female" if gender == "female" else None,
        age=age if age is not None and age <= _OLDEST else None,
        pay="paid" if pay == "paid" else "unpaid" if pay == "unpaid" else None,
        deadline="week" if deadline == "week" else "month" if deadline == "month" else None,
        q=params.get("q", "").strip()[:_LONGEST],
        order=Order(order) if order in set(Order) else Order.NEWEST,
    )


@dataclass(frozen=True, slots=True)
class Part:
    """Some openings, how many match in all, and where the next part begins (None: this was the last)."""

    items: list[Opening]
    total: int
    next: str | None


def part_of(openings: Iterable[Opening], wanted: Wanted, today: date, *, cursor: str | None, limit: int) -> Part:
    """Those that are wanted, in the wanted order, after the cursor. ValueError for a cursor that is none of ours."""
    after = place_in(cursor) if cursor else None
    placed = [(item.place(wanted.order), item) for item in filter(wanted.matcher(today), openings)]
    placed.sort(key=lambda pair: pair[0], reverse=True)
    total = len(placed)
    left = [pair for pair in placed if after is None or pair[0] < after]
    chosen = left[:limit]
    return Part([item for _, item in chosen], total, cursor_of(chosen[-1][0]) if len(left) > limit else None)


def choices(openings: Iterable[Opening]) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """The cities and the kinds of project that there are, each with its number, most first."""
    cities, types = Counter[str](), Counter[str]()
    for item in openings:
        types[str(item.call.fields.project_type)] += 1
        if item.call.fields.location_city:
            cities[item.call.fields.location_city] += 1
    return cities.most_common(), types.most_common()
