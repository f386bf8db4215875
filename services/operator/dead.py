"""`twin dead`: what could not be handled, why, and what becomes of it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from services.operator import connections
from services.operator.answers import FOUND, JsonOption, finish, run, show, table
from services.operator.dead_choice import agreed, chosen_of, filter_of
from services.operator.dead_words import as_document, described, summary_line
from services.publisher.letters import Letters, Report
from shared.broker.publish import JetStreamPublisher
from shared.broker.resend import JetStreamResender
from shared.storage.dead_letters import KeptLetter, Kind, LetterFilter
from shared.storage.mongo.audit import MongoAudit
from shared.storage.mongo.dead_letters import MongoDeadLetters
from shared.storage.mongo.ledger import MongoLedger
from shared.storage.mongo.sources import MongoSources

ACTOR = "operator"
RATE = 20.0

Ids = Annotated[list[str] | None, typer.Argument(help="Letters' ids, as `twin dead list` shows them.")]
Stage = Annotated[str | None, typer.Option(help="Only of this stage: receiver, poller, filter, extractor, publisher.")]
Reason = Annotated[str | None, typer.Option(help="Only with this reason, such as invalid.")]
Message = Annotated[str | None, typer.Option(help="Only of this message id.")]
Group = Annotated[str | None, typer.Option(help="Only of this group (…@g.us), where the payload names it.")]
Since = Annotated[str | None, typer.Option(help="Failed at or after: 2026-11-01, 2026-11-01T08:30, 90m, 12h, 30d.")]
Until = Annotated[str | None, typer.Option(help="Failed before; written as --since.")]
All = Annotated[bool, typer.Option("--all", help="Every open letter that the filters leave.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say which letters that would be.")]
Yes = Annotated[bool, typer.Option("--yes", help="Really do it; needed for more than the letters that were named.")]


def list_(
    stage: Stage = None,
    reason: Reason = None,
    message: Message = None,
    group: Group = None,
    since: Since = None,
    until: Until = None,
    outcome: Annotated[str, typer.Option(help="open, replayed, dropped or any.")] = "open",
    limit: Annotated[int, typer.Option(help="How many at most, latest first.", min=1, max=1000)] = 50,
    as_json: JsonOption = False,
) -> None:
    """List dead letters, latest first, with how many there are of each kind."""
    wanted = filter_of(stage, reason, message, group, since, until, outcome)

    async def work() -> tuple[list[KeptLetter], int, list[Kind]]:
        async with connections.database() as mongo:
            store = MongoDeadLetters(mongo)
            return await store.find(wanted, limit=limit), await store.count(wanted), await store.kinds()

    found, number, kinds = run(work())
    rows = [
        (
            kept.letter.failed_at,
            kept.letter.stage,
            kept.letter.reason,
            kept.outcome,
            kept.letter.message_id,
            kept.letter.event_id,
        )
        for kept in found
    ]
    lines = table(("failed", "stage", "reason", "state", "message", "letter"), rows) if rows else ["no such letters"]
    if number > len(found):
        lines.append(f"… and {number - len(found)} more (--limit)")
    if kinds:
        lines += ["", "open, by kind:"]
        lines += table(("number", "stage", "reason", "first", "last"), [_row(kind) for kind in kinds])
    document = {"letters": [as_document(kept) for kept in found], "number": number, "kinds": kinds}
    show(document, lines, as_json=as_json)


def show_(
    id: Annotated[str, typer.Argument(help="The letter's id, as `twin dead list` shows it.")],
    as_json: JsonOption = False,
) -> None:
    """Show one letter whole: payload, reason, stage, stack, how often it was delivered, how many share its reason."""

    async def work() -> tuple[KeptLetter | None, int]:
        async with connections.database() as mongo:
            store = MongoDeadLetters(mongo)
            kept = await store.kept(id)
            same = LetterFilter(stage=kept.letter.stage, reason=kept.letter.reason) if kept else None
            return kept, await store.count(same) if same else 0

    kept, alike = run(work())
    if kept is None:
        _unknown(id)
        return
    show(as_document(kept) | {"alike": alike}, described(kept, alike), as_json=as_json)


def replay(
    ids: Ids = None,
    stage: Stage = None,
    reason: Reason = None,
    message: Message = None,
    group: Group = None,
    since: Since = None,
    until: Until = None,
    every: All = False,
    rate: Annotated[float, typer.Option(help="Letters a second at most.", min=0.1, max=1000)] = RATE,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Send letters' messages on once more; what was handled meanwhile stays as it is."""
    wanted = filter_of(stage, reason, message, group, since, until, "open")
    chosen = run(chosen_of(ids, wanted, every=every))
    if not agreed("replay", chosen, named=bool(ids), dry_run=dry_run, yes=yes, as_json=as_json):
        return

    async def work() -> Report:
        async with letters() as made:
            return await made.replay_all(chosen.ids, ACTOR, rate=rate)

    report = run(work())
    document = {
        "sent": report.sent,
        "settled_before": report.settled_before,
        "refused": dict(report.refused),
        "stopped": report.stopped,
    }
    show(document, summary_line(report, len(chosen.ids)), as_json=as_json)
    if report.refused or report.stopped or chosen.unknown:
        finish(FOUND)


def drop(
    ids: Ids = None,
    stage: Stage = None,
    reason: Reason = None,
    message: Message = None,
    group: Group = None,
    since: Since = None,
    until: Until = None,
    every: All = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Close letters for good: their messages stay dead."""
    wanted = filter_of(stage, reason, message, group, since, until, "open")
    chosen = run(chosen_of(ids, wanted, every=every))
    if not agreed("drop", chosen, named=bool(ids), dry_run=dry_run, yes=yes, as_json=as_json):
        return

    async def work() -> int:
        async with letters() as made:
            return await made.drop(chosen.ids, ACTOR) if chosen.ids else 0

    dropped = run(work())
    show({"dropped": dropped}, [f"{dropped} dropped"], as_json=as_json)
    if chosen.unknown:
        finish(FOUND)


@asynccontextmanager
async def letters() -> AsyncIterator[Letters]:
    """What replays and drops, on the broker and the database in the settings."""
    async with connections.database() as mongo, connections.broker() as js:
        yield Letters(
            MongoDeadLetters(mongo),
            MongoLedger(mongo),
            MongoSources(mongo),
            JetStreamPublisher(lambda: js),
            JetStreamResender(lambda: js),
            MongoAudit(mongo),
            lambda: datetime.now(UTC),
        )


def _row(kind: Kind) -> tuple[Any, ...]:
    return kind.number, kind.stage, kind.reason, kind.first_at, kind.last_at


def _unknown(id: str) -> None:
    sys.stderr.write(f"twin: there is no letter {id!r}; `twin dead list` lists them\n")
    finish(FOUND)
