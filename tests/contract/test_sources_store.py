"""The sources' contract, on the fake and on the real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.storage.memory.sources import MemorySources
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.sources import MongoSources
from shared.storage.sources import Answer, Source, Sources, SourceStatus

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TTL = timedelta(seconds=60)
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["memory", "mongo"])
def sources(request: pytest.FixtureRequest) -> Sources:
    if request.param == "memory":
        return MemorySources()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoSources(mongo)


def source(id: str, *, status: SourceStatus = SourceStatus.ACTIVE, due_at: datetime | None = None) -> Source:
    return Source(id, f"name of {id}", status, added_at=NOW, participants=12, due_at=due_at)


async def test_a_group_is_added_once(sources: Sources) -> None:
    full = Source(
        "a", "كاستنج الرياض", SourceStatus.PROPOSED, NOW, "sync", 5, NOW, NOW, "o", NOW, NOW, 3, "away", NOW, NOW
    )
    assert await sources.add(full)
    assert not await sources.add(source("a"))
    assert await sources.get("a") == full
    assert await sources.get("b") is None


async def test_all_are_listed_by_name_and_by_status(sources: Sources) -> None:
    await sources.add(source("b"))
    await sources.add(source("a", status=SourceStatus.PROPOSED))
    assert [found.id for found in await sources.all()] == ["a", "b"]
    assert await sources.all(SourceStatus.PROPOSED) == [source("a", status=SourceStatus.PROPOSED)]


async def test_names_and_sizes_are_kept_true(sources: Sources) -> None:
    await sources.add(source("a"))
    assert await sources.rename("a", "new name", None)
    assert not await sources.rename("b", "new name", 3)
    stored = await sources.get("a")
    assert stored is not None
    assert (stored.name, stored.participants) == ("new name", None)


async def test_due_are_the_active_ones_whose_time_has_come_longest_due_first(sources: Sources) -> None:
    await sources.add(source("now", due_at=NOW))
    await sources.add(source("new"))
    await sources.add(source("earlier", due_at=NOW - MINUTE))
    await sources.add(source("later", due_at=NOW + MINUTE))
    await sources.add(source("proposed", status=SourceStatus.PROPOSED))
    await sources.add(source("off", status=SourceStatus.INACTIVE))
    assert [found.id for found in await sources.due(NOW)] == ["new", "earlier", "now"]
    assert [found.id for found in await sources.due(NOW, limit=1)] == ["new"]


async def test_activating_makes_a_group_due_at_once_and_deactivating_stops_it(sources: Sources) -> None:
    await sources.add(source("a", status=SourceStatus.PROPOSED, due_at=NOW + MINUTE))
    assert await sources.set_status("a", SourceStatus.ACTIVE)
    assert [found.id for found in await sources.due(NOW)] == ["a"]
    assert await sources.set_status("a", SourceStatus.INACTIVE)
    assert await sources.due(NOW) == []
    assert not await sources.set_status("b", SourceStatus.ACTIVE)


async def test_a_leased_group_is_nobody_elses_until_the_lease_runs_out(sources: Sources) -> None:
    await sources.add(source("a"))
    leased = await sources.lease("a", "one", now=NOW, ttl=TTL)
    assert leased is not None
    assert (leased.lease_owner, leased.lease_until) == ("one", NOW + TTL)
    assert await sources.due(NOW) == []
    assert await sources.lease("a", "two", now=NOW, ttl=TTL) is None
    assert [found.id for found in await sources.due(NOW + TTL)] == ["a"]
    assert await sources.lease("a", "two", now=NOW + TTL, ttl=TTL) is not None
    assert await sources.lease("a", "one", now=NOW + TTL, ttl=TTL) is None


async def test_a_holder_renews_its_lease(sources: Sources) -> None:
    await sources.add(source("a"))
    await sources.lease("a", "one", now=NOW, ttl=TTL)
    assert await sources.lease("a", "one", now=NOW + TTL / 2, ttl=TTL) is not None
    assert await sources.lease("a", "two", now=NOW + TTL, ttl=TTL) is None


async def test_what_is_not_active_or_not_due_is_not_leased(sources: Sources) -> None:
    await sources.add(source("off", status=SourceStatus.INACTIVE))
    await sources.add(source("later", due_at=NOW + MINUTE))
    for id in ("off", "later", "unknown"):
        assert await sources.lease(id, "one", now=NOW, ttl=TTL) is None


async def test_a_replica_with_an_old_list_does_not_poll_again(sources: Sources) -> None:
    await sources.add(source("a"))
    await sources.lease("a", "one", now=NOW, ttl=TTL)
    assert await sources.polled("a", "one", at=NOW, due_at=NOW + MINUTE, new=0)
    assert await sources.lease("a", "two", now=NOW, ttl=TTL) is None
    assert await sources.lease("a", "one", now=NOW, ttl=TTL) is None


async def test_a_group_that_is_deactivated_while_it_is_read_is_not_leased_further(sources: Sources) -> None:
    await sources.add(source("a"))
    await sources.lease("a", "one", now=NOW, ttl=TTL)
    await sources.set_status("a", SourceStatus.INACTIVE)
    assert await sources.lease("a", "one", now=NOW, ttl=TTL) is None


async def test_the_watermark_moves_forward_only_and_for_the_holder_only(sources: Sources) -> None:
    await sources.add(source("a"))
    await sources.lease("a", "one", now=NOW, ttl=TTL)
    assert await sources.advance("a", "one", NOW)
    assert await sources.advance("a", "one", NOW - MINUTE)
    assert not await sources.advance("a", "two", NOW + MINUTE)
    stored = await sources.get("a")
    assert stored is not None
    assert stored.watermark == NOW


async def test_the_end_of_a_poll_is_noted_and_frees_the_group(sources: Sources) -> None:
    await sources.add(source("a"))
    await sources.lease("a", "one", now=NOW, ttl=TTL)
    assert not await sources.polled("a", "two", at=NOW, due_at=NOW, new=1)
    assert await sources.polled("a", "one", at=NOW, due_at=NOW + MINUTE, new=None, error="away")
    stored = await sources.get("a")
    assert stored is not None
    assert (stored.last_poll_at, stored.last_poll_new, stored.last_error) == (NOW, None, "away")
    assert (stored.due_at, stored.lease_owner, stored.lease_until) == (NOW + MINUTE, None, None)
    await sources.lease("a", "two", now=NOW + MINUTE, ttl=TTL)
    assert await sources.polled("a", "two", at=NOW + MINUTE, due_at=NOW + 2 * MINUTE, new=4)
    stored = await sources.get("a")
    assert stored is not None
    assert (stored.last_poll_new, stored.last_error) == (4, None)


async def test_what_is_heard_is_noted_by_its_way_and_never_back(sources: Sources) -> None:
    await sources.add(source("a"))
    await sources.heard([("a", NOW), ("a", NOW - MINUTE), ("unknown", NOW)], via_webhook=True)
    await sources.heard([("a", NOW + MINUTE)], via_webhook=False)
    await sources.heard([("a", NOW - MINUTE)], via_webhook=True)
    await sources.heard([], via_webhook=True)
    stored = await sources.get("a")
    assert stored is not None
    assert (stored.last_webhook_at, stored.last_message_at) == (NOW, NOW + MINUTE)
    assert await sources.get("unknown") is None


async def test_of_twenty_contenders_for_a_group_one_wins(sources: Sources) -> None:
    await sources.add(source("a"))
    won = await asyncio.gather(*(sources.lease("a", f"o{n}", now=NOW, ttl=TTL) for n in range(20)))
    assert sum(found is not None for found in won) == 1


async def test_a_question_is_put_once_and_answered(sources: Sources) -> None:
    await sources.add(source("a"))
    assert not await sources.ask("unknown", NOW)
    assert await sources.ask("a", NOW)
    assert await sources.ask("a", NOW - MINUTE)  # an older question takes nothing back
    stored = await sources.get("a")
    assert stored is not None
    assert (stored.ask_at, stored.asked, stored.answer) == (NOW, True, None)
    assert not await sources.compared("unknown", Answer.QUIET, at=NOW, found=0)
    assert await sources.compared("a", Answer.FOUND, at=NOW + MINUTE, found=3)
    stored = await sources.get("a")
    assert stored is not None
    assert (stored.answer, stored.compared_at, stored.compared_found) == (Answer.FOUND, NOW + MINUTE, 3)
    assert not stored.asked


async def test_an_answer_comes_back_with_the_group(sources: Sources) -> None:
    full = Source("a", "name", SourceStatus.ACTIVE, NOW, ask_at=NOW, compared_at=NOW, compared_found=0)
    full.answer = Answer.REFUSED
    assert await sources.add(full)
    assert await sources.get("a") == full
