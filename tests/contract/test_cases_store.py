"""The labelled cases' contract, on the fake and on the real database; and the mark by which calls wait for it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.publisher import logic
from shared.contracts.calls import CastingCall, Compensation, PayKind, Role
from shared.contracts.messages import Group
from shared.contracts.pipeline import Engine, Verdict
from shared.storage.calls import Calls
from shared.storage.cases import Case, Cases
from shared.storage.memory.calls import MemoryCalls
from shared.storage.memory.cases import MemoryCases
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.cases import MongoCases
from shared.storage.mongo.connect import Mongo
from tests.services.publisher.house import extracted

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)


@pytest.fixture(params=["memory", "mongo"])
def cases(request: pytest.FixtureRequest) -> Cases:
    if request.param == "memory":
        return MemoryCases()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoCases(mongo)


@pytest.fixture(params=["memory", "mongo"])
def calls(request: pytest.FixtureRequest) -> Calls:
    if request.param == "memory":
        return MemoryCalls()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoCalls(mongo)


def case(id: str = "c1", version: int = 2, **values: Any) -> Case:
    fields = CastingCall(
        title="أم لإعلان",
        roles=(Role(name="أم", age_min=40),),
        compensation=Compensation(kind=PayKind.PAID, amount=Decimal("1500.5"), currency="SAR"),
    )
    defaults: dict[str, Any] = {
        "message_id": "m1",
        "group": Group(id="120363000000000001@g.us", name="كاستنج الرياض"),
        "text": "مطلوب أم لإعلان، ١٥٠٠٫٥ ريال",
        "sent_at": NOW,
        "label": "casting_call",
        "gold": fields,
        "reviewer": "sara",
        "at": NOW,
        "verdict": Verdict(passed=True, rule="scored_call", score=2.5, reasons=("+seeks_people",)),
        "engine": Engine(name="offline"),
        "original": fields,
    }
    return Case(id=id, version=version, **(defaults | values))


async def test_a_case_comes_back_as_it_was(cases: Cases) -> None:
    assert await cases.keep(case(), until=LATER)
    assert await cases.get("c1") == case()
    assert await cases.every() == [case()]
    assert await cases.get("c2") is None


async def test_the_same_version_again_changes_nothing_and_a_later_one_replaces_it(cases: Cases) -> None:
    await cases.keep(case(), until=LATER)
    assert not await cases.keep(case(reviewer="omar"), until=LATER)
    assert await cases.keep(case(version=5, label="other", gold=None, reason="not_a_call"), until=LATER)
    [stored] = await cases.every()
    assert (stored.label, stored.gold, stored.reason, stored.version) == ("other", None, "not_a_call", 5)


async def test_an_undone_decision_leaves_no_words_and_a_slow_writer_cannot_bring_them_back(cases: Cases) -> None:
    await cases.keep(case(version=2), until=LATER)
    assert await cases.void("c1", 3, until=LATER)
    assert await cases.every() == []
    assert not await cases.keep(case(version=2), until=LATER)
    assert await cases.get("c1") is None
    assert await cases.keep(case(version=4), until=LATER)
    assert not await cases.void("c1", 3, until=LATER)
    assert await cases.get("c1") == case(version=4)


async def test_a_void_before_its_case_keeps_the_case_out(cases: Cases) -> None:
    assert await cases.void("c1", 3, until=LATER)
    assert not await cases.keep(case(version=2), until=LATER)
    assert await cases.every() == []


async def test_of_many_writers_the_latest_version_stands(cases: Cases) -> None:
    await asyncio.gather(*(cases.keep(case(version=number), until=LATER) for number in (4, 2, 9, 3, 7)))
    [stored] = await cases.every()
    assert stored.version == 9


async def test_all_cases_come_in_the_order_of_the_decisions(cases: Cases) -> None:
    for number in (2, 0, 1):
        await cases.keep(case(f"c{number}", at=NOW + timedelta(minutes=number)), until=LATER)
    assert [found.id for found in await cases.every()] == ["c0", "c1", "c2"]


async def test_the_database_forgets_cases_and_voids_by_their_day(mongo: Mongo) -> None:
    store, collection = MongoCases(mongo), mongo.collection("cases")
    await store.keep(case(), until=LATER)
    await store.void("c2", 2, until=LATER)
    assert await collection.distinct("expires_at") == [LATER]
    indexes = await collection.index_information()
    assert indexes["forgotten"]["expireAfterSeconds"] == 0


async def test_a_call_waits_from_a_persons_decision_until_that_version_is_marked(calls: Calls) -> None:
    pending = logic.received(extracted(), NOW)
    await calls.insert(pending)
    assert await calls.unlearned() == []
    approved = logic.approve(pending, "sara", NOW)
    await calls.save(approved, over=1)
    assert [call.version for call in await calls.unlearned()] == [2]
    reopened = logic.reopen(approved, "sara", NOW)
    await calls.save(reopened, over=2)
    await calls.mark_learned(approved.id, 2)  # by somebody who has read the earlier version
    assert [call.version for call in await calls.unlearned()] == [3]
    await calls.mark_sent(approved.id, 2)
    await calls.mark_learned(approved.id, 3)
    assert await calls.unlearned() == []
    assert await calls.get(approved.id) == reopened.model_copy(update={"sent_revision": 2})


async def test_unlearned_calls_come_in_portions(calls: Calls) -> None:
    for number in range(3):
        call = logic.received(extracted(f"m{number}"), NOW)
        await calls.insert(call)
        await calls.save(logic.reject(call, logic.Reason.NOT_A_CALL, None, "sara", NOW), over=1)
    assert len(await calls.unlearned(limit=2)) == 2
