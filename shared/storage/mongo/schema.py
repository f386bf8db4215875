"""The database's mark, and the way from the form that it has to the form that this code needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime

import pymongo
from pymongo.errors import DuplicateKeyError

from shared.errors import Misconfigured, Transient
from shared.storage.mongo.connect import Mongo, translated
from shared.storage.mongo.migrations.step import Step
from shared.storage.mongo.migrations.steps import STEPS
from shared.storage.schema import Mark, Stage, objection

COLLECTION = "schema"
_ID = "schema"
_CARRIED = "carried"
_STEP_S = 3600.0  # for a whole step: what it reads at once takes the server longer than a service would wait


def code_version(steps: Sequence[Step] = STEPS) -> int:
    """The form of the stored data that this code reads and writes."""
    return steps[-1].number if steps else 0


async def mark_of(mongo: Mongo) -> Mark | None:
    """The mark; None where nobody has set the database up."""
    with translated("schema.mark"):
        found = await mongo.collection(COLLECTION).find_one({"_id": _ID})
    return Mark(int(found["version"]), int(found["oldest"]), Stage(found["stage"])) if found else None


async def require(mongo: Mongo) -> None:
    """Returns where this code may work with the database; Misconfigured with what to do where not."""
    if why := objection(await mark_of(mongo), code_version()):
        raise Misconfigured(why)


def check_of(mongo: Mongo) -> Callable[[], Awaitable[None]]:
    """`require` as a health check."""

    async def check() -> None:
        await require(mongo)

    return check


async def require_at_start(mongo: Mongo) -> None:
    """As `require`; a database that is away is no reason not to start, for it may be back any moment."""
    try:
        await require(mongo)
    except Transient:
        return


async def set_stage(mongo: Mongo, stage: Stage) -> None:
    """Notes what is being done to the database; the rest of its mark stays as it is."""
    with translated("schema.stage"):
        await mongo.collection(COLLECTION).update_one({"_id": _ID}, {"$set": {"stage": str(stage)}})


async def begin_restore(mongo: Mongo, version: int, oldest: int) -> None:
    """Marks the database as one that is being filled with data of this version."""
    mark = {"version": version, "oldest": oldest, "stage": str(Stage.RESTORING)}
    with translated("schema.begin_restore"):
        await mongo.collection(COLLECTION).replace_one({"_id": _ID}, mark, upsert=True)


async def carry(mongo: Mongo, names: Iterable[str], events: Iterable[str]) -> None:
    """Keeps beside the mark who was forgotten, and which events must not be taken in, until a restore is over."""
    change = {"$addToSet": {"names": {"$each": sorted(names)}, "events": {"$each": sorted(events)}}}
    with translated("schema.carry"):
        await mongo.collection(COLLECTION).update_one({"_id": _CARRIED}, change, upsert=True)


async def carried(mongo: Mongo) -> tuple[frozenset[str], frozenset[str]]:
    """The names and the events that are kept."""
    with translated("schema.carried"):
        found = await mongo.collection(COLLECTION).find_one({"_id": _CARRIED}) or {}
    return frozenset(found.get("names", ())), frozenset(found.get("events", ()))


async def end_restore(mongo: Mongo) -> None:
    """The database is whole; what was kept for the restore goes."""
    await set_stage(mongo, Stage.READY)
    with translated("schema.end_restore"):
        await mongo.collection(COLLECTION).delete_one({"_id": _CARRIED})


async def migrate(
    mongo: Mongo,
    *,
    steps: Sequence[Step] = STEPS,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[str]:
    """Runs the steps that this database lacks, in their order; again changes nothing. Returns a line for each.

    A database without anything in it has today's form already. Misconfigured where a restore was not finished, or where
    the database is of a release that this code cannot work with.
    """
    mark = await mark_of(mongo)
    if mark is None:
        version = 0 if await _holds_anything(mongo) else code_version(steps)
        mark = await _first(mongo, Mark(version), clock())
    code = code_version(steps)
    if mark.stage is not Stage.READY or mark.oldest > code:
        raise Misconfigured(str(objection(mark, code)))
    done = []
    for step in steps:
        if step.number > mark.version:
            with pymongo.timeout(_STEP_S):
                changed = await step.run(mongo)
            await _done(mongo, step, changed, clock())
            done.append(f"migration {step.number}: {step.name} ({changed} changed)")
    return done


async def _holds_anything(mongo: Mongo) -> bool:
    with translated("schema.collections"):
        for name in await mongo.database.list_collection_names():
            if name != COLLECTION and await mongo.collection(name).find_one({}, {"_id": 1}) is not None:
                return True
    return False


async def _first(mongo: Mongo, mark: Mark, at: datetime) -> Mark:
    document = {"_id": _ID, "version": mark.version, "oldest": mark.oldest, "stage": str(mark.stage), "at": at}
    with translated("schema.first"):
        try:
            await mongo.collection(COLLECTION).insert_one(document)
        except DuplicateKeyError:  # somebody else sets it up at the same time
            return await mark_of(mongo) or mark
    return mark


async def _done(mongo: Mongo, step: Step, changed: int, at: datetime) -> None:
    """On record unless somebody who ran it at the same time was first."""
    change = {
        "$set": {"version": step.number, "at": at},
        "$max": {"oldest": step.oldest},
        "$push": {"steps": {"number": step.number, "name": step.name, "changed": changed, "at": at}},
    }
    with translated("schema.done"):
        await mongo.collection(COLLECTION).update_one({"_id": _ID, "version": {"$lt": step.number}}, change)
