"""`twin restore`: a back-up into an empty broker and database, or in place of what stands there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.operator import connections, forgotten
from services.operator.answers import JsonOption, run, show
from services.operator.archive import Archive
from services.operator.provision import provisioned
from shared.broker import snapshots
from shared.errors import Permanent
from shared.storage.mongo import indexes, restored_calls, schema
from shared.storage.mongo.connect import Mongo, create_indexes
from shared.storage.mongo.dump import MongoDump
from shared.storage.mongo.heartbeats import MongoHeartbeats
from shared.storage.schema import Stage

if TYPE_CHECKING:
    from nats.js import JetStreamContext

_LIVES = timedelta(seconds=45)  # three heartbeats
_AT_ONCE = 500


def restore(
    path: Annotated[Path, typer.Argument(help="A back-up: a folder or a .tar file.")],
    replace: Annotated[bool, typer.Option("--yes", help="Replace what the broker and the database hold now.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Put a back-up into the broker and the database of the settings. The services must not run."""
    done = run(restored(path, replace=replace))
    show({"restored": done}, done, as_json=as_json)


async def restored(path: Path, *, replace: bool) -> list[str]:
    """Restores and returns a line for each thing done.

    Nothing is touched before the back-up has proved sound, readable by this code, and the target empty (or given up).
    The database is marked first and unmarked last: services refuse to start on what lies between, and the same command
    begins again.
    """
    archive = Archive(path)
    try:
        archive.require_sound()
        _require_readable(archive)
        async with connections.broker() as js, connections.database() as mongo:
            await _require_free(js, mongo, replace=replace)
            await forgotten.remember(mongo)
            await schema.begin_restore(mongo, archive.manifest.schema_version, archive.manifest.schema_oldest)
            done = await _put(archive, js, mongo)
            done += await forgotten.forget_again(js, mongo)
            await schema.end_restore(mongo)
    finally:
        archive.close()
    return done + await provisioned()


def _require_readable(archive: Archive) -> None:
    made, ours = archive.manifest.schema_version, schema.code_version()
    if made > ours:
        raise Permanent(f"{archive.path} was made by a newer release (schema {made}, this one knows {ours}): use that")


async def _require_free(js: JetStreamContext, mongo: Mongo, *, replace: bool) -> None:
    """Permanent while services run here, and where something stands here that nobody has given up."""
    since = datetime.now(UTC) - _LIVES
    if living := sorted({beat.service for beat in await MongoHeartbeats(mongo).all() if beat.at > since}):
        raise Permanent(f"{', '.join(living)} ran less than a minute ago: stop the services, wait, and try again")
    mark = await schema.mark_of(mongo)
    if replace or (mark is not None and mark.stage is Stage.RESTORING):
        return
    held = [f"stream {name}" for name in await snapshots.filled(js)]
    held += [f"collection {name}" for name in await MongoDump(mongo).filled()]
    if held:
        raise Permanent(f"there is data here ({', '.join(held)}): --yes replaces all of it")


async def _put(archive: Archive, js: JetStreamContext, mongo: Mongo) -> list[str]:
    """Streams go first and come last, so that nothing consumes from them meanwhile."""
    manifest, dump = archive.manifest, MongoDump(mongo)
    for name in await snapshots.names(js):
        await snapshots.remove(js, name)
    await dump.empty()
    done = []
    for collection in manifest.collections:
        documents = archive.documents(collection)
        number = 0
        while some := list(islice(documents, _AT_ONCE)):
            await dump.write(collection.name, some)
            number += len(some)
        if number != collection.documents:
            raise Permanent(f"collection {collection.name} has {number} documents instead of {collection.documents}")
        done.append(f"collection {collection.name}: {number} documents")
    await create_indexes(mongo, indexes.all_indexes())
    owed = await restored_calls.owe_again(mongo, manifest.owed)
    raised = await restored_calls.raise_revisions(mongo)
    done.append(f"revisions of {raised} calls raised by {restored_calls.AHEAD}, {owed} calls send their last again")
    for stream in manifest.streams:
        taken = snapshots.Taken(stream.name, stream.config, stream.state)
        await snapshots.give(js, taken, archive.chunks(stream.file, snapshots.CHUNK))
        done.append(f"stream {stream.name}: {stream.messages} messages up to {stream.last_sequence}")
    return done + await snapshots.rewind(js, manifest.positions)
