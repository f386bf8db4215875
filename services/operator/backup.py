"""`twin backup`: the database and the streams in one archive, made while the services run."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from services.operator import connections
from services.operator.answers import FOUND, JsonOption, finish, run, show
from services.operator.archive import Archive, CollectionPart, Manifest, StreamPart, Writer
from shared.broker import snapshots
from shared.contracts.subjects import APPROVED
from shared.errors import Misconfigured, Permanent
from shared.storage.mongo import schema
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.dump import MongoDump
from shared.storage.schema import Stage

if TYPE_CHECKING:
    from nats.js import JetStreamContext

_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS}


def backup(
    path: Annotated[Path, typer.Argument(help="Folder to make, or a file that ends in .tar.")],
    check: Annotated[bool, typer.Option("--check", help="Only check the back-up that is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Back up database and streams while the services run, or check a back-up that was made."""
    if check:
        _check(path, as_json=as_json)
        return
    manifest = run(made(path))
    show(_summary(path, manifest), _lines(path, manifest), as_json=as_json)


def _check(path: Path, *, as_json: bool) -> None:
    archive = Archive(path)
    try:
        problems = archive.problems()
    finally:
        archive.close()
    lines = [f"DAMAGED: {problem}" for problem in problems] or [*_lines(path, archive.manifest), "sound"]
    show(_summary(path, archive.manifest) | {"problems": problems}, lines, as_json=as_json)
    if problems:
        finish(FOUND)


async def made(path: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Manifest:
    """Makes the back-up and returns its manifest. Nothing is left at `path` where it fails."""
    writer = Writer(path)
    try:
        async with connections.broker() as js, connections.database() as mongo:
            manifest = await write(writer, js, mongo, clock)
            writer.finish(manifest)
    except BaseException as error:
        writer.abandon()
        if isinstance(error, OSError) and error.errno in _DISK:
            raise Permanent(f"{path} cannot be written: {error.strerror}") from error
        raise
    return manifest


async def write(writer: Writer, js: JetStreamContext, mongo: Mongo, clock: Callable[[], datetime]) -> Manifest:
    """Writes every part, in the one order in which nothing can fall between them (docs/decisions/0022).

    Positions are of before the database, so that all it may lack is delivered again; the streams that are read from are
    of after it, so that they hold all it speaks of. `approved` is written from the database: its copy comes before, and
    what came into it since is owed again.
    """
    begun_at = clock()
    mark = await schema.mark_of(mongo)
    if mark is None or mark.stage is Stage.RESTORING:
        raise Misconfigured("there is no whole database to back up: run `twin provision`, or end the restore first")
    floors = await snapshots.positions(js)
    present = await snapshots.names(js)
    streams = [await _stream(writer, js, name) for name in present if name == APPROVED.stream]
    collections = [await _collection(writer, MongoDump(mongo), name) for name in await MongoDump(mongo).collections()]
    owed = await _owed(js, streams[0].last_sequence) if streams else {}
    streams += [await _stream(writer, js, name) for name in present if name != APPROVED.stream]
    return Manifest(
        begun_at=begun_at,
        ended_at=clock(),
        release=_release(),
        schema_version=mark.version,
        schema_oldest=mark.oldest,
        positions=floors,
        owed=owed,
        collections=collections,
        streams=streams,
    )


async def _collection(writer: Writer, dump: MongoDump, name: str) -> CollectionPart:
    file, number = f"database/{name}.bson.gz", 0
    with writer.documents(file) as add:
        async for document in dump.read(name):
            add(document)
            number += 1
    return CollectionPart(name=name, file=file, documents=number)


async def _stream(writer: Writer, js: JetStreamContext, name: str) -> StreamPart:
    file = f"streams/{name}.snapshot"
    with writer.file(file) as add:
        taken = await snapshots.take(js, name, add)
    return StreamPart(
        name=name,
        file=file,
        messages=taken.messages,
        last_sequence=taken.last_sequence,
        config=taken.config,
        state=taken.state,
    )


async def _owed(js: JetStreamContext, last_copied: int) -> dict[str, int]:
    """Each call with the first revision that went out after `approved` was copied: the database may hold it as sent."""
    owed: dict[str, int] = {}
    for event in await snapshots.events_after(js, APPROVED.stream, last_copied):
        told = orjson.loads(event.data)
        owed.setdefault(str(told["call_id"]), int(told["revision"]))
    return owed


def _release() -> str:
    try:
        return version("takeone-digital-twin")
    except PackageNotFoundError:
        return "unknown"


def _summary(path: Path, manifest: Manifest) -> dict[str, object]:
    return {
        "path": str(path),
        "begun_at": manifest.begun_at.isoformat(),
        "ended_at": manifest.ended_at.isoformat(),
        "release": manifest.release,
        "schema_version": manifest.schema_version,
        "collections": {part.name: part.documents for part in manifest.collections},
        "streams": {part.name: part.messages for part in manifest.streams},
    }


def _lines(path: Path, manifest: Manifest) -> list[str]:
    documents = sum(part.documents for part in manifest.collections)
    messages = sum(part.messages for part in manifest.streams)
    took = (manifest.ended_at - manifest.begun_at).total_seconds()
    return [
        f"{path}: of {manifest.begun_at:%Y-%m-%d %H:%M:%S} UTC, made in {took:.1f} s by release {manifest.release}",
        f"{documents} documents of {len(manifest.collections)} collections,"
        f" {messages} messages of {len(manifest.streams)} streams, schema {manifest.schema_version}",
    ]
