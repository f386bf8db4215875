"""How values are shown: text made safe to lay out, evidence in a browser's own offsets, differences in words."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from services.publisher.web.words import Words
from shared.contracts.calls import Compensation, Contact, ContactKind, EvidenceMap, Role
from shared.storage.calls import FieldChange

# Links, e-mail addresses, and seven digits or more with what people put between them.
_LEFT_TO_RIGHT = re.compile(
    r"https?://[^\s<>\"']+|[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,190}|[+(]{0,2}\d[\d ().\-/]{5,30}\d"
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_AMOUNTS = frozenset({"compensation.amount", "compensation.amount_max"})
_ENUMS = {
    "project_type": "type",
    "gender": "gender",
    "language": "language",
    "kind": "kind",
    "per": "per",
}


def shown(text: str | None) -> str:
    """The text as a browser will hold it: line breaks of one kind, no NUL, no half of a surrogate pair."""
    if not text:
        return ""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    return text.encode("utf-8", "replace").decode("utf-8")


def isolated(text: str | None) -> Markup:
    """The text as HTML, with phone numbers, addresses and the like set left to right as a whole.

    In a line of Arabic the groups of "+974 5500 0128" would otherwise stand in reverse. No Arabic word is split.
    """
    text = shown(text)
    pieces, at = [], 0
    for match in _LEFT_TO_RIGHT.finditer(text):
        pieces += [escape(text[at : match.start()]), Markup('<bdi dir="ltr">%s</bdi>') % match.group()]
        at = match.end()
    return Markup().join([*pieces, escape(text[at:])])


def marks(text: str, evidence: EvidenceMap) -> str:
    """The evidence as JSON for the page's script: path, support, and [start, end) in UTF-16 units of the shown text."""
    found = []
    for path, item in evidence.items():
        if 0 <= item.start < item.end <= len(text):
            start, end = _browser_offset(text, item.start), _browser_offset(text, item.end)
            found.append({"path": path, "start": start, "end": end, "support": str(item.support)})
    return json.dumps(found)


def _browser_offset(text: str, at: int) -> int:
    before = text[:at]
    return len(before) + sum(char > "\uffff" for char in before) - before.count("\r\n")


def href_of(contact: Contact) -> str | None:
    """Where a click on this contact leads; None where nowhere safe."""
    match contact.kind:
        case ContactKind.PHONE:
            return f"tel:{contact.value}"
        case ContactKind.WHATSAPP:
            return f"https://wa.me/{contact.value.removeprefix('+')}"
        case ContactKind.EMAIL:
            return f"mailto:{contact.value}"
        case ContactKind.INSTAGRAM:
            return f"https://instagram.com/{contact.value}"
        case ContactKind.LINK if contact.value.startswith(("http://", "https://")):
            return contact.value
        case _:
            return None


def initials(name: str) -> str:
    """One or two letters for a round badge."""
    parts = [part for part in name.replace("@", " ").replace(".", " ").replace("_", " ").split() if part]
    return "".join(part[0] for part in parts[:2]).upper() or "?"


def first_word(name: str) -> str:
    """The kind of a flag: "scam" of "scam:fee"."""
    return name.partition(":")[0]


def flag_detail(words: Words, name: str) -> str:
    """What a flag is about: "scam:fee" is "Asks for money", "unsupported:roles.0" is "Role 1"."""
    kind, _colon, detail = name.partition(":")
    if words.has(key := f"flag.{kind}.{detail}"):
        return words(key)
    named = field_name(words, detail)
    return detail.replace("_", " ") if named.startswith("field.") else named


def city_text(words: Words, city: str) -> str:
    """A city in the reader's language where we know it."""
    key = f"city.{city}"
    return words(key) if words.has(key) else shown(city)


def pay_text(words: Words, pay: Compensation) -> str:
    """What is paid, in words: "1,500 to 2,000 SAR a day"."""
    if pay.amount is None:
        return words(f"pay.{pay.kind}")
    text = _amount(pay.amount)
    if pay.amount_max is not None and pay.amount_max != pay.amount:
        text += f" – {_amount(pay.amount_max)}"
    if pay.currency:
        text += f" {words(f'currency.{pay.currency}') if words.has(f'currency.{pay.currency}') else pay.currency}"
    return f"{text} / {words(f'per.{pay.per}')}" if pay.per else text


def _amount(amount: Decimal) -> str:
    return f"{amount.normalize():,f}"


def day_text(words: Words, typed: str) -> str:
    """A typed day with its weekday, which tells a reader whether it can be right; empty where it is no day."""
    if not _DAY.fullmatch(typed):
        return ""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return ""
    return words("weekday.and_day", weekday=words(f"weekday.{day.isoweekday()}"), day=words.day(day))


def ages_text(words: Words, role: Role) -> str:
    """A role's playing ages in words; empty where they are unsaid."""
    if role.age_min is not None and role.age_max is not None:
        return words("feed.years", **{"from": role.age_min, "to": role.age_max})
    if role.age_min is not None:
        return words("feed.years.from", **{"from": role.age_min})
    return words("feed.years.to", to=role.age_max) if role.age_max is not None else ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A changed field for eyes: its name, what was and what is."""

    name: str
    before: str
    after: str
    path: str = ""


def differences(words: Words, changes: tuple[FieldChange, ...]) -> list[Difference]:
    """The changes in the reader's language."""
    return [
        Difference(
            field_name(words, item.path),
            _value(words, item.path, item.before),
            _value(words, item.path, item.after),
            item.path,
        )
        for item in changes
    ]


def field_name(words: Words, path: str) -> str:
    """A field path in words: "roles.0.age_min" is "Role 1: youngest age"."""
    parts = path.split(".")
    if len(parts) > 1 and parts[1].isdigit():
        head = words(f"field.{parts[0]}.nth", n=int(parts[1]) + 1)
        rest = ".".join((parts[0], *parts[2:]))
        return f"{head}: {words(f'field.{rest}')}" if len(parts) > 2 else head
    return words(f"field.{path}")


def _value(words: Words, path: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and _DAY.fullmatch(value):
        return words.day(date.fromisoformat(value))
    if path in _AMOUNTS:
        return _amount(Decimal(str(value)))
    if isinstance(value, list):
        return words("list.comma").join(str(item) for item in value)
    leaf = path.rsplit(".", 1)[-1]
    key = f"{_ENUMS.get(leaf, '')}.{value}"
    if leaf == "kind":
        key = f"{'contact' if path.startswith('contacts') else 'pay'}.{value}"
    return words(key) if words.has(key) else str(value)
