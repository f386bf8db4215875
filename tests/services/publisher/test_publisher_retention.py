"""By the clock: what is older than its time loses words and persons; what is public and what must be counted stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.publisher.cases import CaseKeeper
from services.publisher.logic import Reason
from services.publisher.retention import LEASE, Retention
from shared.contracts.calls import Contact, ContactKind
from shared.contracts.ids import call_id
from shared.contracts.messages import Sender
from shared.storage.calls import Call, Status
from shared.storage.memory.cases import MemoryCases
from shared.storage.memory.hooks import MemoryHooks
from shared.storage.memory.leases import MemoryLeases
from shared.storage.memory.retention import MemoryRetention
from shared.storage.memory.texts import MemoryTexts
from tests.services.publisher.house import House, extracted

DAYS = timedelta(days=90)
NUMBER = "+966500000011"
CONTACT = Contact(kind=ContactKind.PHONE, value=NUMBER)


@pytest.fixture
def leases() -> MemoryLeases:
    return MemoryLeases()


def retention(house: House, leases: MemoryLeases, cases: MemoryCases | None = None, owner: str = "me") -> Retention:
    stores = house.ledger, MemoryTexts(), cases or MemoryCases(), house.dead_letters, MemoryHooks()
    return Retention(house.calls, MemoryRetention(*stores), leases, house.clock, kept=DAYS, owner=owner)


async def queued(house: House, id: str) -> Call:
    await house.message(id, text=f"للتواصل {NUMBER}", sender=NUMBER[1:], seen_at=house.now)
    event = extracted(id, text=f"مطلوب ممثل {NUMBER}", contacts=(CONTACT,))
    sender = Sender(id=NUMBER[1:], kind="phone", name="فلان")
    message = event.message.model_copy(update={"sender": sender})
    await house.handlers.on_extracted(event.model_copy(update={"message": message}))
    return await house.call(call_id(id))


async def decided(house: House) -> dict[str, Call]:
    """One call in each state, by that state."""
    for id in ("pending", "approved", "rejected", "withdrawn"):
        call = await queued(house, id)
        if id in ("approved", "withdrawn"):
            call = await house.desk.approve(call.id, call.version, "sara")
        if id == "withdrawn":
            await house.desk.withdraw(call.id, call.version, f"{NUMBER} says so", "sara")
        if id == "rejected":
            await house.desk.reject(call.id, call.version, Reason.OUTSIDE, None, "sara")
        await house.calls.mark_sent(call.id, 9)
    return {id: await house.call(call_id(id)) for id in ("pending", "approved", "rejected", "withdrawn")}


async def test_nothing_happens_before_its_time(house: House, leases: MemoryLeases) -> None:
    before = await decided(house)
    house.now += DAYS - timedelta(hours=2)
    assert await retention(house, leases).once() == 0
    assert {id: await house.call(call.id) for id, call in before.items()} == before


async def test_each_call_loses_words_and_persons_and_keeps_what_was_decided(house: House, leases: MemoryLeases) -> None:
    before = await decided(house)
    house.now += DAYS + timedelta(hours=2)
    assert await retention(house, leases).once() == 8  # four entries, four calls
    for id, was in before.items():
        call = await house.call(was.id)
        assert (call.message.text, call.message.sender, call.evidence, call.faded) == ("", None, {}, True)
        assert (call.fields.title, call.revision) == (was.fields.title, was.revision)
        assert call.fields.contacts == ((CONTACT,) if id == "approved" else ()), "who is public can be reached"
        assert not call.unsent, "consumers hear nothing"
        if id != "pending":
            assert (call.status, call.updated_at, call.decided_by) == (was.status, was.updated_at, was.decided_by)
            assert NUMBER not in call.model_copy(update={"fields": call.original}).model_dump_json()
        entry = await house.ledger.get(was.message.message_id)
        assert entry is not None
        assert (entry.text, entry.sender, entry.erased, entry.state) == ("", None, "age", "call")
    waited = await house.call(before["pending"].id)
    assert (waited.status, waited.reason) == (Status.EXPIRED, "retention")
    assert await retention(house, leases).once() == 0, "a second round finds nothing"


async def test_a_call_that_leaves_the_public_later_loses_its_contacts_in_its_time(
    house: House, leases: MemoryLeases
) -> None:
    call = (await decided(house))["approved"]
    chore = retention(house, leases)
    house.now += DAYS + timedelta(hours=2)
    await chore.once()
    faded = await house.call(call.id)
    await house.desk.withdraw(call.id, faded.version, None, "sara")
    house.now += DAYS + timedelta(hours=2)
    await chore.once()
    assert (await house.call(call.id)).fields.contacts == ()


async def test_a_call_without_words_makes_no_case_and_takes_none_away(house: House, leases: MemoryLeases) -> None:
    call = (await decided(house))["rejected"]
    cases = MemoryCases()
    keeper = CaseKeeper(house.calls, cases, kept=timedelta(days=365))
    await keeper.once()
    house.now += DAYS + timedelta(hours=2)
    await retention(house, leases, cases).once()
    await keeper.once()
    case = await cases.get(call.id)
    assert case is not None
    assert case.text == f"مطلوب ممثل {'█' * len(NUMBER)}"
    assert (case.label, case.original.contacts) == ("casting_call", ())


async def test_more_calls_of_one_moment_than_are_read_at_once_all_lose_their_words(
    house: House, leases: MemoryLeases
) -> None:
    moment = house.now
    for number in range(330):
        call = await queued(house, f"m{number}")
        at = moment if number < 230 else moment + timedelta(milliseconds=number // 2)
        over = call.model_copy(update={"status": Status.REJECTED, "updated_at": at, "version": call.version + 1})
        assert await house.calls.save(over, over=call.version)
    house.now += DAYS + timedelta(hours=2)
    chore = retention(house, leases)
    await chore.once()
    whole = [row.id for row in await house.calls.standing(Status.REJECTED) if not (await house.call(row.id)).faded]
    assert whole == []
    assert await chore.once() == 0


async def test_another_replica_s_lease_is_respected(house: House, leases: MemoryLeases) -> None:
    await decided(house)
    house.now += DAYS + timedelta(hours=2)
    await leases.acquire(LEASE, "another", now=house.now, ttl=timedelta(minutes=5))
    assert await retention(house, leases).once() == 0


async def test_a_crash_in_the_middle_is_made_good_by_the_next_round(house: House, leases: MemoryLeases) -> None:
    before = await decided(house)
    house.now += DAYS + timedelta(hours=2)
    chore = retention(house, leases)
    save = house.calls.save
    saved: list[str] = []

    async def dies(call: Call, **more: Any) -> bool:
        if len(saved) == 2:
            raise RuntimeError("killed")
        saved.append(call.id)
        return await save(call, **more)

    house.calls.save = dies  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        await chore.once()
    house.calls.save = save  # type: ignore[method-assign]
    await chore.once()
    for was in before.values():
        assert (await house.call(was.id)).message.text == ""
