"""Polling over the written fakes: what is published, in which order, and what a fault in between costs (nothing)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest

from services.poller.handlers import Poller
from services.poller.settings import PollerSettings
from shared.broker.ports import Published, RecordingPublisher
from shared.contracts.base import Event
from shared.contracts.messages import RawMessage
from shared.contracts.pipeline import DeadLetter
from shared.errors import BudgetSpent, Permanent, Unavailable
from shared.storage.ledger import Entry, State
from shared.storage.memory.ledger import MemoryLedger
from shared.storage.memory.sources import MemorySources
from shared.storage.sources import Source, SourceStatus
from shared.whapi.fake import FakeGateway
from shared.whapi.port import MOST_PER_PAGE, Page
from shared.whapi.wire import read_delivery

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
GROUP = "120363000000000001@g.us"
OTHER = "120363000000000002@g.us"
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@dataclass
class World:
    """One poller's surroundings; `poller()` makes another replica in them."""

    gateway: FakeGateway = field(default_factory=FakeGateway)
    sources: MemorySources = field(default_factory=MemorySources)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    publisher: RecordingPublisher = field(default_factory=RecordingPublisher)
    now: datetime = NOW

    def poller(self, owner: str = "one", **settings: Any) -> Poller:
        return Poller(
            self.sources,
            self.ledger,
            self.gateway,
            self.publisher,
            PollerSettings(**settings),
            owner=owner,
            clock=lambda: self.now,
            requests_per_hour=1000,
            requests_spent=lambda: len(self.gateway.requests),
        )

    async def join(self, id: str = GROUP, *, watermark: datetime | None = None) -> None:
        self.gateway.add_group(id, "كاستنج")
        await self.sources.add(Source(id, "كاستنج", SourceStatus.ACTIVE, NOW, watermark=watermark))

    def post(self, count: int, *, group: str = GROUP, first: datetime = NOW - timedelta(hours=2)) -> list[str]:
        """So many messages, a second apart; their ids in order."""
        ids = [f"{group[:18]}-{n:05}" for n in range(count)]
        for n, id in enumerate(ids):
            self.gateway.post(group, id, f"text {n}", first + n * SECOND)
        return ids

    @property
    def published(self) -> list[str]:
        return [event.message_id for event in self.publisher.events if isinstance(event, RawMessage)]

    async def source(self, id: str = GROUP) -> Source:
        found = await self.sources.get(id)
        assert found is not None
        return found


@pytest.fixture
async def world() -> World:
    world = World()
    await world.join()
    return world


class Scripted(FakeGateway):
    """A gateway whose pages a test can change or interrupt: `on_page` sees the offset, `arrange` the whole list."""

    def __init__(self) -> None:
        super().__init__()
        self.on_page: Callable[[int], None] = lambda offset: None
        self.arrange: Callable[[list[Any]], list[Any]] = list

    async def messages(
        self,
        chat_id: str,
        *,
        time_from: datetime | None = None,
        time_to: datetime | None = None,
        count: int = MOST_PER_PAGE,
        offset: int = 0,
        sort: Literal["asc", "desc"] = "asc",
    ) -> Page:
        self.on_page(offset)
        whole: list[Any] = []
        while True:
            part = await super().messages(chat_id, time_from=time_from, time_to=time_to, offset=len(whole))
            whole += part.events
            if part.last:
                break
        page = self.arrange(whole)[offset : offset + count]
        return Page(page, len(page), count)


@pytest.fixture
async def scripted() -> tuple[World, Scripted]:
    gateway = Scripted()
    world = World(gateway=gateway)
    await world.join()
    return world, gateway


async def test_a_new_group_is_read_whole_in_the_order_it_was_written(world: World) -> None:
    world.gateway.post(GROUP, "too-old", "x", NOW - timedelta(days=7, seconds=1))
    ids = world.post(3)
    cycle = await world.poller().cycle()
    assert world.published == ids
    assert (cycle.groups, cycle.fetched, cycle.new, cycle.known, cycle.requests) == (1, 3, 3, 0, 1)
    assert (await world.source()).watermark == NOW - timedelta(hours=2) + 2 * SECOND


async def test_the_event_is_the_webhooks_own_but_for_the_way_and_the_groups_name(world: World) -> None:
    posted = world.gateway.post(GROUP, "m-1", "مطلوب ممثلين", NOW - MINUTE, from_name="Sara")
    await world.poller().cycle()
    [by_webhook] = read_delivery({"messages": [posted], "channel_id": "FAKE-00001"})
    [by_poll] = world.publisher.events
    assert by_poll.event_id == by_webhook.event_id
    assert isinstance(by_poll, RawMessage)
    assert by_poll.model_copy(update={"via": "webhook", "group": by_webhook.group}) == by_webhook
    assert (by_poll.via, by_poll.group.name) == ("poll", "كاستنج")


