from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from services.sandbox import logic
from services.sandbox.corpus import Row, load
from shared.contracts.messages import MessageDeleted, MessageEdited, RawMessage

Play = Callable[..., AbstractAsyncContextManager[Any]]
FAST = 60_000  # a minute
GROUP = "كاستنج تجربة"


@pytest.fixture
def corpus(tmp_path: Path, corpus_path: Path) -> Path:
    """The first twenty messages."""
    path = tmp_path / "corpus.jsonl"
    path.write_text("\n".join(corpus_path.read_text(encoding="utf-8").splitlines()[:20]), encoding="utf-8")
    return path


@pytest.fixture
def rows(corpus: Path) -> list[Row]:
    return load(corpus)


async def test_the_corpus_comes_by_webhook_in_its_order_with_the_time_of_now(
    play: Play, hook: Any, corpus: Path, rows: list[Row]
) -> None:
    began = int(time.time())
    async with play(
        corpus=corpus, rate_per_minute=FAST, webhook_url=hook.url, webhook_header="X-Lock", webhook_secret="s3cret"
    ):
        await hook.until(lambda: len(hook.events) == 20)
    events = hook.events
    assert all(isinstance(event, RawMessage) for event in events)
    assert [event.text for event in events] == [row.text for row in rows]
    assert [event.kind for event in events] == [row.type for row in rows]
    assert [event.group.id for event in events] == [logic.group_id(row.group) for row in rows]
    assert all(began <= event.sent_at.timestamp() <= time.time() for event in events)
    assert {headers["x-lock"] for headers in hook.headers} == {"s3cret"}
    assert {event.channel_id for event in events} == {"SANDBX-00001"}


async def test_what_is_not_answered_200_is_sent_again_until_it_is(
    play: Play, hook: Any, corpus: Path, rows: list[Row]
) -> None:
    hook.answers = [503, 500, 202, 404]
    async with play(corpus=corpus, rate_per_minute=FAST, webhook_url=hook.url) as sandbox:
        state = await sandbox.until(lambda state: state["webhooks"].get("answered_200") == 20)
    assert state["webhooks"]["failed"] == 4
    assert state["webhooks"]["waiting"] == 0
    assert {event.text for event in hook.events} == {row.text for row in rows}


async def test_a_webhook_that_is_away_gets_everything_later(play: Play, hook: Any, corpus: Path) -> None:
    async with play(corpus=corpus, rate_per_minute=FAST, webhook_url="http://127.0.0.1:9/hook") as sandbox:
        await sandbox.until(lambda state: state["played"] == 20 and state["webhooks"].get("failed", 0) > 3)
        assert (await sandbox.state())["webhooks"]["waiting"] == 20


async def test_duplicates_come_twice_with_the_same_id(play: Play, hook: Any, corpus: Path) -> None:
    async with play(corpus=corpus, rate_per_minute=FAST, webhook_url=hook.url, duplicates=1):
        await hook.until(lambda: len(hook.bodies) == 40)
    assert set(Counter(event.event_id for event in hook.events).values()) == {2}


async def test_disorder_loses_nothing(play: Play, hook: Any, corpus: Path, rows: list[Row]) -> None:
    async with play(corpus=corpus, rate_per_minute=FAST, webhook_url=hook.url, reorder=0.5):
        await hook.until(lambda: len(hook.bodies) == 20)
    texts = [event.text for event in hook.events]
    assert texts != [row.text for row in rows]
    assert sorted(texts) == sorted(row.text for row in rows)


async def test_what_no_webhook_tells_stands_in_the_lists(play: Play, hook: Any, corpus: Path) -> None:
    async with play(corpus=corpus, rate_per_minute=FAST, webhook_url=hook.url, dropped=0.5) as sandbox:
        state = await sandbox.until(
            lambda state: (
                state["played"] == 20 and state["webhooks"].get("answered_200") == 20 - state["webhooks"]["dropped"]
            )
        )
        listed = (await sandbox.get("/messages/list", count=500)).json()["messages"]
    assert 0 < state["webhooks"]["dropped"] < 20
    assert len(hook.events) == 20 - state["webhooks"]["dropped"]
    assert len(listed) == 20


