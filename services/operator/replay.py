"""`twin replay`: what today's code would make of the messages of a window, and having it do so."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.extractor.engines import OfflineEngine
from services.extractor.offline.engine import extract
from services.extractor.ports import Engine
from services.extractor.settings import ExtractorSettings, OpenAISettings
from services.operator import connections, judges
from services.operator.answers import WRONG_USE, JsonOption, finish, run, show
from services.operator.moments import window
from services.operator.replay_plan import Plan, Window, lines_of
from services.operator.replay_sources import Ground, from_candidates, from_extracted, from_raw
from shared.broker.resend import JetStreamResender
from shared.errors import Misconfigured
from shared.settings import RetentionSettings
from shared.storage.audit import Deed
from shared.storage.mongo.audit import MongoAudit
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.ledger import MongoLedger

if TYPE_CHECKING:
    from nats.js import JetStreamContext

RATE = 20.0


class From(StrEnum):
    """The stream that is read, and sent to."""

    RAW = "raw"
    CANDIDATES = "candidates"
    EXTRACTED = "extracted"


class Reader(StrEnum):
    """Who reads candidates for the difference."""

    OFFLINE = "offline"
    CONFIGURED = "configured"


def replay(
    source_stream: Annotated[From, typer.Option("--from", help="What is judged or read anew.")],
    since: Annotated[str, typer.Option(help="Came at or after: 2026-11-01, 2026-11-01T08:30, 90m, 12h, 30d.")],
    until: Annotated[str | None, typer.Option(help="Came at or before; written as --since.")] = None,
    source: Annotated[str | None, typer.Option(help="Only of this group (…@g.us).")] = None,
    engine: Annotated[
        Reader, typer.Option(help="Who reads candidates: the parsers, or what EXTRACTOR_ENGINE says (may cost money).")
    ] = Reader.OFFLINE,
    rate: Annotated[float, typer.Option(help="Messages a second at most.", min=0.1, max=1000)] = RATE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the difference.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Really do it.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what today's code makes of past messages, and with --yes have it do so; decisions of reviewers stay."""
    now = datetime.now(UTC)
    begin, end = window(since, until, now)
    wanted = Window(begin or now, end, source)
    act = yes and not dry_run
    if act and source_stream is From.CANDIDATES and engine is Reader.OFFLINE and paid_model():
        raise Misconfigured(
            f"the extractor asks {paid_model()}: say --engine configured to have the difference from it"
        )
    plan, sent = run(_replayed(source_stream, wanted, engine, rate=rate, act=act, name=f"r{now:%Y%m%dT%H%M%S}"))
    document = {"from": source_stream, **_document(plan), "sent": sent}
    lines = lines_of(plan)
    if plan.questions and source_stream is From.CANDIDATES and paid_model():
        lines.append(
            f"the extractor would ask {paid_model()} about {len(plan.sendings)} of them, unless it knows the answer"
        )
    if act:
        lines.append(f"{sent} sent")
    show(document, lines, as_json=as_json)
    if plan.sendings and not act and not dry_run:
        sys.stderr.write("twin: nothing was done; say --yes to do it\n")
        finish(WRONG_USE)


def paid_model() -> str | None:
    """The model that the extractor asks by the settings here; None where the parsers read alone."""
    settings: ExtractorSettings = ExtractorSettings.load()
    openai: OpenAISettings = OpenAISettings.load()
    offline = settings.engine == "offline" or (settings.engine == "auto" and openai.api_key is None)
    return None if offline else openai.model


async def _replayed(
    source_stream: From, window: Window, reader: Reader, *, rate: float, act: bool, name: str
) -> tuple[Plan, int]:
    async with connections.database() as mongo, connections.broker() as js:
        ground = Ground(js, MongoLedger(mongo), MongoCalls(mongo), window, name)
        plan = await planned(source_stream, ground, mongo, reader)
        if not act or not plan.sendings:
            return plan, 0
        deed = Deed(datetime.now(UTC), "operator", "letter", f"{len(plan.sendings)}", f"replayed_{source_stream}")
        await MongoAudit(mongo).note(deed)
        return plan, await _sent(js, plan, rate)


async def planned(source_stream: From, ground: Ground, mongo: Mongo, reader: Reader = Reader.OFFLINE) -> Plan:
    """The difference; nothing is done."""
    if source_stream is From.RAW:
        return await from_raw(ground, await judges.running(mongo))
    if source_stream is From.EXTRACTED:
        return await from_extracted(ground)
    async with _engine(reader, mongo) as engine:
        return await from_candidates(ground, engine)


async def _sent(js: JetStreamContext, plan: Plan, rate: float) -> int:
    resender = JetStreamResender(lambda: js)
    for number, one in enumerate(plan.sendings):
        if number:
            await asyncio.sleep(1 / rate)
        await resender.resend(one.subject, one.stream, one.payload, one.headers, one.id)
    return len(plan.sendings)


@asynccontextmanager
async def _engine(reader: Reader, mongo: Mongo) -> AsyncIterator[Engine]:
    if reader is Reader.OFFLINE:
        yield OfflineEngine(extract)
        return
    # Only here: the whole service, with the model's library, which the other commands need not load.
    from services.extractor.app import engine_of

    engine, close = engine_of(ExtractorSettings.load(), OpenAISettings.load(), mongo, RetentionSettings.load().time)
    try:
        yield engine
    finally:
        await close()


def _document(plan: Plan) -> dict[str, Any]:
    changes = [
        {"id": one.id, "group": one.group, "then": one.then, "now": one.now, "does": one.does}
        | {"fields": [field.model_dump(mode="json") for field in one.fields], "is_sent": one.sending is not None}
        for one in plan.changes
    ]
    numbers = {name: value for name, value in asdict(plan).items() if isinstance(value, int)}
    return numbers | {"changes": changes}
