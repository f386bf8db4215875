"""An open call told to programs and readers outside: its facts in words, and as schema.org/JobPosting."""

from __future__ import annotations

import json
import re
from typing import Any

from markupsafe import Markup, escape

from services.publisher.web.present import ages_text, city_text, pay_text, shown
from services.publisher.web.words import Words
from shared.contracts.calls import CastingCall, Compensation, PayKind, Role
from shared.storage.calls import Call

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNITS = {"day": "DAY", "hour": "HOUR", "month": "MONTH"}
_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def plain(text: str | None) -> str:
    """The text without what XML and calendars cannot hold."""
    return _NOT_IN_XML.sub("", shown(text))


def facts(words: Words, fields: CastingCall) -> list[tuple[str, str]]:
    """What the call says, as names and values in the reader's language."""
    told = [(words("field.project_type"), words(f"type.{fields.project_type}"))]
    if fields.production_company:
        told.append((words("field.production_company"), fields.production_company))
    if fields.location_city:
        told.append((words("field.location_city"), city_text(words, fields.location_city)))
    told += [
        (words("field.roles.nth", n=number), role_text(words, role)) for number, role in enumerate(fields.roles, 1)
    ]
    if fields.deadline:
        told.append((words("field.deadline"), words.day(fields.deadline)))
    if fields.shoot_dates:
        days = dict.fromkeys(day for day in (fields.shoot_dates.start, fields.shoot_dates.end) if day)
        told.append((words("field.shoot_dates"), " – ".join(words.day(day) for day in days)))
    told.append((words("field.compensation"), pay_text(words, fields.compensation)))
    return [(name, plain(value)) for name, value in told]


def role_text(words: Words, role: Role) -> str:
    """A role in one line: "Father, male, 40 to 50 years"."""
    gender = words(f"gender.{role.gender}") if role.gender else ""
    return words("list.comma").join(
        part for part in (role.name, gender, ages_text(words, role), *role.requirements) if part
    )


def summary(words: Words, fields: CastingCall) -> str:
    """The facts in one paragraph."""
    return " · ".join(f"{name}: {value}" for name, value in facts(words, fields))


def html(words: Words, fields: CastingCall) -> Markup:
    """The facts as a list."""
    items = (Markup("<li>%s: %s</li>") % (escape(name), escape(value)) for name, value in facts(words, fields))
    return Markup("<ul>%s</ul>") % Markup().join(items)


def posting(words: Words, call: Call, address: str) -> Markup:
    """The call as JSON-LD for a script element: nothing in it can end the element."""
    text = json.dumps(job_posting(words, call, address), ensure_ascii=False)
    return Markup("".join(_UNSAFE.get(char, char) for char in text))  # noqa: S704 - nothing of HTML is left in it


def job_posting(words: Words, call: Call, address: str) -> dict[str, Any]:
    """The call as schema.org/JobPosting. What is unknown is left out; nothing is guessed."""
    fields = call.fields
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": plain(fields.title),
        "description": str(html(words, fields)),
        "url": address,
        "datePosted": call.message.sent_at.isoformat(),
        "identifier": {"@type": "PropertyValue", "name": "TakeOne", "value": call.id},
        "employmentType": "VOLUNTEER" if fields.compensation.kind is PayKind.UNPAID else "TEMPORARY",
        "hiringOrganization": {"@type": "Organization", "name": plain(fields.production_company) or "confidential"},
        "inLanguage": ["ar", "en"] if fields.language == "mixed" else [fields.language],
        "directApply": False,
    }
    if call.closes_on:
        told["validThrough"] = f"{call.closes_on.isoformat()}T23:59:59+03:00"
    if fields.location_city or fields.country:
        address_of = {"addressLocality": plain(fields.location_city), "addressCountry": fields.country}
        known = {name: value for name, value in address_of.items() if value}
        told["jobLocation"] = {"@type": "Place", "address": {"@type": "PostalAddress"} | known}
    if pay := _salary(fields.compensation):
        told["baseSalary"] = pay
    numbers = [role.count or 1 for role in fields.roles]
    return told | ({"totalJobOpenings": sum(numbers)} if numbers else {})


def _salary(pay: Compensation) -> dict[str, Any] | None:
    if pay.amount is None or pay.currency is None:
        return None
    value: dict[str, Any] = {"@type": "QuantitativeValue"}
    if pay.amount_max is not None and pay.amount_max != pay.amount:
        value |= {"minValue": float(pay.amount), "maxValue": float(pay.amount_max)}
    else:
        value["value"] = float(pay.amount)
    if pay.per in _UNITS:
        value["unitText"] = _UNITS[pay.per]
    return {"@type": "MonetaryAmount", "currency": pay.currency, "value": value}
