"""The notices' contract, on the fake and on the real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.storage.memory.notices import MemoryNotices
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.notices import MongoNotices
from shared.storage.notices import Notice, Notices

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["memory", "mongo"])
def notices(request: pytest.FixtureRequest) -> Notices:
    if request.param == "memory":
        return MemoryNotices()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoNotices(mongo)


def notice(id: str, minutes: int = 0, text: str = "a group was found") -> Notice:
    return Notice(id, "group_found", text, NOW + timedelta(minutes=minutes), {"group": "g@g.us", "words": ["cast"]})


async def test_a_notice_is_kept_once(notices: Notices) -> None:
    assert await notices.add(notice("a"))
    assert not await notices.add(notice("a", text="again"))
    assert await notices.recent() == [notice("a")]


async def test_the_newest_come_first(notices: Notices) -> None:
    for id, minutes in (("old", 0), ("newest", 9), ("newer", 5)):
        await notices.add(notice(id, minutes))
    assert [found.id for found in await notices.recent(2)] == ["newest", "newer"]
