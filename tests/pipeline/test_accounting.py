"""Every message is accounted for, also the one that neither webhook nor poll would ever have brought."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.contracts.ids import call_id
from shared.storage.ledger import State
from shared.storage.mongo.reckonings import MongoReckonings
from shared.storage.mongo.sources import MongoSources
from shared.storage.sources import Answer, Source, SourceStatus
from tests.pipeline.conftest import GROUP, OTHER_GROUP, Stack, text_message
from tests.pipeline.test_four_scenarios import call_text


async def account(stack: Stack, *options: str, expect: int = 0) -> Any:
    """The document of `twin account`."""
    return (await stack.twin("account", "--json", *options, expect=expect)).json


async def until_compared(stack: Stack, since: datetime) -> Source:
    """The group, as soon as the gateway was asked about it after this time."""
    async with asyncio.timeout(60):
        while True:
            source = await MongoSources(stack.mongo).get(GROUP)
            assert source is not None
            if source.compared_at is not None and source.compared_at > since:
                return source
            await asyncio.sleep(0.1)


async def test_a_message_behind_the_watermark_is_found_at_the_gateway_and_accounted_for(stack: Stack) -> None:
    """Its webhook is lost, and the group counts as read up to a later time: the poll never asks for it again."""
    sources, started = MongoSources(stack.mongo), datetime.now(UTC)
    await sources.set_status(OTHER_GROUP, SourceStatus.INACTIVE)
    assert await sources.lease(GROUP, "test", now=started, ttl=timedelta(minutes=1))
    await sources.advance(GROUP, "test", started - timedelta(hours=1))
    await sources.polled(GROUP, "test", at=started, due_at=started, new=0)
    await stack.gateway(POLLER_TICK="0.2", POLLER_OVERLAP="1")
    await stack.control("group", id=GROUP, name="كاستنج السعودية")
    text, _ = call_text()

    async def post(id: str, words: str) -> None:
        at = int((started - timedelta(hours=30)).timestamp())
        await stack.control("post", group=GROUP, text=words, id=id, at=at, webhook=False)

    await post("missed-1", text)
    stack.start(["poller"])

    entry = await stack.entry("missed-1")
    assert (entry.state, entry.via) == (State.CALL, "poll")
    source = await until_compared(stack, started)
    assert (source.answer, source.compared_found) == (Answer.FOUND, 1)
    async with asyncio.timeout(20):
        while not (sweeps := await MongoReckonings(stack.mongo).sweeps(started)):
            await asyncio.sleep(0.1)
    assert [one.id for one in sweeps[-1].messages] == ["missed-1"]

    # It dies after it has published, before it has noted that it was there: the same again is nothing new.
    stack.kill("poller")
    await stack.mongo.collection("sources").update_one({"_id": GROUP}, {"$unset": {"compared_at": "", "answer": ""}})
    await stack.mongo.collection("leases").delete_many({})
    again = datetime.now(UTC)
    stack.start(["poller"])
    assert (await until_compared(stack, again)).answer is Answer.QUIET
    await stack.quiet()
    assert len(await stack.stream("RAW")) == 1
    told = await account(stack, "--grace", "0s")
    assert (told["messages"], told["missing"]) == ({"call_pending": 1}, []), told

    # By hand: it tells what it would fetch, then fetches it.
    await post("missed-2", text.replace("0500000567", "0500000568"))
    told = await account(stack, "--gateway")
    assert (told["gateway"]["found"], told["messages"]) == (1, {"call_pending": 1}), told
    told = await account(stack, "--fetch")
    assert told["gateway"]["found"] == 1, told
    assert (await stack.entry("missed-2")).state is State.CALL
    await stack.quiet()

    # A call that is gone from the desk is named, and so is a message that was acknowledged and not recorded.
    await stack.mongo.collection("calls").delete_one({"_id": call_id("missed-1")})
    await stack.mongo.collection("messages").delete_one({"_id": "missed-2"})
    told = await account(stack, "--since", "1h", "--grace", "0s", expect=1)
    assert {(one["id"], one["what"]) for one in told["missing"]} == {("missed-1", "no_call"), ("missed-2", "no_entry")}


async def test_the_publisher_draws_up_the_account_by_itself(stack: Stack) -> None:
    text, _ = call_text()
    await stack.post(text_message("kept-1", text))
    await stack.entry("kept-1")
    async with asyncio.timeout(60):
        while (drawn := await MongoReckonings(stack.mongo).latest()) is None:
            await asyncio.sleep(0.2)
    assert drawn.unaccounted == 0
    metrics = (await stack.http.get(f"{stack.url('publisher')}/metrics")).text
    assert "twin_unaccounted 0.0" in metrics
