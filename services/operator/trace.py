"""`twin trace`: the whole life of one message, from what was sent to what the consumers were told."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from services.operator import connections
from services.operator.answers import FOUND, JsonOption, finish, run, show, table
from services.publisher.life import Life, Lives
from shared.broker import topology
from shared.broker.topology import Lag
from shared.storage.calls import Call
from shared.storage.ledger import Entry
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.dead_letters import MongoDeadLetters
from shared.storage.mongo.ledger import MongoLedger


def trace(
    id: Annotated[str, typer.Argument(help="A message id, a call id or a whatsapp:// reference.")],
    as_json: JsonOption = False,
) -> None:
    """Print the whole life of one message."""
    life = run(traced(id))
    show(as_document(life), lines_of(life), as_json=as_json)
    if not life.known:
        sys.stderr.write(f"twin: nothing is known of {id}\n")
        finish(FOUND)


async def traced(id: str) -> Life:
    """Everything that database and broker tell of this message."""
    async with connections.database() as mongo:
        return await Lives(MongoCalls(mongo), MongoLedger(mongo), MongoDeadLetters(mongo), _lags).of(id)


async def _lags() -> list[Lag]:
    async with connections.broker() as js:
        return await topology.lags(js)


def as_document(life: Life) -> dict[str, Any]:
    """The life as one JSON document."""
    return {
        "id": life.id,
        "known": life.known,
        "ledger": life.entry,
        "copies": life.copies,
        "call": life.call.model_dump(mode="json") if life.call else None,
        "dead_letters": [letter.model_dump(mode="json") for letter in life.dead],
        "streams": {"position": life.entry.claim if life.entry else None, "consumers": life.lags},
    }


def lines_of(life: Life) -> list[str]:
    """The life in plain lines, in the order in which it happened."""
    lines = [f"message {life.id}"]
    if life.entry:
        lines += _entry_lines(life.entry)
    else:
        lines.append("  the filter has not recorded it")
    if life.copies:
        lines += ["", "copies"]
        rows = [(copy.sent_at, copy.group_name or copy.group_id, copy.rule, copy.id) for copy in life.copies]
        lines += _indent(table(("sent", "group", "by", "id"), rows))
    if life.call:
        lines += _call_lines(life.call)
    for letter in life.dead:
        lines += ["", f"dead letter {letter.event_id}", f"  {letter.stage}: {letter.reason} ({letter.detail})"]
    lines += ["", "streams"]
    if life.lags is None:
        lines.append("  the broker does not answer")
    else:
        waiting = [(lag.stream, lag.durable, lag.pending, lag.unacked) for lag in life.lags]
        lines += _indent(table(("stream", "reader", "waiting", "in work"), waiting))
    return lines


def _entry_lines(entry: Entry) -> list[str]:
    lines = [
        f"  state      {entry.state}" + (f" of {entry.duplicate_of}" if entry.duplicate_of else ""),
        f"  rule       {entry.rule or '-'} (score {entry.score:g}) {' '.join(entry.reasons)}".rstrip(),
        f"  group      {entry.group_name or '-'} {entry.group_id}",
        f"  sent       {_time(entry.sent_at)}, seen {_time(entry.seen_at)} by {entry.via}",
        f"  position   {entry.claim}",
        f"  text       {_one_line(entry.text)}",
    ]
    for stage, detail in entry.stages.items():
        told = ", ".join(f"{key}={_one_line(str(value))}" for key, value in detail.items())
        lines.append(f"  {stage:<10} {told}")
    for sighting in entry.sightings:
        told = ", ".join(f"{key}={value}" for key, value in sighting.items())
        lines.append(f"  seen again {told}")
    return lines


def _call_lines(call: Call) -> list[str]:
    lines = ["", f"call {call.id}", f"  {call.status}, version {call.version}, revision {call.revision}"]
    lines.append(f"  title      {_one_line(call.fields.title)}")
    lines.append(f"  engine     {call.engine.name} {call.engine.model or ''}".rstrip())
    if like := call.likeness:
        parted = f" ({', '.join(like.conflicts)})" if like.conflicts else ""
        lines.append(f"  likeness   {like.relation} of {like.message_id}{parted}, containment {like.containment:g}")
    rows = [(entry.at, entry.actor, entry.action, entry.after, entry.reason) for entry in call.history]
    lines += _indent(table(("when", "who", "did", "then", "reason"), rows))
    lines += [f"  revision {event.revision} waits to be sent" for event in call.unsent]
    return lines


def _indent(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _one_line(text: str) -> str:
    plain = "".join(char if char.isprintable() else " " for char in text)
    return plain if len(plain) <= 160 else plain[:159] + "…"


def _time(value: Any) -> str:
    return str(value.astimezone().strftime("%Y-%m-%d %H:%M:%S"))
