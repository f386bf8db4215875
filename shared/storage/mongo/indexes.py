"""Every index of the database, gathered from the stores that need them, so that none can be forgotten."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from pymongo import IndexModel

from shared.storage import mongo as room
from shared.storage.mongo import schema
from shared.storage.mongo.connect import Mongo, create_indexes


def all_indexes() -> dict[str, list[IndexModel]]:
    """Collection → its indexes, from each module of this room that names INDEXES."""
    found: dict[str, list[IndexModel]] = {}
    for module in pkgutil.iter_modules(room.__path__):
        found.update(getattr(import_module(f"{room.__name__}.{module.name}"), "INDEXES", {}))
    return found


async def provision(mongo: Mongo) -> list[str]:
    """Brings stored data to today's form and makes every index; the same again changes nothing. Returns what it did.

    The data first: an index may hold only over its new form.
    """
    done = await schema.migrate(mongo)
    indexes = all_indexes()
    await create_indexes(mongo, indexes)
    return done + [f"indexes of {name} ({len(models)})" for name, models in sorted(indexes.items()) if models]
