"""The edit form: what a page shows in its controls, and how what comes back becomes a call's fields again.

A draft is the form's content as text, right or wrong, so that a refused form comes back as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from services.publisher.web.problems import Problem, problems_in
from shared.arabic.normalise import fold_text
from shared.contracts.calls import CastingCall

Draft = dict[str, Any]

SIMPLE = ("title", "project_type", "production_company", "location_city", "country", "language", "deadline")
SHOOT = ("start", "end")
PAY = ("kind", "amount", "amount_max", "currency", "per")
ROLE = ("name", "gender", "age_min", "age_max", "count", "requirements")
CONTACT = ("kind", "value")
_ROW = re.compile(r"(roles|contacts)-(\d{1,3})-(\w+)")
_NUMBERS = {"amount", "amount_max", "age_min", "age_max", "count"}
_UPPER = {"country", "currency"}


def draft_of(call: CastingCall) -> Draft:
    """The form's content for these fields."""
    data = call.model_dump(mode="json")
    shoot, pay = data["shoot_dates"] or {}, data["compensation"]
    draft: Draft = {name: text_of(data[name]) for name in SIMPLE}
    draft |= {f"shoot_dates-{name}": text_of(shoot.get(name)) for name in SHOOT}
    draft |= {f"compensation-{name}": text_of(pay[name]) for name in PAY}
    draft["roles"] = [{name: text_of(role[name]) for name in ROLE} for role in data["roles"]]
    draft["contacts"] = [{name: text_of(contact[name]) for name in CONTACT} for contact in data["contacts"]]
    return draft


def read_draft(items: Iterable[tuple[str, Any]]) -> Draft:
    """The content of a form that was sent; rows that are empty are gone."""
    sent = {name: value.replace("\r\n", "\n").strip() for name, value in items if isinstance(value, str)}
    draft: Draft = {name: sent.get(name, "") for name in SIMPLE}
    draft |= {f"shoot_dates-{name}": sent.get(f"shoot_dates-{name}", "") for name in SHOOT}
    draft |= {f"compensation-{name}": sent.get(f"compensation-{name}", "") for name in PAY}
    draft["roles"] = _rows(sent, "roles", ROLE)
    draft["contacts"] = [row for row in _rows(sent, "contacts", CONTACT) if row["value"]]
    return draft


def _rows(sent: dict[str, str], kind: str, names: tuple[str, ...]) -> list[dict[str, str]]:
    rows: dict[int, dict[str, str]] = {}
    for key, value in sent.items():
        match = _ROW.fullmatch(key)
        if match and match[1] == kind and match[3] in names:
            rows.setdefault(int(match[2]), dict.fromkeys(names, ""))[match[3]] = value
    return [row for _at, row in sorted(rows.items()) if any(row.values())]


def fields_of(draft: Draft) -> tuple[CastingCall | None, list[Problem]]:
    """The call's fields that the draft says, or what is wrong with it."""
    values: dict[str, Any] = {name: _value(name, draft[name]) for name in SIMPLE if draft[name]}
    shoot = {name: draft[f"shoot_dates-{name}"] for name in SHOOT if draft[f"shoot_dates-{name}"]}
    pay = {name: _value(name, draft[f"compensation-{name}"]) for name in PAY if draft[f"compensation-{name}"]}
    values |= {"shoot_dates": shoot} if shoot else {}
    values |= {"compensation": pay} if pay else {}
    values["roles"] = [{name: _value(name, value) for name, value in role.items() if value} for role in draft["roles"]]
    values["contacts"] = [dict(contact) for contact in draft["contacts"]]
    try:
        return CastingCall.model_validate(values), []
    except ValidationError as error:
        return None, problems_in(error)


def _value(name: str, text: str) -> str | list[str]:
    if name == "requirements":
        return [line.strip() for line in text.split("\n") if line.strip()]
    # Numbers may be typed with the digits of an Arabic keyboard.
    if name in _NUMBERS:
        return fold_text(text).replace(",", "").replace("٬", "")
    return text.upper() if name in _UPPER else text


def text_of(value: Any) -> str:
    """What a control shows for this value of a field."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
