"""The dead letters: what could not be handled and why, and sending it on once more."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson
from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from services.publisher.desk import Unknown
from services.publisher.letters import ABOUT
from services.publisher.web.admin_words import named
from services.publisher.web.pages import render
from services.publisher.web.parts import Parts
from services.publisher.web.sessions import Admin, SiteParts, Visitor
from services.publisher.web.told import Told
from services.publisher.web.words import RIYADH, Words, language_of
from shared.broker.resend import TIMES
from shared.errors import Permanent
from shared.storage.dead_letters import LetterFilter, Outcome, group_of

router = APIRouter(include_in_schema=False)
ADDRESS: Final = "/admin/dead"
RATE: Final = 20.0
_ON_A_PAGE: Final = 50
_LONGEST: Final = 200
_PAYLOAD_SHOWN: Final = 60_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in the filter's fields, as it was typed; anything that is nothing is passed over."""

    stage: str = ""
    reason: str = ""
    message: str = ""
    group: str = ""
    since: str = ""  # days in Saudi Arabia, both included
    until: str = ""
    outcome: str = str(Outcome.OPEN)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Asked:
        """From an address or a form."""
        given = {field.name: str(values.get(field.name) or "").strip()[:_LONGEST] for field in fields(cls)}
        given["outcome"] = given["outcome"] if given["outcome"] in {str(one) for one in Outcome} else str(Outcome.OPEN)
        return cls(**given)

    @property
    def wanted(self) -> LetterFilter:
        """The letters that are meant."""
        until = _midnight(self.until)
        return LetterFilter(
            outcome=Outcome(self.outcome),
            stage=self.stage or None,
            reason=self.reason or None,
            message_id=self.message or None,
            group=self.group or None,
            since=_midnight(self.since),
            until=until + timedelta(days=1) if until else None,
        )

    @property
    def query(self) -> str:
        """The same as a query, without what is usual."""
        usual = Asked()
        return urlencode(
            [
                (field.name, getattr(self, field.name))
                for field in fields(self)
                if getattr(self, field.name) != getattr(usual, field.name)
            ]
        )


@router.get(ADDRESS)
async def dead_page(request: Request, who: Admin, parts: SiteParts) -> Response:
    """The letters that are asked for, latest first."""
    return await _page(request, who, parts, Asked.of(request.query_params), _told(request))


@router.get(f"{ADDRESS}/letters/{{id:path}}")
async def letter_page(id: str, request: Request, who: Admin, parts: SiteParts) -> Response:
    """One letter, whole."""
    return await _letter(id, request, who, parts, _told(request))


@router.post(f"{ADDRESS}/replay")
async def replay(request: Request, who: Admin, parts: SiteParts) -> Response:
    """Sends letters on once more: one at once, more in the background."""
    form = await request.form()
    ids, back = await _chosen(form, parts)
    if len(ids) == 1:
        try:
            did = "replayed" if await parts.office.letters.replay(ids[0], who.name) else "settled"
        except Permanent as refused:
            key = f"dead.problem.{refused.reason}"
            known = key if Words(language_of(request)).has(key) else "dead.problem.refused"
            return await _letter(ids[0], request, who, parts, Told("danger", known, {"why": str(refused)}), 409)
        return _back(did, back)
    if not ids:
        return _back("none", back)
    return _back("begun" if parts.office.replays.begin(ids, who.name, rate=RATE) else "busy", back)


@router.post(f"{ADDRESS}/drop")
async def drop(request: Request, who: Admin, parts: SiteParts) -> Response:
    """Closes letters for good."""
    ids, back = await _chosen(await request.form(), parts)
    if not ids:
        return _back("none", back)
    dropped = await parts.office.letters.drop(ids, who.name)
    return _back("dropped" if dropped else "settled", back)


async def _chosen(form: FormData, parts: Parts) -> tuple[list[str], str]:
    """The letters that a form means, and the query to go back to. All that match only where this is ticked."""
    asked = Asked.of(form)
    if form.get("all") == "yes":
        open_ones = replace(asked, outcome=str(Outcome.OPEN))
        return await parts.office.letters.store.ids(open_ones.wanted), asked.query
    return list(dict.fromkeys(str(id)[:300] for id in form.getlist("id"))), asked.query


async def _page(request: Request, who: Visitor, parts: Parts, asked: Asked, told: Told | None) -> Response:
    store, words = parts.office.letters.store, Words(language_of(request))
    number = await store.count(asked.wanted)
    last = max(0, (number - 1) // _ON_A_PAGE)
    typed = request.query_params.get("page", "0")
    page = min(int(typed) if typed.isdecimal() and len(typed) < 6 else 0, last)
    values: dict[str, Any] = {
        "here": ADDRESS,
        "asked": asked,
        "letters": await store.find(asked.wanted, skip=page * _ON_A_PAGE, limit=_ON_A_PAGE),
        "kinds": await store.kinds(),
        "number": number,
        "page": page,
        "last": last,
        "outcomes": [str(one) for one in Outcome],
        "replays": parts.office.replays,
        "deeds": await parts.office.audit.recent(ABOUT, limit=20),
        "said": told,
        "named": partial(named, words),
        "address_of": _address,
    }
    return render(request, "dead.html", visitor=who, **values)


async def _letter(
    id: str, request: Request, who: Visitor, parts: Parts, told: Told | None, status_code: int = 200
) -> Response:
    store, words = parts.office.letters.store, Words(language_of(request))
    kept = await store.kept(id[:300])
    if kept is None:
        raise Unknown("there is no such letter")
    letter = kept.letter
    values: dict[str, Any] = {
        "here": _address(letter.event_id),
        "tab": ADDRESS,
        "kept": kept,
        "letter": letter,
        "payload": _pretty(letter.payload),
        "group": group_of(letter),
        "replays": letter.headers.get(TIMES, "0"),
        "alike": await store.count(LetterFilter(stage=letter.stage, reason=letter.reason)),
        "alike_query": Asked(stage=letter.stage, reason=letter.reason).query,
        "said": told,
        "named": partial(named, words),
    }
    return render(request, "dead_letter.html", visitor=who, status_code=status_code, **values)


def _pretty(payload: str) -> str:
    """JSON laid out; anything else as it is. What is very long is cut: `twin dead show` has the whole."""
    with suppress(orjson.JSONDecodeError):
        payload = orjson.dumps(orjson.loads(payload), option=orjson.OPT_INDENT_2).decode()
    return payload if len(payload) <= _PAYLOAD_SHOWN else payload[:_PAYLOAD_SHOWN] + " …"


def _told(request: Request) -> Told | None:
    did = request.query_params.get("did", "")
    return Told("info", f"dead.told.{did}", {}) if did in _DID else None


_DID = frozenset({"replayed", "settled", "begun", "busy", "dropped", "none"})


def _back(did: str, query: str) -> Response:
    return RedirectResponse(f"{ADDRESS}?{query}{'&' if query else ''}did={did}", 303)


def _address(id: str) -> str:
    return f"{ADDRESS}/letters/{quote(id, safe=':')}"


def _midnight(day: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day), time(), RIYADH)
    except ValueError:
        return None
