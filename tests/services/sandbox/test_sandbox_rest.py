from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from services.sandbox.app import build
from services.sandbox.corpus import parse
from services.sandbox.settings import SandboxSettings
from shared.errors import Misconfigured

Play = Callable[..., AbstractAsyncContextManager[Any]]
GROUP = "كاستنج تجربة"


async def test_a_lost_session_answers_401_but_for_health_and_settings(play: Play) -> None:
    async with play(session="QR") as sandbox:
        refused = await sandbox.get("/groups")
        health = await sandbox.get("/health")
        settings = await sandbox.get("/settings")
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, 401)
    assert health.json()["status"] == {"code": 3, "text": "QR"}
    assert settings.status_code == 200


async def test_a_rotated_token_replaces_the_old_one(play: Play) -> None:
    async with play() as sandbox:
        await sandbox.turn(token="new-token")
        assert (await sandbox.get("/groups")).json() == {"error": {"code": 404, "message": "Channel not found"}}
        assert (await sandbox.get("/groups", token="new-token")).status_code == 200


@pytest.mark.parametrize(("wait", "header"), [(None, None), (7, "7")])
async def test_too_many_requests_come_with_and_without_a_wait(play: Play, wait: int | None, header: str | None) -> None:
    async with play(too_many=1, retry_after_s=wait) as sandbox:
        answer = await sandbox.get("/groups")
    assert (answer.status_code, answer.headers.get("retry-after")) == (429, header)


async def test_faults_come_as_often_as_the_knob_says_and_the_same_each_run(play: Play) -> None:
    async def statuses() -> list[int]:
        async with play(errors=0.3, too_many=0.3) as sandbox:
            return [(await sandbox.get("/groups")).status_code for _ in range(60)]

    first = await statuses()
    counts = Counter(first)
    assert set(counts) == {200, 429, 500}
    assert counts[200] > 10 and counts[429] > 5 and counts[500] > 3
    assert await statuses() == first


async def test_an_outage_is_a_proxys_page(play: Play) -> None:
    async with play(rest_outage=True) as sandbox:
        answer = await sandbox.get("/groups")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")


async def test_empty_pages_hide_what_is_there(play: Play) -> None:
    async with play() as sandbox:
        await sandbox.order("post", group=GROUP, text="x")
        await sandbox.turn(empty_pages=1)
        body = (await sandbox.get("/messages/list")).json()
    assert (body["messages"], body["count"], body["total"]) == ([], 0, 1)


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("/groups", {"count": 501}, 400),
        ("/groups", {"count": 0}, 400),
        ("/messages/list", {"offset": -1}, 400),
        ("/messages/list", {"count": "many"}, 400),
        ("/messages/list", {"time_from": "yesterday"}, 400),
        ("/messages/list/120363499999999999@g.us", {}, 404),
        ("/messages/nothing", {}, 404),
        ("/media/nothing", {}, 404),
        ("/groups/nothing", {}, 404),
    ],
)
async def test_wrong_questions_are_refused_in_the_gateways_envelope(
    play: Play, path: str, params: dict[str, Any], status: int
) -> None:
    async with play() as sandbox:
        answer = await sandbox.get(path, **params)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == status


async def test_newest_first_is_the_usual_order(play: Play) -> None:
    async with play() as sandbox:
        for at in (30, 10, 20):
            await sandbox.order("post", group=GROUP, text=str(at), at=1_795_000_000 + at)
        usual = (await sandbox.get("/messages/list")).json()["messages"]
        oldest = (await sandbox.get("/messages/list", sort="asc")).json()["messages"]
    assert [message["text"]["body"] for message in usual] == ["30", "20", "10"]
    assert [message["text"]["body"] for message in oldest] == ["10", "20", "30"]


async def test_media_of_a_message_is_served(play: Play) -> None:
    async with play() as sandbox:
        posted = await sandbox.order("post", group=GROUP, text="poster", type="image")
        answer = await sandbox.get(f"/media/{posted['image']['id']}")
    assert len(answer.content) == 1000


async def test_settings_that_the_gateway_would_not_take_are_refused(play: Play) -> None:
    async with play() as sandbox:
        hooks = [{"url": "https://twin.example.sa/", "headers": {f"X-{n}": "1" for n in range(6)}}]
        assert (await sandbox.ask("PATCH", "/settings", {"webhooks": hooks})).status_code == 400
        assert (await sandbox.ask("PATCH", "/settings", {"webhooks": "no"})).status_code == 400
        changed = (await sandbox.ask("PATCH", "/settings", {"offline_mode": True})).json()
    assert changed["changes"] == ["offline_mode"]
    assert "offline_mode" not in changed["before_update"]
    assert changed["after_update"]["webhooks"] == []


async def test_the_clock_of_the_gateway_may_be_wrong(play: Play) -> None:
    async with play() as sandbox:
        now = (await sandbox.order("post", group=GROUP, text="now"))["timestamp"]
        await sandbox.turn(clock_offset_s=86_400)
        assert (await sandbox.order("post", group=GROUP, text="then"))["timestamp"] >= now + 86_400


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("", {"duplicates": 2}, 422, "less than or equal to 1"),
        ("", {"nonsense": 1}, 422, "not permitted"),
        ("", {"session": "SLEEPY"}, 422, "match pattern"),
        ("", [1], 422, "not permitted"),
        ("/post", {"group": ""}, 422, "at least 1 character"),
        ("/edit", {"id": "nothing", "text": "x"}, 404, "no message"),
        ("/delete", {"id": "nothing"}, 404, "no message"),
    ],
)
async def test_wrong_orders_are_refused_and_change_nothing(
    play: Play, path: str, body: Any, status: int, words: str
) -> None:
    async with play() as sandbox:
        before = await sandbox.state()
        answer = await sandbox._http.post(f"{sandbox.url}/_control{path}", json=body)
        assert await sandbox.state() == before
    assert answer.status_code == status
    assert words in answer.text


async def test_its_own_health_needs_no_token(play: Play) -> None:
    async with play() as sandbox:
        for path in ("/health/live", "/health/ready", "/metrics"):
            assert (await sandbox._http.get(sandbox.url + path)).status_code == 200


def test_a_corpus_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="SANDBOX_CORPUS"):
        build(SandboxSettings(corpus=tmp_path / "absent.jsonl"))


def test_a_corpus_with_a_wrong_line_is_said_with_its_number() -> None:
    good = '{"id": "a", "text": "x", "group": "g"}'
    assert len(parse([good, "", good])) == 2
    for wrong in ("{", "[]", '{"id": "a"}'):
        with pytest.raises(Misconfigured, match="line 2"):
            parse([good, wrong])


async def test_it_is_not_ready_when_its_work_ended(play: Play, tmp_path: Path) -> None:
    state = tmp_path / "state"
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text('{"id": "a", "text": "x", "group": "g"}', encoding="utf-8")
    async with play(corpus=corpus, state=state) as sandbox:
        assert (await sandbox._http.get(f"{sandbox.url}/health/ready")).status_code == 200
        state.write_text("a file where the folder should be", encoding="utf-8")
        await sandbox.turn(rate_per_minute=60_000)
        async with asyncio.timeout(15):
            while (await sandbox._http.get(f"{sandbox.url}/health/ready")).status_code == 200:
                await asyncio.sleep(0.01)
        reasons = (await sandbox._http.get(f"{sandbox.url}/health/ready")).json()["checks"]
    assert reasons == {"work": "RuntimeError: the replay ended"}
