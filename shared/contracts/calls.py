"""A casting call: the fields that the extractor fills, the reviewer corrects and the consumers read.

Names follow schema.org/JobPosting where it has one and the Saudi casting trade where it has none.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, PlainSerializer, StringConstraints, field_validator, model_validator

from shared.contracts.base import Contract, ShortText


class ProjectType(StrEnum):
    """What is being made."""

    FILM = "film"
    SERIES = "series"
    COMMERCIAL = "commercial"
    THEATRE = "theatre"
    VOICE_OVER = "voice_over"
    EXTRAS = "extras"
    MODELLING = "modelling"
    EVENT = "event"
    UGC = "ugc"
    MUSIC_VIDEO = "music_video"
    OTHER = "other"


class Gender(StrEnum):
    """Who a role is open to; `ANY` only where the text says both or either, else null."""

    MALE = "male"
    FEMALE = "female"
    ANY = "any"


class Role(Contract):
    """One described slot. Ages are playing ages in whole years, both ends included; null where unsaid."""

    name: ShortText
    gender: Gender | None = None
    age_min: int | None = Field(default=None, ge=0, le=110)
    age_max: int | None = Field(default=None, ge=0, le=110)
    count: int | None = Field(default=None, ge=1, le=10_000)
    requirements: tuple[ShortText, ...] = Field(default=(), max_length=40)

    @model_validator(mode="after")
    def _ages_in_order(self) -> Role:
        if self.age_min is not None and self.age_max is not None and self.age_min > self.age_max:
            raise ValueError("age_min is above age_max")
        return self


class DateRange(Contract):
    """Days, both ends included. A single day has start = end; an open end is null."""

    start: date | None = None
    end: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> DateRange:
        if self.start is None and self.end is None:
            raise ValueError("a date range needs a start or an end")
        if self.start and self.end and self.start > self.end:
            raise ValueError("start is after end")
        return self


class PayKind(StrEnum):
    """`PAID` only for money that is promised; a prize, food or transport alone is unpaid."""

    PAID = "paid"
    UNPAID = "unpaid"
    UNSPECIFIED = "unspecified"


LEAST: Final = Decimal("0.01")
"""The least sum: one too small for a float would be written as 0, and no reader would take that again."""

MOST: Final = Decimal(100_000_000)

Amount = Annotated[Decimal, Field(ge=LEAST, le=MOST), PlainSerializer(float, return_type=float, when_used="json")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Compensation(Contract):
    """What is paid. With several rates, the lowest is `amount` and the highest `amount_max`."""

    kind: PayKind = PayKind.UNSPECIFIED
    amount: Amount | None = None
    amount_max: Amount | None = None
    currency: Currency | None = None
    per: Literal["day", "hour", "month", "project"] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Compensation:
        if self.amount is not None and self.kind is not PayKind.PAID:
            raise ValueError("an amount goes with paid only")
        if self.amount_max is not None and (self.amount is None or self.amount_max < self.amount):
            raise ValueError("amount_max needs an amount that is not above it")
        return self


class ContactKind(StrEnum):
    """How to apply."""

    PHONE = "phone"
    WHATSAPP = "whatsapp"
    EMAIL = "email"
    LINK = "link"
    INSTAGRAM = "instagram"


_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_EMAIL = re.compile(r"[^@\s<>\"']{1,64}@[^@\s<>\"']{1,250}\.[^@\s<>\"'.]{2,}")
_INSTAGRAM = re.compile(r"[A-Za-z0-9._]{1,30}")


class Contact(Contract):
    """One way to apply: phones as E.164, links as http(s) addresses, Instagram without the @."""

    kind: ContactKind
    value: ShortText

    @model_validator(mode="after")
    def _shape(self) -> Contact:
        match self.kind:
            case ContactKind.PHONE | ContactKind.WHATSAPP if not _E164.fullmatch(self.value):
                raise ValueError("a phone number is written as + and 7 to 15 digits")
            case ContactKind.EMAIL if not _EMAIL.fullmatch(self.value):
                raise ValueError("not an e-mail address")
            case ContactKind.LINK if not self.value.startswith(("http://", "https://")):
                raise ValueError("a link starts with http:// or https://")
            case ContactKind.INSTAGRAM if not _INSTAGRAM.fullmatch(self.value):
                raise ValueError("not an Instagram name")
            case _:
                return self


class CastingCall(Contract):
    """The fields of one call. Everything but the title may be unknown; unknown is null, never a guess."""

    title: ShortText
    project_type: ProjectType = ProjectType.OTHER
    production_company: ShortText | None = None
    location_city: ShortText | None = None  # canonical English name: "Riyadh", "Al Ahsa"
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None  # ISO 3166-1 alpha-2
    roles: tuple[Role, ...] = Field(default=(), max_length=60)
    deadline: date | None = None  # the application deadline only
    shoot_dates: DateRange | None = None  # also performance and event dates
    compensation: Compensation = Compensation()
    contacts: tuple[Contact, ...] = Field(default=(), max_length=30)
    language: Literal["ar", "en", "mixed"] = "ar"

    @field_validator("contacts")
    @classmethod
    def _no_contact_twice(cls, contacts: tuple[Contact, ...]) -> tuple[Contact, ...]:
        return tuple(dict.fromkeys(contacts))


class Support(StrEnum):
    """How a value is held by the message's own words."""

    VERBATIM = "verbatim"  # the words stand there as they are
    NORMALISED = "normalised"  # they stand there in another spelling (Arabic digits, tatweel, spaces)
    DERIVED = "derived"  # a named rule made the value from them ("tomorrow", "in his forties")


class Evidence(Contract):
    """Where in the message a value comes from: code points [start, end) of the raw text, and the words there."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str
    support: Support = Support.VERBATIM
    rule: str | None = None  # what derived it, where `support` is derived


class Flag(Contract):
    """Something for a reviewer to look at. `name` is a constant: "scam:fee", "minors", "unsupported:deadline"."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z_]+(:[a-z0-9_.]+)?$", max_length=80)]
    words: str | None = None


EvidenceMap = dict[str, Evidence]
"""Field path → evidence. Paths: "deadline", "shoot_dates", "compensation", "location_city", "roles.0", "contacts.1"."""
