"""`twin sources`: the groups that are listened to."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from services.operator import connections
from services.operator.answers import FOUND, WRONG_USE, JsonOption, finish, run, show, table
from services.poller.groups import GroupSync
from services.poller.settings import PollerSettings
from services.sandbox import corpus
from services.sandbox import logic as sandbox
from shared.storage.mongo.gateway import MongoGatewayRecord
from shared.storage.mongo.leases import MongoLeases
from shared.storage.mongo.notices import MongoNotices
from shared.storage.mongo.sources import MongoSources
from shared.storage.sources import GROUP_ID, Source, SourceStatus

Ids = Annotated[list[str], typer.Argument(help="Group ids (…@g.us).")]


def list_(
    status: Annotated[SourceStatus | None, typer.Option(help="Only those in this state.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the groups with what was last heard of each."""

    async def work() -> list[Source]:
        async with connections.database() as mongo:
            return await MongoSources(mongo).all(status)

    found = run(work())
    headings = ("id", "status", "people", "last message", "last poll", "new", "name")
    rows = [
        (
            item.id,
            item.status,
            item.participants,
            item.last_message_at,
            item.last_poll_at,
            item.last_poll_new,
            item.name,
        )
        for item in found
    ]
    show([asdict(item) for item in found], table(headings, rows), as_json=as_json)


def add(
    id: Annotated[str, typer.Argument(help="The group's id (…@g.us).")],
    name: Annotated[str, typer.Option(help="Its name; the daily sync keeps it true.")] = "",
    status: Annotated[SourceStatus, typer.Option(help="The state to add it in.")] = SourceStatus.ACTIVE,
    as_json: JsonOption = False,
) -> None:
    """Add a group by its id."""
    if not GROUP_ID.fullmatch(id):
        sys.stderr.write(f"twin: {id!r} is no group id: digits, then @g.us (`twin sources sync` lists the groups)\n")
        finish(WRONG_USE)

    async def work() -> Source | None:
        async with connections.database() as mongo:
            store = MongoSources(mongo)
            new = await store.add(_source(id, name or id, status, by="operator"))
            return None if new else await store.get(id)

    known = run(work())
    line = f"{id} is known already, as {known.status}" if known else f"{id} added as {status}"
    if known and known.status is not SourceStatus.ACTIVE:
        line += f": `twin sources activate {id}` listens to it"
    show({"id": id, "added": known is None}, [line], as_json=as_json)


def activate(ids: Ids, as_json: JsonOption = False) -> None:
    """Listen to these groups."""
    _set_status(ids, SourceStatus.ACTIVE, as_json=as_json)


def deactivate(ids: Ids, as_json: JsonOption = False) -> None:
    """Stop listening to these groups."""
    _set_status(ids, SourceStatus.INACTIVE, as_json=as_json)


def sync(as_json: JsonOption = False) -> None:
    """Read the groups at the gateway now: new ones with casting names are added, names kept true."""
    found = run(synced())
    rows = [(source.id, source.status, source.participants, source.name) for source in found]
    lines = table(("id", "status", "people", "name"), rows) if found else ["no new casting groups"]
    show({"added": [asdict(source) for source in found]}, lines, as_json=as_json)


async def synced() -> list[Source]:
    """What the poller does daily, now; returns the groups that were added."""
    async with connections.database() as mongo, connections.gateway() as gateway:
        work = GroupSync(
            MongoSources(mongo),
            gateway,
            MongoGatewayRecord(mongo),
            MongoNotices(mongo),
            MongoLeases(mongo),
            PollerSettings.load(),
            owner="twin",
            clock=lambda: datetime.now(UTC),
        )
        return await work.sync()


def demo(
    path: Annotated[Path, typer.Argument(help="The corpus that the sandbox plays.", exists=True, dir_okay=False)],
    as_json: JsonOption = False,
) -> None:
    """Add the groups of the sandbox's corpus as active ones (for the demo and tests)."""
    new = run(added(sandbox_sources(path)))
    show({"added": new}, [f"{len(new)} groups added"], as_json=as_json)


def sandbox_sources(path: Path) -> list[Source]:
    """The groups that the sandbox has when it plays this corpus."""
    names = sorted({row.group for row in corpus.load(path)})
    return [_source(sandbox.group_id(name), name, SourceStatus.ACTIVE, by="demo") for name in names]


async def added(sources: Iterable[Source]) -> list[str]:
    """Adds those that are not known yet; returns their ids."""
    async with connections.database() as mongo:
        store = MongoSources(mongo)
        return [source.id for source in sources if await store.add(source)]


def _source(id: str, name: str, status: SourceStatus, *, by: str) -> Source:
    return Source(id=id, name=name, status=status, added_at=datetime.now(UTC), added_by=by)


def _set_status(ids: Sequence[str], status: SourceStatus, *, as_json: bool) -> None:
    async def work() -> dict[str, bool]:
        async with connections.database() as mongo:
            store = MongoSources(mongo)
            return {id: await store.set_status(id, status) for id in ids}

    known: dict[str, Any] = run(work())
    unknown = [id for id, found in known.items() if not found]
    changed = [id for id, found in known.items() if found]
    show(
        {"status": str(status), "changed": changed, "unknown": unknown},
        [f"{id} is {status}" for id in changed],
        as_json=as_json,
    )
    if unknown:
        sys.stderr.write(f"twin: not known: {', '.join(unknown)}; `twin sources add` adds a group\n")
        finish(FOUND)