async def test_several_messages_share_a_delivery(play: Play, hook: Any, corpus: Path, rows: list[Row]) -> None:
    async with play(corpus=corpus, rate_per_minute=FAST, webhook_url=hook.url, webhook_outage=True, batch=8) as sandbox:
        await sandbox.until(lambda state: state["played"] == 20)
        await sandbox.turn(webhook_outage=False)
        await hook.until(lambda: len(hook.events) == 20)
    assert max(len(body["messages"]) for body in hook.deliveries) > 1
    assert {event.text for event in hook.events} == {row.text for row in rows}


async def test_a_lost_session_holds_the_webhooks_back(play: Play, hook: Any) -> None:
    async with play(webhook_url=hook.url, session="QR") as sandbox:
        await sandbox.order("post", group=GROUP, text="while away")
        await sandbox.until(lambda state: state["webhooks"].get("failed", 0) > 0)
        assert hook.bodies == []
        await sandbox.turn(session="AUTH")
        await hook.until(lambda: len(hook.events) == 1)


async def test_an_edit_is_told_in_both_ways_and_is_one_event(play: Play, hook: Any) -> None:
    async with play(webhook_url=hook.url) as sandbox:
        posted = await sandbox.order("post", group=GROUP, text="مطلوب ممثل", type="image")
        await sandbox.order("edit", id=posted["id"], text="مطلوب ممثلة")
        await hook.until(lambda: len(hook.bodies) == 3)
    edits = [event for event in hook.events if isinstance(event, MessageEdited)]
    assert len(edits) == 2
    assert edits[0] == edits[1]
    assert (edits[0].message_id, edits[0].text) == (posted["id"], "مطلوب ممثلة")


async def test_a_deletion_is_told_in_both_ways_and_has_one_id(play: Play, hook: Any) -> None:
    async with play(webhook_url=hook.url) as sandbox:
        posted = await sandbox.order("post", group=GROUP, text="مطلوب ممثل")
        await sandbox.order("delete", id=posted["id"])
        await hook.until(lambda: len(hook.bodies) == 3)
        listed = (await sandbox.get("/messages/list")).json()["messages"]
    deletions = [event for event in hook.events if isinstance(event, MessageDeleted)]
    assert {event.message_id for event in deletions} == {posted["id"]}
    assert len({event.event_id for event in deletions}) == 1
    assert posted["id"] not in {message["id"] for message in listed}


async def test_a_signing_gateway_signs_the_bytes_it_sends(play: Play, hook: Any) -> None:
    async with play(webhook_url=hook.url, webhook_hmac_secret="key") as sandbox:
        await sandbox.order("post", group=GROUP, text="موقّع")
        await hook.until(lambda: len(hook.bodies) == 1)
    signature = hmac.new(b"key", hook.bodies[0], hashlib.sha256).hexdigest()
    assert hook.headers[0]["x-whapi-signature"] == signature


@pytest.mark.parametrize(
    ("mode", "path"), [("body", "POST /hook"), ("path", "POST /hook/messages/post"), ("method", "POST /hook/messages")]
)
async def test_each_mode_has_its_address(play: Play, hook: Any, mode: str, path: str) -> None:
    async with play() as sandbox:
        await sandbox.ask("PATCH", "/settings", {"webhooks": [{"url": hook.url, "mode": mode}]})
        await sandbox.order("post", group=GROUP, text="hello")
        await hook.until(lambda: len(hook.bodies) == 1)
    assert hook.paths == [path]


async def test_only_the_events_that_were_asked_for_come(play: Play, hook: Any) -> None:
    async with play() as sandbox:
        hooks = [{"url": hook.url, "events": [{"type": "messages", "method": "patch"}]}]
        await sandbox.ask("PATCH", "/settings", {"webhooks": hooks})
        posted = await sandbox.order("post", group=GROUP, text="one")
        await sandbox.order("edit", id=posted["id"], text="two")
        await sandbox.until(lambda state: state["webhooks"].get("answered_200") == 1)
        assert (await sandbox.state())["webhooks"]["waiting"] == 0
    assert len(hook.bodies) == 1
    assert list(hook.deliveries[0]) == ["messages_updates", "event", "channel_id"]