@pytest.mark.parametrize("count", [500, 1203])
async def test_it_pages_until_the_end_however_many_there_are(world: World, count: int) -> None:
    ids = world.post(count)
    cycle = await world.poller().cycle()
    assert world.published == ids
    assert cycle.new == count
    assert (await world.source()).watermark == NOW - timedelta(hours=2) + (count - 1) * SECOND


async def test_what_is_stored_already_is_not_published_again(world: World) -> None:
    ids = world.post(3)
    entry = Entry(ids[1], "RAW:1", State.REJECTED, GROUP, sent_at=NOW, seen_at=NOW, via="webhook")
    await world.ledger.record([entry])
    cycle = await world.poller().cycle()
    assert world.published == [ids[0], ids[2]]
    assert (cycle.new, cycle.known) == (2, 1)


async def test_own_messages_and_what_is_no_message_are_left_out_and_counted(world: World) -> None:
    world.gateway.post(GROUP, "mine", "x", NOW - MINUTE, from_me=True)
    world.gateway.post(GROUP, "icon", "x", NOW - MINUTE, type="system")
    world.gateway.post(GROUP, "broken id", "x", NOW - MINUTE)
    world.gateway.post(GROUP, "elsewhere", "x", NOW - MINUTE, type="sunspots")  # unknown: passes
    cycle = await world.poller().cycle()
    assert world.published == ["elsewhere"]
    assert cycle.skipped == {"own_echo": 1, "no_message": 1, "malformed:bad_id": 1}
    [letter] = [event for event in world.publisher.events if isinstance(event, DeadLetter)]
    assert (letter.stage, letter.reason) == ("poller", "bad_id")
    assert "broken id" in letter.payload


async def test_edits_and_deletions_travel_too(world: World) -> None:
    world.gateway.post(GROUP, "m-1", "x", NOW - 3 * MINUTE)
    world.gateway.edit(GROUP, "a-1", "m-1", "new words", NOW - 2 * MINUTE)
    world.gateway.delete(GROUP, "a-2", "m-1", NOW - MINUTE)
    await world.poller().cycle()
    kinds = [event.event_id.partition(":")[0] for event in world.publisher.events]
    assert kinds == ["post", "edit", "delete"]


class Forgetful(RecordingPublisher):
    """A broker whose window for duplicates is over."""

    async def publish(self, event: Event) -> Published:
        self.events.append(event)
        return Published(len(self.events), duplicate=False)


async def test_a_deletion_is_remembered_by_the_one_that_published_it(world: World) -> None:
    """The ledger keeps no deletions, and each poll reads the last minutes before the watermark again."""
    world.publisher = Forgetful()
    world.gateway.delete(GROUP, "a-2", "m-1", NOW - MINUTE)
    poller = world.poller()
    assert (await poller.cycle()).new == 1
    world.now += timedelta(hours=1)
    cycle = await poller.cycle()
    assert (cycle.new, cycle.known, len(world.publisher.events)) == (0, 1, 1)


async def test_an_empty_page_moves_nothing(world: World) -> None:
    """An empty answer may be a fault: what was missed in that time must still be read afterwards."""
    poller = world.poller()
    await poller.cycle()
    assert (await world.source()).watermark is None
    ids = world.post(2, first=NOW - MINUTE)
    world.now += timedelta(hours=1)
    await poller.cycle()
    assert world.published == ids


async def test_a_message_that_comes_late_into_the_list_is_found(world: World) -> None:
    world.gateway.post(GROUP, "m-2", "x", NOW - MINUTE)
    poller = world.poller()
    await poller.cycle()
    world.gateway.post(GROUP, "m-1", "written before, arrived later", NOW - 5 * MINUTE)
    world.now += timedelta(minutes=15)
    await poller.cycle()
    assert world.published == ["m-2", "m-1"]


async def test_the_watermark_stays_until_the_broker_has_everything(world: World) -> None:
    ids = world.post(3)
    world.publisher.error = Unavailable("the broker is away")
    poller = world.poller()
    cycle = await poller.cycle()
    source = await world.source()
    assert (source.watermark, source.lease_owner, cycle.errors) == (None, None, {"Unavailable": 1})
    assert source.last_error == "Unavailable: the broker is away"
    assert source.due_at == NOW + timedelta(seconds=15)
    world.publisher.error = None
    world.now += MINUTE
    await poller.cycle()
    assert world.published == ids
    assert (await world.source()).last_error is None


async def test_a_crash_between_publishing_and_moving_the_watermark_repeats_harmlessly(world: World) -> None:
    ids = world.post(700)
    advance, crashed = world.sources.advance, Unavailable("killed here")

    async def crash(id: str, owner: str, watermark: datetime) -> bool:
        raise crashed

    world.sources.advance = crash  # type: ignore[method-assign]
    await world.poller("killed").cycle()
    assert world.published == ids[:500]
    assert (await world.source()).watermark is None
    world.sources.advance = advance  # type: ignore[method-assign]
    world.now += timedelta(minutes=5)
    cycle = await world.poller("next").cycle()
    assert world.published == ids
    assert (cycle.new, cycle.known) == (200, 500)
    assert (await world.source()).watermark is not None


