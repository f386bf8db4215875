"""The daily reading of the groups, over the written fakes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.poller.groups import GroupSync
from services.poller.settings import PollerSettings
from shared.errors import Unavailable
from shared.storage.memory.gateway import MemoryGatewayRecord
from shared.storage.memory.leases import MemoryLeases
from shared.storage.memory.notices import MemoryNotices
from shared.storage.memory.sources import MemorySources
from shared.storage.sources import Source, SourceStatus
from shared.whapi.fake import FakeGateway

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CASTING, FAMILY = "120363000000000001@g.us", "120363000000000002@g.us"


@dataclass
class World:
    """One replica's surroundings; `sync()` makes another replica in them."""

    gateway: FakeGateway = field(default_factory=FakeGateway)
    sources: MemorySources = field(default_factory=MemorySources)
    record: MemoryGatewayRecord = field(default_factory=MemoryGatewayRecord)
    notices: MemoryNotices = field(default_factory=MemoryNotices)
    leases: MemoryLeases = field(default_factory=MemoryLeases)
    now: datetime = NOW

    def sync(self, owner: str = "one", **settings: Any) -> GroupSync:
        return GroupSync(
            self.sources,
            self.gateway,
            self.record,
            self.notices,
            self.leases,
            PollerSettings(**settings),
            owner=owner,
            clock=lambda: self.now,
        )


@pytest.fixture
def world() -> World:
    world = World()
    world.gateway.add_group(CASTING, "كاستنج الرياض", size=120)
    world.gateway.add_group(FAMILY, "Family Riyadh", size=9)
    world.gateway.add_group("120363000000000003@g.us", None)
    return world


async def test_groups_with_casting_names_are_proposed_and_others_left_alone(world: World) -> None:
    found = await world.sync().run_if_due()
    expected = Source(CASTING, "كاستنج الرياض", SourceStatus.PROPOSED, NOW, added_by="sync", participants=120)
    assert found == [expected] == await world.sources.all()
    [notice] = await world.notices.recent()
    assert (notice.id, notice.kind, notice.at) == (f"group_found:{CASTING}", "group_found", NOW)
    assert "كاستنج الرياض" in notice.text
    assert notice.details["words"] == ["كاستنج"]


async def test_matches_can_be_taken_in_at_once(world: World) -> None:
    await world.sync(import_as="active").run_if_due()
    assert [source.id for source in await world.sources.due(NOW)] == [CASTING]


async def test_names_and_sizes_are_kept_true_and_what_was_decided_stays(world: World) -> None:
    await world.sources.add(Source(CASTING, "old name", SourceStatus.INACTIVE, NOW, participants=3))
    await world.sources.add(Source(FAMILY, "Family Riyadh", SourceStatus.ACTIVE, NOW, participants=9))
    assert await world.sync().run_if_due() == []
    stored = await world.sources.get(CASTING)
    assert stored is not None
    assert (stored.name, stored.participants, stored.status) == ("كاستنج الرياض", 120, SourceStatus.INACTIVE)
    assert await world.notices.recent() == []


async def test_a_name_that_the_gateway_does_not_tell_is_kept(world: World) -> None:
    await world.sources.add(Source(CASTING, "known name", SourceStatus.ACTIVE, NOW, participants=3))
    world.gateway.add_group(CASTING, None, size=4)
    await world.sync().run_if_due()
    stored = await world.sources.get(CASTING)
    assert stored is not None
    assert (stored.name, stored.participants) == ("known name", 4)


async def test_it_runs_once_a_day_and_when_it_is_asked_for(world: World) -> None:
    sync = world.sync()
    assert await sync.run_if_due() is not None
    assert await sync.run_if_due() is None
    world.now += timedelta(hours=23)
    assert await world.sync("another").run_if_due() is None
    await world.record.synced(None)
    assert await world.sync("third").run_if_due() == []
    world.now += timedelta(hours=24)
    assert await world.sync("fourth").run_if_due() == []
    assert world.gateway.requests == ["groups"] * 3


async def test_one_replica_does_it_at_a_time(world: World) -> None:
    results = await asyncio.gather(*(world.sync(f"replica {n}").run_if_due() for n in range(3)))
    assert len([result for result in results if result is not None]) == 1
    assert world.gateway.requests == ["groups"]


async def test_a_replica_that_waited_for_the_lease_does_not_do_it_again(world: World) -> None:
    acquire = world.leases.acquire

    async def after_another(name: str, owner: str, **terms: Any) -> bool:
        await world.record.synced(NOW)
        return await acquire(name, owner, **terms)

    world.leases.acquire = after_another  # type: ignore[method-assign]
    assert await world.sync().run_if_due() is None
    assert world.gateway.requests == []


async def test_a_killed_replicas_sync_is_done_by_another_later(world: World) -> None:
    await world.leases.acquire("poller.groups", "killed", now=NOW, ttl=timedelta(minutes=5))
    sync = world.sync()
    assert await sync.run_if_due() is None
    world.now += timedelta(minutes=5)
    assert await sync.run_if_due() is not None


async def test_a_gateway_that_is_away_is_asked_again_after_some_minutes(world: World) -> None:
    world.gateway.error = Unavailable("away")
    sync = world.sync()
    assert await sync.run_if_due() is None
    assert await sync.run_if_due() is None
    assert world.gateway.requests == ["groups"]
    world.gateway.error = None
    world.now += timedelta(minutes=5)
    assert await sync.run_if_due() is not None


async def test_a_crash_before_the_group_is_stored_tells_of_it_once_all_the_same(world: World) -> None:
    add = world.sources.add

    async def crash(source: Source) -> bool:
        raise Unavailable("killed here")

    world.sources.add = crash  # type: ignore[method-assign]
    sync = world.sync()
    assert await sync.run_if_due() is None
    world.sources.add = add  # type: ignore[method-assign]
    world.now += timedelta(minutes=5)
    assert [source.id for source in await sync.run_if_due() or []] == [CASTING]
    assert len(await world.notices.recent()) == 1
