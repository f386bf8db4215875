"""From a decision at the desk to a labelled case, with everything that can come in between."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from services.publisher import logic
from services.publisher.app import create
from services.publisher.cases import CaseKeeper
from services.publisher.logic import Reason
from shared.contracts.calls import CastingCall
from shared.contracts.ids import call_id
from shared.errors import Unavailable
from shared.storage.cases import Case
from shared.storage.memory.cases import MemoryCases
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.cases import MongoCases
from shared.storage.mongo.connect import Mongo
from tests.services.publisher.house import START, House, extracted

ID = call_id("m1")
YEAR = timedelta(days=365)


class AwayOnce(MemoryCases):
    """A database that fails at the first write."""

    def __init__(self) -> None:
        super().__init__()
        self.failed = False

    async def keep(self, case: Case, *, until: datetime) -> bool:
        if not self.failed:
            self.failed = True
            raise Unavailable("database is away")
        return await super().keep(case, until=until)


@pytest.fixture
async def house() -> House:
    built = House()
    await built.handlers.on_extracted(extracted("m1"))
    return built


def keeper(house: House, cases: MemoryCases) -> CaseKeeper:
    return CaseKeeper(house.calls, cases, kept=YEAR)


async def test_approve_edit_and_reject_become_cases(house: House) -> None:
    cases = MemoryCases()
    for name in ("m2", "m3"):
        await house.handlers.on_extracted(extracted(name))
    await house.desk.approve(ID, 1, "sara")
    await house.desk.edit(call_id("m2"), 1, CastingCall(title="other title"), "sara")
    await house.desk.reject(call_id("m3"), 1, Reason.NOT_A_CALL, None, "omar")
    assert await keeper(house, cases).once() == 3
    found = {case.message_id: case for case in await cases.every()}
    assert {name: case.label for name, case in found.items()} == {
        "m1": "casting_call",
        "m2": "casting_call",
        "m3": "other",
    }
    assert cases.until[ID] == found["m1"].at + YEAR


async def test_an_undone_decision_takes_its_case_out(house: House) -> None:
    cases = MemoryCases()
    await house.desk.reject(ID, 1, Reason.NOT_A_CALL, None, "sara")
    await keeper(house, cases).once()
    assert len(await cases.every()) == 1
    await house.desk.reopen(ID, 2, "sara")
    await keeper(house, cases).once()
    assert await cases.every() == []
    await house.desk.approve(ID, 3, "sara")
    await keeper(house, cases).once()
    assert [case.label for case in await cases.every()] == ["casting_call"]


async def test_nothing_is_done_twice(house: House) -> None:
    cases = MemoryCases()
    await house.desk.approve(ID, 1, "sara")
    assert await keeper(house, cases).once() == 1
    assert await keeper(house, cases).once() == 0


async def test_a_decision_waits_while_the_database_is_away(house: House) -> None:
    cases = AwayOnce()
    await house.desk.approve(ID, 1, "sara")
    with pytest.raises(Unavailable):
        await keeper(house, cases).once()
    assert await keeper(house, cases).once() == 1
    assert len(await cases.every()) == 1


async def test_a_crash_between_the_case_and_the_mark_makes_the_same_case_again(house: House) -> None:
    cases = MemoryCases()
    await house.desk.approve(ID, 1, "sara")
    [waiting] = await house.calls.unlearned()
    await keeper(house, cases)._learn(waiting)  # and then the process died
    before = await cases.every()
    assert await keeper(house, cases).once() == 1
    assert await cases.every() == before


async def test_a_replica_that_read_before_the_undoing_cannot_bring_the_case_back(house: House) -> None:
    cases = MemoryCases()
    await house.desk.approve(ID, 1, "sara")
    [read_early] = await house.calls.unlearned()
    await house.desk.reopen(ID, 2, "sara")
    await keeper(house, cases).once()
    await keeper(house, cases)._learn(read_early)
    assert await cases.every() == []


@pytest.mark.usefixtures("js", "servers_in_environment")
async def test_the_publisher_makes_cases_while_it_is_served(mongo: Mongo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISHER_SESSION_SECRET", "s" * 40)
    monkeypatch.setenv("PUBLISHER_CASE_INTERVAL_S", "0.05")
    call = logic.received(extracted("m1"), START)
    await MongoCalls(mongo).insert(call)
    await MongoCalls(mongo).save(logic.approve(call, "sara", START), over=1)
    app = create()
    async with app.router.lifespan_context(app), asyncio.timeout(30):
        while (case := await MongoCases(mongo).get(ID)) is None:
            await asyncio.sleep(0.02)
    assert (case.label, case.gold, case.reviewer) == ("casting_call", call.fields, "sara")