async def test_our_own_texts_come_back_as_echoes(play: Play, hook: Any) -> None:
    async with play(webhook_url=hook.url) as sandbox:
        chat = (await sandbox.order("post", group=GROUP, text="x"))["chat_id"]
        await sandbox.ask("POST", "/messages/text", {"to": chat, "body": "شكراً"})
        await hook.until(lambda: len(hook.bodies) == 2)
    assert len(hook.events) == 1, "the reader leaves the echo out"


async def test_a_test_delivery_holds_no_message(play: Play, hook: Any) -> None:
    async with play() as sandbox:
        answer = await sandbox.ask("POST", "/settings/webhook_test", {"type": "messages", "url": hook.url})
    assert answer.json() == {"success": True, "status": 200}
    assert len(hook.bodies) == 1
    assert hook.events == []


async def test_lone_surrogates_travel_as_escapes(play: Play, hook: Any) -> None:
    async with play(webhook_url=hook.url) as sandbox:
        await sandbox._http.post(f"{sandbox.url}/_control/post", content=b'{"group": "g", "text": "a\\ud800b"}')
        await hook.until(lambda: len(hook.bodies) == 1)
    assert json.loads(hook.bodies[0])["messages"][0]["text"]["body"] == "a\ud800b"
    (event,) = hook.events
    assert event.text == "a\ufffdb"


async def test_a_second_start_goes_on_where_the_first_one_stopped(
    play: Play, hook: Any, corpus: Path, rows: list[Row], tmp_path: Path
) -> None:
    state = tmp_path / "state"
    common = {"corpus": corpus, "state": state}
    async with play(**common, rate_per_minute=FAST, webhook_url="http://127.0.0.1:9/old") as sandbox:
        await sandbox.until(lambda now: now["played"] >= 5)
        await sandbox.turn(rate_per_minute=0)
        played = (await sandbox.state())["played"]
        before = (await sandbox.get("/messages/list", count=500)).json()["messages"]
    with (state / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"kind": "message", "mess')  # a crash in the middle of a line
    async with play(**common, rate_per_minute=FAST, webhook_url=hook.url) as sandbox:
        await hook.until(lambda: len({event.event_id for event in hook.events}) == 20)
        after = (await sandbox.get("/messages/list", count=500)).json()["messages"]
        hooks = (await sandbox.get("/settings")).json()["webhooks"]
        await sandbox.until(lambda now: now["webhooks"]["waiting"] == 0)
    assert 5 <= played <= 20
    assert len(after) == 20
    assert [message for message in after if message in before] == before, "ids and times stay"
    assert [entry["url"] for entry in hooks] == [hook.url]
    async with play(**common, rate_per_minute=FAST, webhook_url=hook.url) as sandbox:
        state_now = await sandbox.state()
    assert (state_now["played"], state_now["left"], state_now["webhooks"]["waiting"]) == (20, 0, 0)


async def test_the_same_seed_gives_the_same_ids_and_another_seed_others(play: Play, corpus: Path) -> None:
    async def ids(seed: str) -> set[str]:
        async with play(corpus=corpus, rate_per_minute=FAST, seed=seed) as sandbox:
            await sandbox.until(lambda state: state["left"] == 0)
            return {message["id"] for message in (await sandbox.get("/messages/list", count=500)).json()["messages"]}

    first, again, other = await ids("1"), await ids("1"), await ids("2")
    assert first == again
    assert first.isdisjoint(other)


async def test_another_loop_posts_the_same_texts_under_new_ids(play: Play, corpus: Path) -> None:
    async with play(corpus=corpus, rate_per_minute=FAST, loops=2) as sandbox:
        await sandbox.until(lambda state: state["left"] == 0)
        messages = (await sandbox.get("/messages/list", count=500)).json()["messages"]
    assert len({message["id"] for message in messages}) == 40
