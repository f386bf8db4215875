"""Watching the gateway's health, over the written fakes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from services.poller.settings import PollerSettings
from services.poller.watch import GatewayWatch
from shared.errors import BudgetSpent, Unavailable
from shared.observability import metrics
from shared.storage.memory.gateway import MemoryGatewayRecord
from shared.storage.memory.leases import MemoryLeases
from shared.storage.memory.notices import MemoryNotices
from shared.whapi.fake import FakeGateway

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass
class World:
    """One replica's surroundings; `watch()` makes another replica in them."""

    gateway: FakeGateway = field(default_factory=FakeGateway)
    record: MemoryGatewayRecord = field(default_factory=MemoryGatewayRecord)
    notices: MemoryNotices = field(default_factory=MemoryNotices)
    leases: MemoryLeases = field(default_factory=MemoryLeases)
    now: datetime = NOW

    def watch(self, owner: str = "one") -> GatewayWatch:
        return GatewayWatch(
            self.gateway,
            self.record,
            self.notices,
            self.leases,
            PollerSettings(),
            owner=owner,
            clock=lambda: self.now,
        )

    async def told(self) -> list[str]:
        return [notice.kind for notice in reversed(await self.notices.recent())]


@pytest.fixture
def world() -> World:
    return World()


def up() -> float | None:
    return metrics.REGISTRY.get_sample_value("twin_gateway_up")


async def test_a_working_gateway_is_recorded_and_nobody_is_told(world: World) -> None:
    assert await world.watch().run_if_due()
    status = await world.record.get()
    assert (status.state, status.working, status.since, status.checked_at) == ("AUTH", True, NOW, NOW)
    assert up() == 1
    assert await world.told() == []


async def test_it_looks_once_a_minute_whichever_replica_it_is(world: World) -> None:
    one, two = world.watch("one"), world.watch("two")
    assert await one.run_if_due()
    assert await two.run_if_due()  # its own first look
    assert not await one.run_if_due()
    world.now += MINUTE
    looked = await asyncio.gather(one.run_if_due(), two.run_if_due())
    assert sum(looked) == 1
    assert world.gateway.requests == ["health"] * 3


async def test_a_lost_session_is_told_once_with_what_to_do_and_its_return_too(world: World) -> None:
    watch = world.watch()
    await watch.run_if_due()
    world.gateway.state = "QR"
    for _ in range(3):
        world.now += MINUTE
        await watch.run_if_due()
    assert up() == 0
    [notice] = await world.notices.recent()
    assert notice.kind == "gateway_lost"
    assert "scan the QR code" in notice.text
    world.gateway.state = "AUTH"
    for _ in range(2):
        world.now += MINUTE
        await watch.run_if_due()
    assert await world.told() == ["gateway_lost", "gateway_back"]
    assert up() == 1
    world.gateway.state = "QR"
    world.now += MINUTE
    await watch.run_if_due()
    assert await world.told() == ["gateway_lost", "gateway_back", "gateway_lost"]


async def test_a_short_reconnect_is_recorded_but_not_told(world: World) -> None:
    watch = world.watch()
    await watch.run_if_due()
    for state in ("LAUNCH", "AUTH"):
        world.gateway.state = state
        world.now += MINUTE
        await watch.run_if_due()
    assert [change.state for change in (await world.record.get()).changes] == ["AUTH", "LAUNCH", "AUTH"]
    assert await world.told() == []


async def test_a_gateway_that_does_not_answer_is_told_after_some_minutes(world: World) -> None:
    watch = world.watch()
    await watch.run_if_due()
    world.gateway.error = Unavailable("the gateway cannot be reached")
    for _ in range(3):
        world.now += MINUTE
        await watch.run_if_due()
    assert await world.told() == []
    assert (await world.record.get()).state == "UNREACHABLE"
    world.now += MINUTE
    await watch.run_if_due()
    assert await world.told() == ["gateway_lost"]


async def test_a_refusal_tells_at_once_what_to_do(world: World) -> None:
    world.gateway.error = Unavailable("not linked: scan the QR code", retry_after=60)
    await world.watch().run_if_due()
    [notice] = await world.notices.recent()
    assert "not linked: scan the QR code" in notice.text


async def test_our_own_spent_budget_says_nothing_about_the_gateway(world: World) -> None:
    watch = world.watch()
    await watch.run_if_due()
    world.gateway.error = BudgetSpent("spent", retry_after=600)
    world.now += 5 * MINUTE
    assert not await watch.run_if_due()
    assert (await world.record.get()).state == "AUTH"
    assert up() == 1


async def test_a_crash_before_it_is_noted_as_told_tells_it_once_all_the_same(world: World) -> None:
    world.gateway.state = "QR"
    alarmed = world.record.alarmed

    async def crash(alarmed: bool) -> None:
        raise Unavailable("killed here")

    world.record.alarmed = crash  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        await world.watch("killed").run_if_due()
    world.record.alarmed = alarmed  # type: ignore[method-assign]
    world.now += MINUTE
    await world.watch("next").run_if_due()
    assert await world.told() == ["gateway_lost"]
    assert (await world.record.get()).alarmed
