"""What the stand-in model planted into its answers, and what became of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from services.sandbox.answers import known_text
from services.sandbox.inventions import Plant
from shared.contracts.calls import CastingCall
from shared.contracts.pipeline import Extraction

Row = Mapping[str, Any]
Loss = tuple[str, str, str]
"""Row, field, value."""

_PATHS = {
    **dict.fromkeys(("phone", "email", "link", "instagram"), "contacts"),
    "amount": "compensation",
    "city": "location_city",
    "company": "production_company",
    "role": "roles",
}


class Plants:
    """The notes of one run: row → what was planted into the answer about it."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._texts = [row["text"] for row in rows]
        self._by_text: dict[str, tuple[Plant, ...]] = {}

    def note(self, asked: str, plants: Sequence[Plant]) -> None:
        """As the sandbox's model tells it; the last answer to a question is the one that counts."""
        text = known_text(asked, self._texts)
        if text is not None:
            self._by_text[text] = tuple(plants)

    def of(self, row: Row) -> tuple[Plant, ...]:
        """What was planted into the answer about this row."""
        return self._by_text.get(row["text"], ())

    @property
    def kinds(self) -> list[str]:
        """The kind of every plant."""
        return [plant.kind for plants in self._by_text.values() for plant in plants]


NOTHING = Plants([])


def escaped(plants: Iterable[Plant], read: Extraction) -> list[Plant]:
    """The plants that came through."""
    return [plant for plant in plants if _stands(plant, read.call)]


def _stands(plant: Plant, call: CastingCall | None) -> bool:
    if plant.kind == "denied":
        return call is None
    if call is None:
        return False
    match plant.kind:
        case "deadline":
            return call.deadline == date.fromisoformat(plant.value)
        case "shoot_dates":
            day, dates = date.fromisoformat(plant.value), call.shoot_dates
            return dates is not None and day in (dates.start, dates.end)
        case "amount":
            return Decimal(plant.value) in (call.compensation.amount, call.compensation.amount_max)
        case "city":
            return call.location_city == plant.value
        case "company":
            return call.production_company == plant.value
        case "role":
            return any(role.name == plant.value for role in call.roles)
        case "instagram":
            return any((contact.kind, contact.value) == ("instagram", plant.value) for contact in call.contacts)
        case _:  # contacts stand nowhere in the call, also not hidden in its words
            return plant.value.removeprefix("https://") in call.model_dump_json()


def lost_values(row: Row, read: Extraction, *, except_for: Iterable[Plant] = ()) -> list[Loss]:
    """The values of gold that the call does not hold, but for the fields in whose place something was planted.

    Where the model denies the call, the parsers' reading stands: its losses are not those of the model's answer.
    """
    replaced = {_PATHS.get(plant.kind, plant.field) for plant in except_for} - {"contacts", "roles"}
    if "is_casting_call" in replaced:
        return []
    gold = CastingCall.model_validate({key: value for key, value in row["gold"].items() if key in _FIELDS})
    if read.call is None:
        return [(row["id"], "is_casting_call", "true")]
    found: list[Loss] = []
    for name in ("location_city", "country", "deadline", "shoot_dates", "production_company"):
        true, kept = getattr(gold, name), getattr(read.call, name)
        if true is not None and true != kept and name not in replaced:
            found.append((row["id"], name, str(true)))
    if "compensation" not in replaced:
        for name in ("kind", "amount", "amount_max", "currency", "per"):
            true, kept = getattr(gold.compensation, name), getattr(read.call.compensation, name)
            if true is not None and true != kept:
                found.append((row["id"], f"compensation.{name}", str(true)))
    kept_contacts = {contact.value for contact in read.call.contacts}
    found += [(row["id"], "contacts", one.value) for one in gold.contacts if one.value not in kept_contacts]
    return found + [(row["id"], "roles", name) for name in _lost_roles(gold, read.call)]


def _lost_roles(gold: CastingCall, call: CastingCall) -> list[str]:
    kept = [(role.name, role.gender, role.age_min, role.age_max) for role in call.roles]
    return [role.name for role in gold.roles if (role.name, role.gender, role.age_min, role.age_max) not in kept]


_FIELDS = frozenset(CastingCall.model_fields)
