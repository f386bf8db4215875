"""The offline engine: one message in, one extraction out. Deterministic; never raises; invents nothing."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.extractor.offline.ages import Age, find_ages
from services.extractor.offline.contacts import FoundContact, find_contacts
from services.extractor.offline.names import Named, find_company, find_title
from services.extractor.offline.page import ADDRESS, HIDDEN, Page, read_page
from services.extractor.offline.pay import FoundPay, find_pay
from services.extractor.offline.places import FoundPlace, find_place
from services.extractor.offline.projects import FoundProject, find_project
from services.extractor.offline.refusals import refusal
from services.extractor.offline.roles import FoundRole, find_roles, lone_role
from services.extractor.offline.schedule import Schedule, find_schedule
from services.extractor.offline.trust import trust
from services.extractor.offline.warnings import find_flags
from shared.arabic.dates import find_dates
from shared.arabic.phones import find_phones
from shared.contracts.calls import CastingCall, Evidence, ProjectType
from shared.contracts.pipeline import Engine, Extraction

VERSION = "4"
LONGEST = 10_000  # code points that are read; no real call is near it
_LATIN, _ARABIC = re.compile(r"[A-Za-z]{2,}"), re.compile(r"[\u0621-\u064a\ufb50-\ufefc]{2,}")


@dataclass(frozen=True, slots=True)
class Findings:
    """All that the parsers found in one page."""

    place: FoundPlace
    project: FoundProject
    schedule: Schedule
    pay: FoundPay
    contacts: list[FoundContact]
    roles: list[FoundRole]
    title: Named
    company: Named | None


def extract(text: str, sent_at: datetime, *, timer: Callable[[], float] = time.perf_counter) -> Extraction:
    """Read one message.

    `call` is None with a `reason` where it is plainly no casting call. Every contact, date and sum has evidence: a
    span of the raw text. `sent_at` settles relative dates, in Riyadh. Text beyond `LONGEST` is not read.
    """
    started = timer()
    page = read_page(text[:LONGEST], sent_at)
    found, ages = read_findings(page)
    reason = refusal(
        page,
        people=bool(found.roles or ages),
        project=found.project.named,
        reachable=bool(found.contacts),
    )
    flags = find_flags(page, found.roles)
    engine = Engine(name="offline", version=VERSION, latency_ms=round((timer() - started) * 1000, 3))
    if reason:
        return Extraction(call=None, reason=reason, flags=flags, engine=engine)
    evidence = _evidence(found)
    return Extraction(
        call=_call(page, found), evidence=evidence, confidence=trust(evidence), flags=flags, engine=engine
    )


def read_findings(page: Page) -> tuple[Findings, list[Age]]:
    """Run the parsers, each told which numbers belong to another."""
    place, project = find_place(page), find_project(page)
    dates, phones = find_dates(page.folded, page.now), find_phones(page.folded, place.country)
    days, numbers = [mention.place for mention in dates], [phone.place for phone in phones]
    pay = find_pay(page, place.country, days, numbers)
    ages = find_ages(page, [*days, *numbers, *pay.sums])
    roles = find_roles(page, ages)
    title = find_title(page, roles[0].role.name if roles else None)
    if not roles:
        roles = lone_role(page, ages, title.value, title.evidence)
    schedule = find_schedule(page, dates, recorded=project.type is ProjectType.VOICE_OVER)
    contacts = find_contacts(page, phones)
    return Findings(place, project, schedule, pay, contacts, roles, title, find_company(page)), ages


def _call(page: Page, found: Findings) -> CastingCall:
    return CastingCall(
        title=found.title.value,
        project_type=found.project.type,
        production_company=found.company.value if found.company else None,
        location_city=found.place.city,
        country=found.place.country,
        roles=tuple(one.role for one in found.roles),
        deadline=found.schedule.deadline,
        shoot_dates=found.schedule.shoot,
        compensation=found.pay.compensation,
        contacts=tuple(one.contact for one in found.contacts),
        language=_language(page),
    )


def _evidence(found: Findings) -> dict[str, Evidence]:
    """Field path → evidence, for every field that has a value."""
    named: dict[str, Evidence | None] = {
        "title": found.title.evidence,
        "project_type": found.project.evidence,
        "production_company": found.company.evidence if found.company else None,
        "location_city" if found.place.city else "country": found.place.evidence,
        "deadline": found.schedule.deadline_evidence,
        "shoot_dates": found.schedule.shoot_evidence,
        "compensation": found.pay.evidence,
    }
    named |= {f"roles.{at}": one.evidence for at, one in enumerate(found.roles)}
    named |= {f"contacts.{at}": one.evidence for at, one in enumerate(found.contacts)}
    return {path: evidence for path, evidence in named.items() if evidence is not None}


def _language(page: Page) -> Literal["ar", "en", "mixed"]:
    """By words: mixed where the lesser script has more than one word in eight."""
    words = page.raw
    for address in page.addresses:
        words = words.replace(address.words, " ")
    words = words.replace(HIDDEN, " ").replace(ADDRESS, " ")
    latin, arabic = len(_LATIN.findall(words)), len(_ARABIC.findall(words))
    if arabic and latin and min(latin, arabic) > 0.12 * (latin + arabic):
        return "mixed"
    return "en" if latin > arabic else "ar"
