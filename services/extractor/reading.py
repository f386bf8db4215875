"""The call that a model's answer makes: only values that the contract takes and the message holds, each with its place.

Every value goes through `_kept` or is looked up here: it stands verbatim, in another spelling, is derived by a named
rule, or is unsupported. What is unsupported is dropped and named.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from services.extractor.answer import Answer, AnswerCall, AnswerRole
from services.extractor.offline.page import HIDDEN
from services.extractor.support import contacts, days, money, names
from services.extractor.support.words import Words
from shared.contracts.calls import (
    LEAST,
    MOST,
    CastingCall,
    Compensation,
    Contact,
    DateRange,
    Evidence,
    PayKind,
    Role,
)
from shared.contracts.pipeline import Extraction

LONGEST = 300
_MOST_ROLES = 60
_MOST_CONTACTS = 30
_MOST_NEEDS = 40


class Reading:
    """Maps one answer. `evidence` holds the place of each kept value; `unsupported` the fields that lost one."""

    def __init__(self, words: Words, answer: Answer, shadow: Extraction) -> None:
        self.words = words
        self.evidence: dict[str, Evidence] = {}
        self.unsupported: list[str] = []
        self._answer = answer
        self._places = shadow.evidence
        self._shadow = shadow.call or CastingCall(title="-")

    def call(self, said: AnswerCall) -> CastingCall:
        """The call with only what is held."""
        city, country = self._city(said), None
        if said.country and re.fullmatch(r"[A-Z]{2}", said.country.strip().upper()):
            country = self._country(said.country.strip().upper(), city)
        return CastingCall(
            title=self._title(said),
            project_type=said.project_type,
            production_company=self._company(said),
            location_city=city,
            country=country,
            roles=self._roles(said),
            deadline=self._deadline(said),
            shoot_dates=self._shoot(said),
            compensation=self._pay(said),
            contacts=self._contacts(said, country),
            language=said.language,
        )

    def _kept(self, field: str, found: Evidence | None) -> bool:
        """Notes where a value stands, or that it stands nowhere."""
        if found is None:
            self.unsupported.append(field)
            return False
        self.evidence.setdefault(field, found)
        return True

    def _known(self, field: str) -> Evidence | None:
        """The parsers' own evidence: they know the rule that made the value."""
        return self._places.get(field)

    def _quotes(self, field: str) -> list[str]:
        return self._answer.quotes(field)

    def _title(self, said: AnswerCall) -> str:
        """The model's words for it, as long as they are made of the message's; else its first line."""
        title = clean(said.title)
        if title and names.words_only(self.words, title) and self._kept("title", self._phrase(title, "title")):
            return title
        if title and "title" not in self.unsupported:
            self.unsupported.append("title")
        found = first_line(self.words.shown)
        place = self.words.ground(found)
        if place:
            self.evidence["title"] = place
        return found

    def _phrase(self, chosen: str, field: str) -> Evidence | None:
        return names.phrase(self.words, chosen, self._quotes(field))

    def _company(self, said: AnswerCall) -> str | None:
        company = clean(said.production_company)
        return company if company and self._kept("production_company", names.name(self.words, company)) else None

    def _city(self, said: AnswerCall) -> str | None:
        wanted = clean(said.location_city)
        if not wanted:
            return None
        if wanted == self._shadow.location_city and (known := self._known("location_city")):
            self.evidence["location_city"] = known
            return wanted
        found = names.city(self.words, wanted, self._quotes("location_city"))
        return found[0] if self._kept("location_city", found[1] if found else None) and found else None

    def _country(self, country: str, city: str | None) -> str | None:
        known = self._known("country") or self._known("location_city") if country == self._shadow.country else None
        found = known or names.country(self.words, country, city)
        return country if self._kept("country", found) else None

    def _deadline(self, said: AnswerCall) -> date | None:
        known = self._known("deadline") if self._shadow.deadline else None
        return self._day("deadline", said.deadline, {self._shadow.deadline: known} if known else {})

    def _day(self, field: str, written: str | None, known: dict[date | None, Evidence]) -> date | None:
        """The day, if it is one and the message holds it."""
        if not written or not written.strip():
            return None
        day = parsed(written)
        held = known.get(day) or (days.day(self.words, day, self._quotes(field)) if day else None)
        return day if self._kept(field, held) else None

    def _shoot(self, said: AnswerCall) -> DateRange | None:
        if said.shoot_dates is None:
            return None
        place, shot = self._known("shoot_dates"), self._shadow.shoot_dates
        known = {shot.start: place, shot.end: place} if place and shot else {}
        start, end = self._day("shoot_dates", said.shoot_dates.start, known), parsed(said.shoot_dates.end)
        if end is not None and not (start and days.length(self.words, (end - start).days + 1)):
            end = self._day("shoot_dates", said.shoot_dates.end, known)
        if start is None and end is None:
            return None
        if start and end and start > end:
            self.unsupported.append("shoot_dates")
            return None
        return DateRange(start=start, end=end)

    def _pay(self, said: AnswerCall) -> Compensation:
        """Kind, sums, currency and unit, each by itself: what is not said in words is not paid by a model's word."""
        pay, own = said.compensation, self._shadow.compensation
        amount, most = self._sum(pay.amount, pay.kind), self._sum(pay.amount_max, pay.kind)
        if amount is None or most is None or most <= amount:
            most = None
        field, near = "compensation", self.evidence.get("compensation")
        kind = pay.kind
        if kind is not PayKind.UNSPECIFIED and amount is None:
            held = self._known(field) if kind is own.kind else None
            kind = kind if self._kept(field, held or money.kind(self.words, kind)) else PayKind.UNSPECIFIED
        if kind is not PayKind.PAID:
            return Compensation(kind=kind)
        code = pay.currency.strip().upper() if pay.currency else ""
        code = code if re.fullmatch(r"[A-Z]{3}", code) else ""
        if code and code != own.currency and not self._kept(field, money.currency(self.words, code)):
            code = ""
        per = pay.per
        if per and per != own.per and not self._kept(field, money.unit(self.words, per, near)):
            per = None
        return Compensation(kind=kind, amount=amount, amount_max=most, currency=code or None, per=per)

    def _sum(self, figure: float | None, kind: PayKind) -> Decimal | None:
        if figure is None or kind is not PayKind.PAID:
            return None
        if not float(LEAST) <= figure <= float(MOST):  # also what is no number at all
            self.unsupported.append("compensation")
            return None
        amount = Decimal(str(figure))
        amount = amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount
        own = self._shadow.compensation
        known = self._known("compensation") if amount in (own.amount, own.amount_max) else None
        held = known or money.amount(self.words, amount)
        return amount if self._kept("compensation", held) else None

    def _contacts(self, said: AnswerCall, country: str | None) -> tuple[Contact, ...]:
        kept: dict[Contact, Evidence] = {}
        own = {contact.value: at for at, contact in enumerate(self._shadow.contacts)}
        for item in said.contacts[:_MOST_CONTACTS]:
            contact = contacts.contact(item.kind, item.value, country)
            found = contacts.held(self.words, contact) if contact else None
            if contact and found is None and (place := self._known(f"contacts.{own.get(contact.value, -1)}")):
                found = contact, place
            if found is None:
                self.unsupported.append("contacts")
            else:
                kept.setdefault(*found)
        self.evidence |= {f"contacts.{at}": place for at, place in enumerate(kept.values())}
        return tuple(kept)

    def _roles(self, said: AnswerCall) -> tuple[Role, ...]:
        kept: list[Role] = []
        for index, item in enumerate(said.roles[:_MOST_ROLES]):
            name = clean(item.name)
            if not name:
                continue
            field = f"roles.{len(kept)}"
            plain = names.words_only(self.words, name)
            place = self._phrase(name, f"roles.{index}") if plain else None
            said_ages = item.age_min is not None or item.age_max is not None
            vague = place is None or place.rule == "model_wording"
            if not plain or (vague and said_ages and not self._ages_held(item)):
                self.unsupported.append("roles")
                continue
            self._kept(field, place)  # a name may be the model's own, also in another language: flagged, not dropped
            kept.append(self._role(field, name, item))
        return tuple(kept)

    def _ages_held(self, said: AnswerRole) -> bool:
        return names.ages(self.words, said.age_min, said.age_max)

    def _role(self, field: str, name: str, said: AnswerRole) -> Role:
        ages = (said.age_min, said.age_max)
        low, high = (age if age is None or 0 <= age <= 110 else None for age in ages)
        disordered = low is not None and high is not None and low > high
        if (low, high) != ages or disordered or not self._ages_held(said):
            self.unsupported.append(field)
            low = high = None
        count = said.count if said.count and 1 <= said.count <= 10_000 else None
        if count and not names.count(self.words, count):
            self.unsupported.append(field)
            count = None
        needs = [need for need in map(clean, said.requirements) if need]
        held = [need for need in needs if names.words_only(self.words, need)]
        if len(held) < len(needs):
            self.unsupported.append(field)
        return Role(
            name=name,
            gender=said.gender,
            age_min=low,
            age_max=high,
            count=count,
            requirements=tuple(held[:_MOST_NEEDS]),
        )


def first_line(text: str) -> str:
    """The first line with words in it and nothing hidden, else the first with words, cleaned; a dash for none."""
    lines = [line for line in text.splitlines() if re.search(r"[^\W_]", line)]
    lines.sort(key=lambda line: HIDDEN in line)
    return next(filter(None, (clean(line.replace(HIDDEN, " ")) for line in lines)), "-")


def parsed(written: str | None) -> date | None:
    """The day of "YYYY-MM-DD", or None."""
    try:
        return date.fromisoformat(written.strip()) if written else None
    except ValueError:
        return None


def clean(words: str | None) -> str | None:
    """One line of at most 300 characters; None for nothing."""
    return " ".join(words.replace("\0", "").split())[:LONGEST].strip() or None if words else None
