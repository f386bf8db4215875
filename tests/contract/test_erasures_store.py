"""The contract of the erasures, on the fake and on the real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.storage.erasures import Erasures
from shared.storage.memory.erasures import MemoryErasures
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.erasures import MongoErasures

UNTIL = datetime.now(UTC) + timedelta(days=30)


@pytest.fixture(params=["memory", "mongo"])
def erasures(request: pytest.FixtureRequest) -> Erasures:
    if request.param == "memory":
        return MemoryErasures()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoErasures(mongo)


async def test_what_was_erased_is_known_by_its_name_and_once(erasures: Erasures) -> None:
    assert await erasures.all() == frozenset()
    await erasures.add([], until=UNTIL)
    await erasures.add(["post:a", "edit:a:1", "post:a"], until=UNTIL)
    await erasures.add(["post:a", "post:b"], until=UNTIL)
    assert await erasures.all() == {"post:a", "edit:a:1", "post:b"}