async def test_a_long_back_fill_goes_on_where_it_was_cut_off(scripted: tuple[World, Scripted]) -> None:
    world, gateway = scripted
    ids = world.post(1203)

    def cut(offset: int) -> None:
        if offset > 900:
            raise Unavailable("the gateway went away")

    gateway.on_page = cut
    await world.poller().cycle()
    # The second page is published; its watermark waits for a third page that follows it.
    assert len(world.published) == 990
    assert (await world.source()).watermark == NOW - timedelta(hours=2) + 499 * SECOND
    gateway.on_page = lambda offset: None
    world.now += MINUTE
    await world.poller().cycle()
    assert world.published == ids


def newest_first(events: list[Any]) -> list[Any]:
    return events[::-1]


def pages_newest_first(events: list[Any]) -> list[Any]:
    """Each page sorted as asked, but the newest page first."""
    pages = [events[max(end - 500, 0) : end] for end in range(len(events), 0, -500)]
    return [event for page in pages for event in page]


def shuffled(events: list[Any]) -> list[Any]:
    return events[::3] + events[1::3] + events[2::3]


@pytest.mark.parametrize("arrange", [newest_first, pages_newest_first, shuffled])
@pytest.mark.parametrize("count", [7, 1203])
async def test_a_gateway_that_sorts_otherwise_loses_and_doubles_nothing(
    scripted: tuple[World, Scripted], arrange: Callable[[list[Any]], list[Any]], count: int
) -> None:
    world, gateway = scripted
    ids = world.post(count)
    gateway.arrange = arrange
    cycle = await world.poller().cycle()
    assert sorted(world.published) == ids
    if arrange is not pages_newest_first:  # there the first page is out before the second shows that it was too early
        assert world.published == ids
    assert cycle.errors == {}
    assert (await world.source()).watermark == NOW - timedelta(hours=2) + (count - 1) * SECOND


async def test_pages_in_the_wrong_order_move_no_watermark_before_all_is_published(
    scripted: tuple[World, Scripted],
) -> None:
    world, gateway = scripted
    ids = world.post(1203)
    gateway.arrange = pages_newest_first
    asked: list[int] = []

    def away_at_the_third_page(offset: int) -> None:
        asked.append(offset)
        if len(asked) >= 3:
            raise Unavailable("away")

    gateway.on_page = away_at_the_third_page
    await world.poller().cycle()
    assert len(world.published) == 500
    assert (await world.source()).watermark is None
    gateway.on_page = lambda offset: None
    world.now += MINUTE
    await world.poller().cycle()
    assert sorted(world.published) == ids


async def test_what_is_sorted_afterwards_is_published_before_any_watermark_moves(
    scripted: tuple[World, Scripted],
) -> None:
    world, gateway = scripted
    ids = world.post(1203)
    gateway.arrange = pages_newest_first

    class AwayAfterOne(RecordingPublisher):
        async def publish_all(self, events: Sequence[Event]) -> list[Published]:
            if self.events:
                raise Unavailable("the broker is away")
            return await super().publish_all(events)

    world.publisher = AwayAfterOne()
    await world.poller().cycle()
    assert world.published == ids[-500:]
    assert (await world.source()).watermark is None


async def test_messages_that_vanish_while_we_page_hide_no_others(scripted: tuple[World, Scripted]) -> None:
    world, gateway = scripted
    ids = world.post(700)

    def forget(offset: int) -> None:
        if offset:
            for id in ids[:5]:
                gateway.drop(id)

    gateway.on_page = forget
    await world.poller().cycle()
    assert world.published == ids


async def test_a_gateway_that_repeats_its_page_for_ever_ends_the_poll(scripted: tuple[World, Scripted]) -> None:
    world, gateway = scripted
    ids = world.post(600)
    plain = FakeGateway.messages

    async def first_page_always(self: FakeGateway, chat_id: str, **options: Any) -> Page:
        return await plain(gateway, chat_id, **{**options, "offset": 0})

    gateway.messages = first_page_always.__get__(gateway)  # type: ignore[method-assign]
    await world.poller().cycle()
    assert world.published == ids[:500]


class OneTooLarge(RecordingPublisher):
    """A broker that can never take one of the events."""

    def __init__(self, event_id: str) -> None:
        super().__init__()
        self._too_large = event_id

    async def publish(self, event: Event) -> Published:
        if event.event_id == self._too_large:
            raise Permanent("too large", reason="too_large")
        return await super().publish(event)


async def test_an_event_that_can_never_be_stored_does_not_hold_up_the_others(world: World) -> None:
    ids = world.post(3)
    world.publisher = OneTooLarge(f"post:{ids[0]}")
    cycle = await world.poller().cycle()
    assert world.published == ids[1:]
    assert (cycle.new, cycle.skipped, cycle.errors) == (2, {"refused": 1}, {})


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
    assert (await world.source()).due_at == NOW + timedelta(hours=1)


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
