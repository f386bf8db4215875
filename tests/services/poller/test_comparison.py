"""Comparing the gateway's lists with what is known here, over the written fakes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from services.poller.compare import LEASE, Comparison, RegularComparison
from services.poller.settings import PollerSettings
from shared.broker.ports import RecordingPublisher
from shared.contracts.ids import call_id
from shared.contracts.messages import MessageDeleted, RawMessage, Via
from shared.contracts.pipeline import DeadLetter
from shared.errors import RateLimited, Unavailable
from shared.storage.ledger import Entry, State
from shared.storage.memory.calls import MemoryCalls
from shared.storage.memory.dead_letters import MemoryDeadLetters
from shared.storage.memory.leases import MemoryLeases
from shared.storage.memory.ledger import MemoryLedger
from shared.storage.memory.reckonings import MemoryReckonings
from shared.storage.memory.sources import MemorySources
from shared.storage.memory.standings import MemoryStandings
from shared.storage.sources import Answer, Source, SourceStatus
from shared.whapi.fake import FakeGateway

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
GROUP = "120363000000000001@g.us"
OTHER = "120363000000000002@g.us"


@dataclass
class World:
    """A poller's surroundings in which the poll is through with every group."""

    gateway: FakeGateway = field(default_factory=FakeGateway)
    sources: MemorySources = field(default_factory=MemorySources)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    calls: MemoryCalls = field(default_factory=MemoryCalls)
    letters: MemoryDeadLetters = field(default_factory=MemoryDeadLetters)
    publisher: RecordingPublisher = field(default_factory=RecordingPublisher)
    reckonings: MemoryReckonings = field(default_factory=MemoryReckonings)
    leases: MemoryLeases = field(default_factory=MemoryLeases)
    now: datetime = NOW
    is_behind: bool = False
    handled_to: datetime | None = None
    per_hour: int = 1000

    def comparison(self, *, fetch: bool = True) -> Comparison:
        async def caught_up() -> datetime | None:
            return self.handled_to if self.is_behind or self.handled_to else self.now

        return Comparison(
            self.sources,
            self.gateway,
            MemoryStandings(self.ledger, self.calls, self.letters),
            self.publisher if fetch else None,
            caught_up=caught_up,
            span=PollerSettings().span,
            requests_per_hour=self.per_hour,
            clock=lambda: self.now,
        )

    def replica(self, owner: str = "one") -> RegularComparison:
        return RegularComparison(self.comparison(), self.reckonings, self.leases, owner=owner, clock=lambda: self.now)

    async def join(self, id: str = GROUP) -> None:
        self.gateway.add_group(id, "كاستنج")
        polled = {"last_poll_at": NOW, "due_at": NOW + timedelta(days=9), "watermark": NOW}
        await self.sources.add(Source(id, "كاستنج", SourceStatus.ACTIVE, NOW, **polled))  # type: ignore[arg-type]

    async def known(self, id: str) -> None:
        await self.ledger.record([Entry(id, "RAW:1", State.REJECTED, GROUP, NOW, NOW, "webhook")])

    async def source(self, id: str = GROUP) -> Source:
        found = await self.sources.get(id)
        assert found is not None
        return found

    @property
    def fetched(self) -> list[str]:
        return [event.message_id for event in self.publisher.events if isinstance(event, RawMessage)]


@pytest.fixture
async def world() -> World:
    made = World()
    await made.join()
    return made


async def test_a_message_behind_the_watermark_that_nobody_brought_is_fetched(world: World) -> None:
    for id in ("known", "missed"):
        world.gateway.post(GROUP, id, "text", NOW - 30 * HOUR)
    world.gateway.post(GROUP, "young", "text", NOW - MINUTE)
    await world.known("known")

    sweep = await world.replica().run_if_due()

    assert sweep is not None
    assert (sweep.groups, sweep.listed, sweep.found) == (1, 2, 1)
    assert [(one.id, one.group_id) for one in sweep.messages] == [("missed", GROUP)]
    (event,) = world.publisher.events
    assert isinstance(event, RawMessage)
    assert (event.event_id, event.via, event.group.name) == ("post:missed", Via.POLL, "كاستنج")
    source = await world.source()
    assert (source.answer, source.compared_found, source.compared_at) == (Answer.FOUND, 1, NOW)
    assert await world.reckonings.sweeps(NOW - HOUR) == [sweep]


async def test_the_same_again_fetches_nothing_twice(world: World) -> None:
    world.gateway.post(GROUP, "missed", "text", NOW - 30 * HOUR)
    replica = world.replica()
    await replica.run_if_due()
    world.now += 7 * HOUR
    sweep = await replica.run_if_due()  # the filter has not recorded it yet; the broker knows it
    assert sweep is not None
    assert (sweep.found, world.fetched) == (0, ["missed"])
    assert (await world.source()).answer is Answer.QUIET


async def test_it_is_due_only_after_its_interval(world: World) -> None:
    replica = world.replica()
    assert await replica.run_if_due() is not None
    world.now += 5 * HOUR
    assert await replica.run_if_due() is None
    world.now += HOUR
    assert await replica.run_if_due() is not None


