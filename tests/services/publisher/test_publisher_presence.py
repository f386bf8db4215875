"""Who looks at which call, and what an open desk is told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest

from services.publisher.filters import Filter
from services.publisher.presence import Live, Presence, Told
from services.publisher.web.live import _stream
from services.publisher.web.parts import Parts
from shared.contracts.ids import call_id
from shared.contracts.messages import RawMessage
from shared.errors import Unavailable
from shared.storage.calls import Status, summary_of
from shared.storage.ledger import State
from tests.services.publisher.house import House, extracted, queued

ID = call_id("m1")


async def test_a_claim_is_seen_by_others_until_it_runs_out(house: House) -> None:
    held = await house.presence.take(ID, "sara")
    assert held.by == "sara"
    assert (await house.presence.take(ID, "omar")).by == "sara"
    assert house.presence.others("omar") == {ID: "sara"}
    assert house.presence.others("sara") == {}
    house.now += timedelta(minutes=3)
    assert house.presence.others("omar") == {}
    assert (await house.presence.take(ID, "omar")).by == "omar"


async def test_claims_of_another_replica_are_seen_after_a_refresh(house: House) -> None:
    here = Presence(house.claims, Live(), house.clock)
    await house.presence.take(ID, "sara")
    await here.refresh()
    assert here.others("omar") == {ID: "sara"}
    await house.presence.release(ID, "sara")
    await here.refresh()
    assert here.others("omar") == {}


async def test_a_desk_that_does_not_keep_up_is_cut_off_and_the_others_go_on() -> None:
    live = Live()
    slow, quick = live.listen(), live.listen()
    waiting = [asyncio.ensure_future(anext(stream)) for stream in (slow, quick)]
    await asyncio.sleep(0)
    live.tell(Told())
    assert await asyncio.gather(*waiting) == [Told(), Told()]
    for _ in range(600):
        live.tell(Told())
        assert await anext(quick) == Told()
    with pytest.raises(StopAsyncIteration):
        await anext(slow)


async def test_closing_ends_every_stream() -> None:
    live = Live()
    stream = live.listen()
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    live.close()
    with pytest.raises(StopAsyncIteration):
        await waiting
    with pytest.raises(StopAsyncIteration):
        await anext(live.listen())


async def test_an_open_desk_is_told_of_changes_and_claims(house: House) -> None:
    parts: Parts = house.app.state.parts
    stream = _stream(parts, "sara", Filter(city="Riyadh"))
    assert "event: claims\ndata: {}" in await anext(stream)
    following = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    await house.handlers.on_extracted(extracted())
    told = await following
    assert told.startswith("event: change\n")
    assert f'"id": "{ID}"' in told
    assert '"entered": true' in told
    assert '"pending": 1' in told
    following = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    await house.handlers.on_extracted(extracted("m2", location_city="Jeddah"))
    assert '"entered": false' in await following
    following = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    await house.presence.take(ID, "omar")
    assert f'{{"{ID}": "omar"}}' in await following
    await stream.aclose()


async def test_the_same_row_again_is_no_news(house: House) -> None:
    told: list[str] = []
    house.backlog._changed = lambda row, _entered: told.append(row.id)
    await house.handlers.on_extracted(extracted())
    house.backlog.put(summary_of(await house.call(ID)))
    assert told == [ID]


async def test_the_queue_hands_out_what_nobody_looks_at(house: House, desk: httpx.AsyncClient) -> None:
    for number in (1, 2, 3):
        await queued(house, f"m{number}", title=f"فرصة {number}")
    order = [row.id for row in house.backlog.page(Filter()).rows]
    await house.presence.take(order[0], "omar")
    await house.presence.take(order[2], "omar")
    page = await desk.get("/review")
    assert f'data-id="{order[1]}"' in page.text
    skipped = await desk.get(f"/review/{order[1]}/skip", params={"place": "0-x"})
    assert skipped.headers["location"] == f"/review/{order[0]}"
    assert "omar" in (await desk.get(f"/review/{order[0]}")).text


async def test_asking_for_the_changing_part_alone_claims_the_call(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house)
    answer = await desk.get(f"/review/{ID}", headers={"x-desk": "1"})
    assert answer.headers["x-desk"] == "sheet"
    assert "<html" not in answer.text
    assert house.presence.others("omar") == {ID: "sara"}
    assert (await desk.post(f"/review/{ID}/release")).status_code == 204
    assert house.presence.others("omar") == {}
    assert (await desk.post(f"/review/{ID}/claim")).status_code == 204
    assert house.presence.others("omar") == {ID: "sara"}


async def test_several_at_once_without_scripts(house: House, desk: httpx.AsyncClient) -> None:
    for number in (1, 2, 3):
        await queued(house, f"m{number}", title=f"فرصة {number}")
    await house.desk.approve(call_id("m3"), 1, "omar")
    picks = [f"{call_id(f'm{number}')}:1" for number in (1, 2, 3)]
    missing = await desk.post("/review/bulk", data={"pick": picks, "action": "reject"})
    assert missing.status_code == 422
    page = await desk.post("/review/bulk", data={"pick": picks, "action": "reject", "reason": "over"})
    assert "2 calls rejected" in page.text
    assert "1 call was left as it is" in page.text
    assert [(await house.call(call_id(f"m{n}"))).reason for n in (1, 2, 3)] == ["over", "over", None]


async def test_the_last_ten_decisions_are_ones_own_and_each_can_be_undone(
    house: House, desk: httpx.AsyncClient
) -> None:
    for number in range(12):
        await queued(house, f"m{number}", title=f"فرصة {number}")
        await house.desk.approve(call_id(f"m{number}"), 1, "omar" if number == 11 else "sara")
    page = await desk.get("/review/mine")
    assert page.text.count('action="/review/c') == 10
    assert "فرصة 11" not in page.text
    undone = await desk.post("/review/undo")
    assert undone.headers["location"] == f"/review/{call_id('m10')}?done={call_id('m10')}"
    call = await house.call(call_id("m10"))
    assert (call.status, call.unsent[-1].type) == (Status.PENDING, "withdrawn")
    assert (await desk.post("/review/undo")).headers["location"].endswith(call_id("m9"))


async def test_a_message_pasted_twice_is_one_message(house: House, desk: httpx.AsyncClient) -> None:
    for _ in range(2):
        answer = await desk.post("/review/paste", data={"text": " مطلوب  ممثل \r\n في جدة", "group": "انستقرام"})
        assert answer.status_code == 303
    [message] = house.publisher.events
    assert isinstance(message, RawMessage)
    assert (message.group.name, message.sender.name if message.sender else None) == ("انستقرام", "sara")
    waiting = await desk.get(answer.headers["location"])
    assert "On its way" in waiting.text
    await house.message(message.message_id, state=State.REJECTED, rule="scored_other", group_id="direct")
    over = await desk.get(answer.headers["location"])
    assert "It did not become a call" in over.text
    assert "scored_other" in over.text


@pytest.mark.parametrize(("text", "said"), [("  ", "nothing to send"), ("م" * 20_001, "Too long")])
async def test_what_cannot_be_pasted_is_told(house: House, desk: httpx.AsyncClient, text: str, said: str) -> None:
    answer = await desk.post("/review/paste", data={"text": text})
    assert answer.status_code == 422
    assert said in answer.text
    assert house.publisher.events == []


async def test_while_the_broker_is_away_what_was_pasted_is_not_lost(house: House, desk: httpx.AsyncClient) -> None:
    house.publisher.error = Unavailable("no broker")
    answer = await desk.post("/review/paste", data={"text": "مطلوب ممثلة"})
    assert answer.status_code == 503
    assert "مطلوب ممثلة" in answer.text
    assert "try again" in answer.text


async def test_merging_and_checking_by_api(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house)
    await queued(house, "m2", deadline="2026-12-20")
    await house.handlers.on_extracted(extracted("m3").model_copy(update={"check": True}))
    sent = {"version": 1, "earlier": ID}
    updated = (await desk.post(f"/api/v1/calls/{call_id('m2')}/update-of", json=sent)).json()
    assert (updated["status"], updated["merged_into"]) == ("rejected", ID)
    assert str((await house.call(ID)).fields.deadline) == "2026-12-20"
    same = await desk.post(f"/api/v1/calls/{call_id('m3')}/is-call", json={"version": 1})
    assert same.json()["history"][-1]["action"] == "is_call"
    itself = await desk.post(f"/api/v1/calls/{ID}/same-as", json={"version": 2, "earlier": call_id("m2")})
    assert itself.json()["error"]["code"] == "no_target"


async def test_a_stranger_hears_nothing(client: httpx.AsyncClient) -> None:
    assert (await client.get("/review/live")).status_code == 303
    assert (await client.post("/review/bulk", data={"pick": f"{ID}:1"})).status_code == 303
