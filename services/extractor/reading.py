"""The call that a model's answer makes: only values that the contract takes and the message holds."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from services.extractor import support
from services.extractor.answer import Answer, AnswerCall, AnswerRole
from services.extractor.support import Words
from shared.contracts.calls import CastingCall, Compensation, Contact, DateRange, PayKind, Role

LONGEST = 300
_MOST_MONEY = 100_000_000


class Reading:
    """Maps one answer; `unsupported` gathers the fields whose value the message does not hold."""

    def __init__(self, words: Words, answer: Answer, shadow: CastingCall | None) -> None:
        self.words = words
        self.unsupported: list[str] = []
        self._answer = answer
        self._shadow = shadow or CastingCall(title="-")

    def call(self, said: AnswerCall, text: str) -> CastingCall:
        """The call with only what is held."""
        company = clean(said.production_company)
        if company and not support.holds_name(self.words, company):
            self._drop("production_company")
            company = None
        first_line = next((line for line in text.splitlines() if line.strip()), "-")
        country = said.country.strip().upper() if said.country else ""
        country = country if re.fullmatch(r"[A-Z]{2}", country) else ""
        roles = (self._role(index, role) for index, role in enumerate(said.roles[:60]) if clean(role.name))
        return CastingCall(
            title=clean(said.title) or clean(first_line) or "-",
            project_type=said.project_type,
            production_company=company,
            location_city=clean(said.location_city),
            country=country or None,
            roles=tuple(roles),
            deadline=self._day("deadline", said.deadline),
            shoot_dates=self._shoot(said),
            compensation=self._pay(said),
            contacts=self._contacts(said, country or None),
            language=said.language,
        )

    def _drop(self, field: str) -> None:
        self.unsupported.append(field)

    def _day(self, field: str, written: str | None) -> date | None:
        """The day, if it is one and the message holds it."""
        if not written or not written.strip():
            return None
        day = _parsed(written)
        known = {self._shadow.deadline, *(_ends(self._shadow.shoot_dates))}
        quotes = self._answer.quotes(field)
        if day is not None and (day in known or support.holds_day(self.words, day, quotes)):
            return day
        self._drop(field)
        return None

    def _shoot(self, said: AnswerCall) -> DateRange | None:
        if said.shoot_dates is None:
            return None
        start, end = self._day("shoot_dates", said.shoot_dates.start), _parsed(said.shoot_dates.end)
        if end is not None and not (start and support.holds_length(self.words, (end - start).days + 1)):
            end = self._day("shoot_dates", said.shoot_dates.end)
        if start is None and end is None:
            return None
        if start and end and start > end:
            self._drop("shoot_dates")
            return None
        return DateRange(start=start, end=end)

    def _pay(self, said: AnswerCall) -> Compensation:
        pay = said.compensation
        amount, most = self._sum(pay.amount, pay.kind), self._sum(pay.amount_max, pay.kind)
        if amount is None or most is None or most <= amount:
            most = None
        currency = pay.currency.strip().upper() if pay.currency else ""
        return Compensation(
            kind=pay.kind,
            amount=amount,
            amount_max=most,
            currency=currency if re.fullmatch(r"[A-Z]{3}", currency) else None,
            per=pay.per,
        )

    def _sum(self, figure: float | None, kind: PayKind) -> Decimal | None:
        if figure is None or kind is not PayKind.PAID:
            return None
        amount = Decimal(str(figure))
        amount = amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount
        held = amount in (self._shadow.compensation.amount, self._shadow.compensation.amount_max)
        if 0 < amount <= _MOST_MONEY and (held or support.holds_amount(self.words, amount)):
            return amount
        self._drop("compensation")
        return None

    def _contacts(self, said: AnswerCall, country: str | None) -> tuple[Contact, ...]:
        kept = []
        known = {contact.value for contact in self._shadow.contacts}
        for item in said.contacts[:30]:
            contact = support.contact(item.kind, item.value, country)
            if contact and (contact.value in known or support.holds_contact(self.words, contact)):
                kept.append(contact)
            else:
                self._drop("contacts")
        return tuple(kept)

    def _role(self, index: int, said: AnswerRole) -> Role:
        low, high = (age if age is None or 0 <= age <= 110 else None for age in (said.age_min, said.age_max))
        if (low, high) != (said.age_min, said.age_max) or (low is not None and high is not None and low > high):
            self._drop(f"roles.{index}")
            low = high = None
        return Role(
            name=clean(said.name) or "-",
            gender=said.gender,
            age_min=low,
            age_max=high,
            count=said.count if said.count and 1 <= said.count <= 10_000 else None,
            requirements=tuple(filter(None, map(clean, said.requirements)))[:40],
        )


def _ends(dates: DateRange | None) -> tuple[date | None, date | None]:
    return (dates.start, dates.end) if dates else (None, None)


def _parsed(written: str | None) -> date | None:
    try:
        return date.fromisoformat(written.strip()) if written else None
    except ValueError:
        return None


def clean(words: str | None) -> str | None:
    """One line of at most 300 characters; None for nothing."""
    return " ".join(words.replace("\0", "").split())[:LONGEST].strip() or None if words else None
