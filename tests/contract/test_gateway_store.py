"""The contract of what is known of the gateway, on the fake and on the real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.storage.gateway import CHANGES_KEPT, GatewayRecord, GatewayStatus, StateChange
from shared.storage.memory.gateway import MemoryGatewayRecord
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.gateway import MongoGatewayRecord

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["memory", "mongo"])
def record(request: pytest.FixtureRequest) -> GatewayRecord:
    if request.param == "memory":
        return MemoryGatewayRecord()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoGatewayRecord(mongo)


async def test_nothing_is_known_before_the_first_check(record: GatewayRecord) -> None:
    assert await record.get() == GatewayStatus()


async def test_a_change_is_told_once_and_keeps_since_when(record: GatewayRecord) -> None:
    assert await record.checked("AUTH", working=True, advice="", at=NOW)
    assert not await record.checked("AUTH", working=True, advice="", at=NOW + MINUTE)
    assert await record.checked("QR", working=False, advice="scan", at=NOW + 2 * MINUTE)
    assert await record.get() == GatewayStatus(
        state="QR",
        working=False,
        advice="scan",
        since=NOW + 2 * MINUTE,
        checked_at=NOW + 2 * MINUTE,
        changes=(StateChange("AUTH", True, NOW), StateChange("QR", False, NOW + 2 * MINUTE)),
    )


async def test_the_last_changes_are_kept(record: GatewayRecord) -> None:
    for n in range(CHANGES_KEPT + 3):
        await record.checked(f"S{n}", working=False, advice="", at=NOW + n * MINUTE)
    changes = (await record.get()).changes
    assert [change.state for change in changes] == [f"S{n}" for n in range(3, CHANGES_KEPT + 3)]


async def test_alarm_and_sync_stand_beside_the_state(record: GatewayRecord) -> None:
    await record.synced(NOW)
    await record.alarmed(True)
    await record.checked("AUTH", working=True, advice="", at=NOW + MINUTE)
    status = await record.get()
    assert (status.synced_at, status.alarmed, status.state) == (NOW, True, "AUTH")
    await record.synced(None)
    await record.alarmed(False)
    status = await record.get()
    assert (status.synced_at, status.alarmed, status.state) == (None, False, "AUTH")


async def test_of_twenty_that_see_the_first_state_one_tells_it(record: GatewayRecord) -> None:
    told = await asyncio.gather(*(record.checked("AUTH", working=True, advice="", at=NOW) for _ in range(20)))
    assert sum(told) == 1
    assert len((await record.get()).changes) == 1
