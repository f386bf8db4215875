"""The whole life of one message, as a page: what happened to it, in the order in which it happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.publisher.desk import Unknown
from services.publisher.life import Life
from services.publisher.web.admin_words import named
from services.publisher.web.pages import render
from services.publisher.web.present import differences
from services.publisher.web.sessions import Reviewer, SiteParts
from services.publisher.web.words import Words, language_of
from shared.storage.calls import HistoryEntry
from shared.storage.ledger import Entry, State

router = APIRouter(include_in_schema=False)
_STOPPED: Final = (State.REJECTED, State.TOO_OLD, State.NO_TEXT, State.DUPLICATE, State.NOT_A_CALL)
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened. `at` is None where the time was not kept; `facts` are names and values."""

    title: str
    at: datetime | None = None
    kind: str = ""  # dropped, failed or waiting, for the eye
    who: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    changes: list[Any] = field(default_factory=list)


@router.get("/messages/{id:path}")
async def life_page(id: str, request: Request, who: Reviewer, parts: SiteParts) -> Response:
    """By a message id, a call id or a whatsapp:// reference."""
    life = await parts.office.lives.of(id[:300])
    if not life.known:
        raise Unknown("nothing is known of this message")
    words = Words(language_of(request))
    values: dict[str, Any] = {
        "life": life,
        "entry": life.entry,
        "text": life.entry.text if life.entry else (life.call.message.text if life.call else ""),
        "steps": steps_of(words, life),
        "waiting": [lag for lag in life.lags or () if lag.pending or lag.unacked],
        "state_name": words(f"state.{life.entry.state}") if life.entry else "",
        "here": f"/messages/{life.id}",
    }
    return render(request, "life.html", visitor=who, **values)


def steps_of(words: Words, life: Life) -> list[Step]:
    """What happened, in its order."""
    steps = _of_entry(words, life.entry) if life.entry else [Step(words("life.unrecorded"), kind="waiting")]
    if life.call is not None:
        steps += [_of_history(words, line) for line in life.call.history]
        steps += [
            Step(words("life.unsent"), kind="waiting", facts=[(words("life.revision"), str(event.revision))])
            for event in life.call.unsent
        ]
    for letter in life.dead:
        facts = [(words("admin.reason"), letter.reason), (words("admin.detail"), letter.detail[:_LONGEST])]
        where = named(words, "status.service", letter.stage)
        steps.append(Step(words("life.dead", stage=where), letter.failed_at, "failed", facts=facts))
    return steps


def _of_entry(words: Words, entry: Entry) -> list[Step]:
    posted = Step(words("life.posted"), entry.sent_at, facts=_sender(words, entry))
    kind = "dropped" if entry.state in _STOPPED and "extractor" not in entry.stages else ""
    rule = [
        (words("message.rule"), named(words, "status.rule", entry.rule or "-")),
        (words("life.score"), f"{entry.score:g}"),
        *([(words("life.reasons"), ", ".join(entry.reasons))] if entry.reasons else []),
        (words("life.via"), named(words, "life.via", entry.via)),
    ]
    if entry.duplicate_of:
        rule.append((words("life.copy_of"), entry.duplicate_of))
    steps = [posted, Step(words("life.filtered"), entry.seen_at, kind, facts=rule)]
    for seen in entry.sightings:
        via = [(words("life.via"), named(words, "life.via", str(seen.get("via", ""))))]
        steps.append(Step(words("life.seen_again"), seen.get("at"), "dropped", facts=via))
    for stage, detail in entry.stages.items():
        if stage == "filter" and detail.get("check"):
            steps.append(Step(words("life.sampled"), kind="waiting"))
            continue
        facts = [(named(words, "life.fact", name), _plain(words, value)) for name, value in detail.items()]
        stopped = stage == "extractor" and entry.state in _STOPPED
        title = words("life.stage", stage=named(words, "status.service", stage))
        steps.append(Step(title, kind="failed" if stage == "dead" else "dropped" if stopped else "", facts=facts))
    return steps


def _sender(words: Words, entry: Entry) -> list[tuple[str, str]]:
    named_sender = [(words("message.from"), entry.sender_name)] if entry.sender_name else []
    return [(words("groups.group"), entry.group_name or entry.group_id), *named_sender]


def _of_history(words: Words, line: HistoryEntry) -> Step:
    facts = [(words("admin.reason"), named(words, "reason", line.reason))] if line.reason else []
    if line.note:
        facts.append((words("life.note"), line.note))
    title = words(f"life.did.{line.action}") if words.has(f"life.did.{line.action}") else line.action
    return Step(title, line.at, who=line.actor, facts=facts, changes=differences(words, line.changes))


def _plain(words: Words, value: Any) -> str:
    if isinstance(value, bool):
        return words("life.yes" if value else "life.no")
    if isinstance(value, datetime):
        return words.moment(value)
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text[:_LONGEST]
