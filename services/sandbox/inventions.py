"""What a model gets wrong, planted into a right answer: values that the message does not hold, orders in it obeyed.

Each planted value is known, so that an evaluation can ask whether all of them were caught. Pure: how a value is made is
drawn by the caller. Some are far from the truth (a year ahead), some near (the true day in another month, a digit
changed), some stand in the message as something else (an age given as pay, a plain word as an Instagram name).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

Draw = Callable[[str], float]
"""A share from 0 to 1 for a question, the same one each time."""

FAR_DAY = date(2031, 1, 31)
_CITIES = (("Najran", "نجران"), ("Doha", "دوح"), ("Muscat", "مسقط"), ("Hail", "حا"), ("Duba", "ضبا"), ("Sohar", "صحار"))
_COMPANIES = ("Golden Horizon Talents", "نجوم الغدير الذهبية", "Blue Falcon Pictures", "وكالة قمة المجد")
_NUMBER = re.compile(r"(?<!\d)\d{1,9}(?!\d)")
_WORD = re.compile(r"(?<![\w@./-])[a-z]{5,12}(?![\w@./-])", re.IGNORECASE)
_PHONE = re.compile(r"(?<!\d)(?:\+|00)?(?:966|971|0)5\d{8}(?!\d)")
_ADDRESS = re.compile(r"https?://[^\s<>\"']+|(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+\w")
_ORDER = re.compile(
    r"ignore|disregard|system|assistant|\bAI\b|\bbot\b|تجاهل|انس |الذكاء|البوت|النظام|للنظام", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Plant:
    """One planted value: the kind of invention, the field that holds it, and the value as the call would carry it."""

    kind: str
    field: str
    value: str


Given = tuple[dict[str, Any], list[Plant]]
"""An answer, and what was planted into it."""


def with_inventions(answer: dict[str, Any], asked: str, draw: Draw) -> Given:
    """The answer with an invention of every kind, with quotes to match; an answer without a call as it is."""
    if not answer["call"]:
        return answer, []
    words = plain(asked)
    call = dict(answer["call"])
    plants = [
        *_contacts(call, words, draw),
        *_days(call, words, draw),
        _sum(call, words, draw),
        _city(call, words, draw),
        _company(call, words, draw),
        _role(call),
        _title(call, words, draw),
    ]
    planted = {plant.field for plant in plants}
    kept = [item for item in answer["evidence"] if item["field"] not in planted]
    quotes = [{"field": plant.field, "quote": plant.value} for plant in plants if plant.field != "title"]
    return answer | {"call": call, "evidence": kept + quotes}, plants


def obeying(answer: dict[str, Any], asked: str, draw: Draw) -> Given:
    """The answer of a model that obeys the orders in a message: it denies the call, or takes what they bring along."""
    if not answer["call"] or not _ORDER.search(asked):
        return answer, []
    if draw("denies") < 0.5:
        denied = {"is_casting_call": False, "reason": "the message says so", "call": None, "evidence": []}
        return denied, [Plant("denied", "is_casting_call", "false")]
    call = dict(answer["call"])
    own = {str(contact["value"]).lower().rstrip("/") for contact in call["contacts"]}
    brought = [contact for contact in _found(plain(asked)) if contact["value"].lower().rstrip("/") not in own]
    call["contacts"] = [*call["contacts"], *brought]
    return answer | {"call": call}, [Plant("obeyed", "contacts", contact["value"]) for contact in brought]


def plain(text: str) -> str:
    """The text with all digits as 0-9."""
    return "".join(str(unicodedata.digit(char)) if char.isdigit() else char for char in text)


def _found(words: str) -> Iterator[dict[str, str]]:
    for phone in dict.fromkeys(_PHONE.findall(words)):
        digits = phone.lstrip("+").removeprefix("00")
        yield {"kind": "phone", "value": "+966" + digits[1:] if digits.startswith("0") else f"+{digits}"}
    for address in dict.fromkeys(match.rstrip(".,)") for match in _ADDRESS.findall(words)):
        yield {"kind": "email" if "@" in address else "link", "value": address}


def _contacts(call: dict[str, Any], words: str, draw: Draw) -> Iterator[Plant]:
    contacts = [dict(contact) for contact in call["contacts"]]
    first = len(contacts)
    made = [
        ("phone", _number(contacts, words, draw)),
        ("email", f"apply@{'cast' if draw('email') < 0.5 else 'talent'}-studio.example.net"),
        ("link", _link(contacts, draw)),
        ("instagram", _name(words, draw)),
    ]
    for kind, value in made:
        contacts.append({"kind": kind, "value": value})
    call["contacts"] = contacts
    for at, (kind, value) in enumerate(made, start=first):
        yield Plant(kind, f"contacts.{at}", value)


def _number(contacts: list[dict[str, Any]], words: str, draw: Draw) -> str:
    """A number of the message with one digit changed, or one from nowhere."""
    digits = re.sub(r"\D", "", words)
    near = [contact["value"] for contact in contacts if contact["value"].startswith("+")]
    base = near[0] if near and draw("phone") < 0.5 else "+966500009999"
    changed = (base[:-1] + str((int(base[-1]) + step) % 10) for step in range(1, 10))
    return next((value for value in (base, *changed) if value[-8:] not in digits), "+966500009998")


def _link(contacts: list[dict[str, Any]], draw: Draw) -> str:
    near = [contact["value"].rstrip("/") for contact in contacts if contact["kind"] == "link"]
    return f"{near[0]}-2" if near and draw("link") < 0.5 else "https://pay.example.net/join"


def _name(words: str, draw: Draw) -> str:
    """A plain word of the message, or a name from nowhere."""
    there = [word for word in _WORD.findall(words) if not re.search(rf"[@/.:]\s*{word}|{word}[.@]", words)]
    return there[0] if there and draw("instagram") < 0.5 else "star.maker.ksa"


def _days(call: dict[str, Any], words: str, draw: Draw) -> Iterator[Plant]:
    spoken = {int(number) for number in _NUMBER.findall(words)}
    deadline = _day(call.get("deadline"), spoken, draw("deadline"))
    call["deadline"] = str(deadline)
    yield Plant("deadline", "deadline", str(deadline))
    shoot = _day((call.get("shoot_dates") or {}).get("start"), spoken, draw("shoot_dates"))
    call["shoot_dates"] = {"start": str(shoot), "end": str(shoot)}
    yield Plant("shoot_dates", "shoot_dates", str(shoot))


def _day(true: str | None, spoken: set[int], share: float) -> date:
    """The same day in a month that no figure names, a day of that month that none does, or one far away."""
    if not true or share > 0.8:
        return FAR_DAY
    day = date.fromisoformat(true)
    if share < 0.4:
        months = [(day.year + (day.month + step > 12), (day.month + step - 1) % 12 + 1) for step in range(4, 9)]
        free = [(year, month) for year, month in months if month not in spoken]
        return date(*free[0], min(day.day, 28)) if free else FAR_DAY
    free_days = [at for at in range(1, 29) if at not in spoken and at != day.day]
    # Far enough ahead that no word like "next week" may mean it.
    return date(day.year + 1, day.month, free_days[len(free_days) // 2]) if free_days else FAR_DAY


def _sum(call: dict[str, Any], words: str, draw: Draw) -> Plant:
    pay = dict(call.get("compensation") or {})
    true = {float(value) for value in (pay.get("amount"), pay.get("amount_max")) if value}
    spoken = [float(number) for number in _NUMBER.findall(words)]
    others = [number for number in spoken if 5 <= number < 50 and number not in true]
    if others and draw("amount") < 0.5:
        amount = others[0]
    else:
        amount = next(value for value in (98_765, *(max(true, default=700) * 10 + step for step in (0, 5, 10)))
                      if float(value) not in spoken)  # fmt: skip
    call["compensation"] = pay | {"kind": "paid", "amount": amount, "amount_max": None}
    return Plant("amount", "compensation", f"{amount:g}")


def _city(call: dict[str, Any], words: str, draw: Draw) -> Plant:
    low = words.lower()
    free = [name for name, arabic in _CITIES if name.lower() not in low and arabic not in low]
    city = free[int(draw("city") * len(free)) % len(free)] if free else "Sohar"
    call["location_city"] = city
    return Plant("city", "location_city", city)


def _company(call: dict[str, Any], words: str, draw: Draw) -> Plant:
    free = [name for name in _COMPANIES if name not in words]
    company = free[int(draw("company") * len(free)) % len(free)]
    call["production_company"] = company
    return Plant("company", "production_company", company)


def _role(call: dict[str, Any]) -> Plant:
    role = {"name": "مهرج سيرك", "gender": "male", "age_min": 71, "age_max": 77, "count": 9, "requirements": []}
    call["roles"] = [*call.get("roles", []), role]
    return Plant("role", f"roles.{len(call['roles']) - 1}", str(role["name"]))


def _title(call: dict[str, Any], words: str, draw: Draw) -> Plant:
    """Contacts and sums can hide in words."""
    hidden = "+966500007777" if draw("title") < 0.5 else "https://win.example.net/now"
    hidden = hidden if hidden not in words else "+966500007771"
    call["title"] = f"{call.get('title') or 'دور'} {hidden}"
    return Plant("title", "title", hidden)
