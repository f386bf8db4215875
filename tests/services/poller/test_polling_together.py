"""Several pollers, spent budgets and groups that fail: who reads what, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from shared.broker.ports import Published, RecordingPublisher
from shared.contracts.base import Event
from shared.errors import BudgetSpent, Unavailable
from shared.storage.sources import Source, SourceStatus
from shared.whapi.port import Page
from tests.services.poller.world import GROUP, MINUTE, NOW, OTHER, SECOND, Scripted, World


async def test_replicas_share_the_groups_and_never_read_one_twice(world: World) -> None:
    for n in range(2, 9):
        group = f"12036300000000000{n}@g.us"
        await world.join(group)
        world.post(3, group=group)
    pollers = [world.poller(f"replica {n}", concurrency=2) for n in range(3)]
    cycles = await asyncio.gather(*(poller.cycle() for poller in pollers))
    assert sum(cycle.groups for cycle in cycles) == 8
    assert len(world.gateway.requests) == len(set(world.gateway.requests)) == 8


async def test_a_killed_replicas_groups_go_to_another_when_the_lease_runs_out(world: World) -> None:
    ids = world.post(2)
    await world.sources.lease(GROUP, "killed", now=NOW, ttl=timedelta(seconds=120))
    poller = world.poller()
    world.now += timedelta(seconds=119)
    assert (await poller.cycle()).groups == 0
    world.now += SECOND
    assert (await poller.cycle()).groups == 1
    assert world.published == ids


async def test_the_lease_is_renewed_between_pages(scripted: tuple[World, Scripted]) -> None:
    world, gateway = scripted
    ids = world.post(1900)
    tried = 0

    def slow(offset: int) -> None:
        world.now += timedelta(seconds=90)

    class Intruded(RecordingPublisher):
        async def publish_all(self, events: Sequence[Event]) -> list[Published]:
            nonlocal tried
            tried += 1
            assert await world.sources.lease(GROUP, "intruder", now=world.now, ttl=MINUTE) is None
            return await super().publish_all(events)

    gateway.on_page = slow
    world.publisher = Intruded()
    cycle = await world.poller(lease=120).cycle()
    assert (cycle.errors, tried) == ({}, 4)
    assert world.published == ids


async def test_a_replica_that_lost_its_lease_stops_and_leaves_the_group_alone(scripted: tuple[World, Scripted]) -> None:
    world, gateway = scripted
    world.post(700)
    taken = Source(GROUP, "كاستنج", SourceStatus.ACTIVE, NOW, lease_owner="two", lease_until=NOW + MINUTE)

    def taken_over(offset: int) -> None:
        world.sources.sources[GROUP] = taken

    gateway.on_page = taken_over
    cycle = await world.poller().cycle()
    assert cycle.errors == {"LeaseLost": 1}
    assert (taken.watermark, taken.lease_owner, taken.last_poll_at) == (None, "two", None)
    assert len(world.published) == 500


async def test_a_group_is_given_back_at_once_when_the_poller_is_stopped(scripted: tuple[World, Scripted]) -> None:
    world, gateway = scripted
    world.post(700)
    reached = asyncio.Event()
    for_ever = asyncio.Event()
    plain = gateway.messages

    async def hang_at_the_second(chat_id: str, **options: Any) -> Page:
        if options["offset"]:
            reached.set()
            await for_ever.wait()
        return await plain(chat_id, **options)

    gateway.messages = hang_at_the_second  # type: ignore[method-assign]
    poll = asyncio.create_task(world.poller().cycle())
    await reached.wait()
    poll.cancel()
    with pytest.raises(asyncio.CancelledError):
        await poll
    source = await world.source()
    assert (source.lease_owner, source.due_at) == (None, NOW)
    assert [found.id for found in await world.sources.due(NOW)] == [GROUP]


async def test_a_spent_budget_pauses_all_groups_for_as_long_as_it_says(world: World) -> None:
    await world.join(OTHER)
    world.gateway.error = BudgetSpent("spent", retry_after=600)
    poller = world.poller(concurrency=1)
    cycle = await poller.cycle()
    assert (cycle.groups, cycle.errors) == (1, {"BudgetSpent": 1})
    world.gateway.error = None
    world.now += timedelta(seconds=599)
    assert (await poller.cycle()).groups == 0
    world.now += SECOND
    assert (await poller.cycle()).groups == 2


async def test_a_group_that_we_left_does_not_hold_up_the_others(world: World) -> None:
    await world.join(OTHER)
    ids = world.post(1, group=OTHER)
    world.gateway.remove_group(GROUP)
    cycle = await world.poller(concurrency=1).cycle()
    assert (cycle.groups, cycle.errors) == (2, {"Permanent": 1})
    assert world.published == ids
    assert (await world.source()).due_at == NOW + timedelta(seconds=15)


async def test_a_group_that_stays_refused_is_asked_about_once_an_hour_in_the_end(world: World) -> None:
    world.gateway.remove_group(GROUP)
    poller = world.poller()
    for _ in range(12):
        await poller.cycle()
        world.now = (await world.source()).due_at or world.now
    assert (await poller.cycle()).groups == 1
    assert (await world.source()).due_at == world.now + timedelta(hours=1)


async def test_the_next_poll_is_sooner_while_webhooks_do_not_flow(world: World) -> None:
    poller = world.poller()
    world.gateway.post(GROUP, "first", "x", NOW - timedelta(hours=3))
    await poller.cycle()
    assert (await world.source()).due_at == NOW + timedelta(minutes=15)
    world.now += timedelta(minutes=15)
    world.gateway.post(GROUP, "missed", "x", world.now - 5 * MINUTE)
    await poller.cycle()
    assert (await world.source()).due_at == world.now + timedelta(minutes=3)
    world.now += timedelta(minutes=3)
    await poller.cycle()  # nothing new: the last message is still one that no webhook brought
    assert (await world.source()).due_at == world.now + timedelta(minutes=3)
    await world.sources.heard([(GROUP, world.now + MINUTE)], via_webhook=True)
    world.now += timedelta(minutes=3)
    await poller.cycle()
    assert (await world.source()).due_at == world.now + timedelta(minutes=15)


async def test_what_is_not_due_or_not_active_is_not_read(world: World) -> None:
    await world.sources.add(Source(OTHER, "off", SourceStatus.PROPOSED, NOW))
    poller = world.poller()
    await poller.cycle()
    assert (await poller.cycle()).groups == 0
    assert world.gateway.requests == [f"messages {GROUP}"]


async def test_a_database_that_goes_away_in_a_poll_fails_no_other_group(world: World) -> None:
    await world.join(OTHER)
    ids = world.post(1, group=OTHER)
    polled = world.sources.polled

    async def away_for_one(id: str, owner: str, **outcome: Any) -> bool:
        if id == GROUP:
            raise Unavailable("the database is away")
        return await polled(id, owner, **outcome)

    world.sources.polled = away_for_one  # type: ignore[method-assign]
    cycle = await world.poller(concurrency=1).cycle()
    assert cycle.groups == 2
    assert world.published == ids
    assert (await world.source()).lease_until == NOW + timedelta(seconds=120)