async def test_dead_letters_and_noted_deletions_are_known(world: World) -> None:
    world.gateway.post(GROUP, "poison", "text", NOW - 3 * HOUR)
    world.gateway.delete(GROUP, "d1", "gone", NOW - 3 * HOUR)
    world.gateway.delete(GROUP, "d2", "missed", NOW - 3 * HOUR)
    await world.calls.note_deletion(call_id("gone"), "delete:gone", NOW)
    await world.letters.add(
        DeadLetter(
            event_id="dead:filter:RAW:1", stage="filter", reason="poison", subject="raw.messages", payload="{}",
            message_id="poison", failed_at=NOW,
        )
    )  # fmt: skip

    await world.replica().run_if_due()

    assert [type(event) for event in world.publisher.events] == [MessageDeleted]
    assert [event.event_id for event in world.publisher.events] == ["delete:missed"]


async def test_a_dry_comparison_tells_and_leaves_everything_as_it_is(world: World) -> None:
    world.gateway.post(GROUP, "missed", "text", NOW - 3 * HOUR)
    before = await world.source()
    sweep, wait = await world.comparison(fetch=False).of([before])
    assert (sweep.found, wait, world.publisher.events) == (1, None, [])
    assert await world.source() == before


async def test_while_the_filter_is_behind_nothing_counts_as_missing(world: World) -> None:
    world.gateway.post(GROUP, "in_the_stream", "text", NOW - 3 * HOUR)
    world.gateway.post(GROUP, "later", "text", NOW - 6 * MINUTE)
    world.is_behind = True
    replica = world.replica()
    sweep = await replica.run_if_due()
    assert sweep is not None
    assert (sweep.found, sweep.groups, sweep.errors) == (0, 0, {"Behind": 1})
    assert world.gateway.requests == []

    world.now += timedelta(seconds=10)  # it has passed the place where the stream ended a while ago
    world.handled_to = NOW - 2 * MINUTE
    assert await replica.run_if_due() is not None
    assert world.fetched == ["in_the_stream"]


async def test_a_group_that_we_left_is_noted_and_the_others_are_compared(world: World) -> None:
    await world.join(OTHER)
    world.gateway.remove_group(GROUP)
    world.gateway.post(OTHER, "missed", "text", NOW - 3 * HOUR)
    sweep = await world.replica().run_if_due()
    assert sweep is not None
    assert (sweep.groups, sweep.errors, world.fetched) == (1, {"Permanent": 1}, ["missed"])
    assert (await world.source()).answer is Answer.REFUSED
    assert (await world.source(OTHER)).answer is Answer.FOUND


async def test_what_the_gateway_asks_for_is_waited_out_and_the_rest_stays_due(world: World) -> None:
    world.gateway.error = RateLimited("slow down", retry_after=900)
    replica = world.replica()
    sweep = await replica.run_if_due()
    assert sweep is not None
    assert sweep.errors == {"RateLimited": 1}
    world.gateway.error = None
    world.now += timedelta(seconds=899)
    assert await replica.run_if_due() is None
    world.now += timedelta(seconds=1)
    assert await replica.run_if_due() is not None
    assert (await world.source()).answer is Answer.QUIET


async def test_it_takes_no_more_than_its_share_of_the_requests_and_goes_on_in_the_next_hour(world: World) -> None:
    await world.join(OTHER)
    world.per_hour = 10  # a tenth of them is one
    world.now = NOW + 10 * MINUTE
    replica = world.replica()
    sweep = await replica.run_if_due()
    assert sweep is not None
    assert (sweep.groups, sweep.errors, len(world.gateway.requests)) == (1, {"BudgetSpent": 1}, 1)
    world.now = NOW + 59 * MINUTE
    assert await replica.run_if_due() is None
    world.now = NOW + HOUR
    sweep = await replica.run_if_due()
    assert sweep is not None
    assert sweep.groups == 1


async def test_a_broker_that_is_away_leaves_the_group_due(world: World) -> None:
    world.gateway.post(GROUP, "missed", "text", NOW - 3 * HOUR)
    world.publisher.error = Unavailable("away")
    replica = world.replica()
    await replica.run_if_due()
    assert (await world.source()).compared_at is None
    world.publisher.error = None
    world.now += 6 * MINUTE
    await replica.run_if_due()
    assert world.fetched == ["missed"]


async def test_one_replica_at_a_time(world: World) -> None:
    assert await world.leases.acquire(LEASE, "another", now=NOW, ttl=HOUR)
    replica = world.replica()
    assert await replica.run_if_due() is None
    await world.leases.release(LEASE, "another")
    world.now += MINUTE
    assert await replica.run_if_due() is not None


async def test_a_silent_group_is_asked_about_out_of_its_turn_and_further_back(world: World) -> None:
    replica = world.replica()
    await replica.run_if_due()
    await world.sources.heard([(GROUP, NOW - 90 * HOUR)], via_webhook=False)
    world.gateway.post(GROUP, "missed", "text", NOW - 80 * HOUR)
    world.now += MINUTE
    assert await replica.run_if_due() is None

    await world.sources.ask(GROUP, world.now)
    world.now += MINUTE
    assert await replica.run_if_due() is not None
    source = await world.source()
    assert (world.fetched, source.answer, source.asked) == (["missed"], Answer.FOUND, False)
    assert source.last_message_at == NOW - 80 * HOUR


async def test_more_than_a_page_is_read_to_its_end(world: World) -> None:
    for number in range(1_200):
        world.gateway.post(GROUP, f"m{number:04}", "text", NOW - 40 * HOUR + timedelta(seconds=number))
    sweep = await world.replica().run_if_due()
    assert sweep is not None
    assert sweep.found == 1_200
    assert len(sweep.messages) == 200
    assert world.fetched == [f"m{number:04}" for number in range(1_200)]
