"""Polling over the written fakes: what is published, in which order, and what a fault in between costs (nothing)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.broker.ports import Published, RecordingPublisher
from shared.contracts.base import Event
from shared.contracts.messages import RawMessage
from shared.contracts.pipeline import DeadLetter
from shared.errors import Permanent, Unavailable
from shared.storage.ledger import Entry, State
from shared.whapi.fake import FakeGateway
from shared.whapi.port import Page
from shared.whapi.wire import read_delivery
from tests.services.poller.world import GROUP, MINUTE, NOW, SECOND, Scripted, World


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
