"""Our outgoing webhooks against real subscribers: signed, repeated as planned, never sent where they must not go."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from services.publisher.hooks import Dispatcher, HookFeed
from shared.contracts.pipeline import ApprovedCall
from shared.errors import Permanent
from shared.storage.hooks import Delivery, DeliveryState, Hook, HookSecret, Topic
from shared.storage.memory.hooks import MemoryHooks
from shared.storage.memory.leases import MemoryLeases
from shared.webhooks import standard
from shared.webhooks.sender import Answer, HttpPoster, Poster
from tests.services.publisher.house import START, House, queued
from tests.services.publisher.mailroom import Got, web_server

NEW, OLD = standard.new_secret(bytes(32)), standard.new_secret(bytes(range(32)))


class Post(House):
    """A house that sends to subscribers."""

    def __init__(self, poster: Poster) -> None:
        super().__init__()
        self.hooks = MemoryHooks()
        self.leases = MemoryLeases()
        self.poster = poster
        self.dispatcher = self.sender("one")

    def sender(self, owner: str) -> Dispatcher:
        return Dispatcher(self.hooks, self.poster, self.leases, self.clock, owner=owner)

    async def subscribe(self, id: str, url: str, *topics: Topic) -> None:
        hook = Hook(
            id, url, topics or (Topic.CALLS,), (HookSecret(NEW), HookSecret(OLD, START + timedelta(days=1))), START
        )
        assert await self.hooks.add(hook)

    async def approve(self, message_id: str = "m1") -> ApprovedCall:
        """A call is approved; the event that it owes is read from `approved`, twice."""
        call = await queued(self, message_id)
        approved = await self.desk.approve(call.id, call.version, "sara")
        event = approved.unsent[-1]
        feed = HookFeed(self.hooks, lambda: self.now)
        await feed.on_approved(event)
        await feed.on_approved(event)
        return event

    async def later(self, **length: float) -> int:
        self.now += timedelta(**length)
        return await self.dispatcher.once()

    def states(self) -> list[tuple[str, str, int]]:
        return sorted((one.hook_id, str(one.state), one.attempts) for one in self.hooks.deliveries.values())


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    poster = HttpPoster.open(private=True, timeout_s=5)
    yield Post(poster)
    await poster.close()


def genuine(post: Post, got: Got, secret: str) -> bool:
    return standard.is_genuine(secret, got.headers, got.body, post.now)


async def test_an_approved_call_reaches_each_subscriber_once_and_signed(post: Post) -> None:
    with web_server() as one, web_server() as two, web_server() as other:
        await post.subscribe("one", one.url + "/in")
        await post.subscribe("two", two.url)
        await post.subscribe("other", other.url, Topic.ALERTS)
        event = await post.approve()
        assert await post.dispatcher.once() == 2
        assert await post.dispatcher.once() == 0
    assert len(one.got) == len(two.got) == 1
    assert other.got == []
    [got] = one.got
    assert genuine(post, got, NEW)
    assert genuine(post, got, OLD)
    assert got.headers["webhook-id"] == two.got[0].headers["webhook-id"]
    body = json.loads(got.body)
    assert body["type"] == "call.approved"
    assert ApprovedCall.model_validate(body["data"]) == event


async def test_an_old_secret_signs_no_more_after_its_day(post: Post) -> None:
    with web_server() as subscriber:
        await post.subscribe("one", subscriber.url)
        await post.approve()
        await post.later(days=1)
    assert genuine(post, subscriber.got[0], NEW)
    assert not genuine(post, subscriber.got[0], OLD)


async def test_what_is_not_taken_comes_again_as_planned_with_the_same_id(post: Post) -> None:
    with web_server([(500, {}), (302, {"location": "/elsewhere"}), (400, {})]) as subscriber:
        await post.subscribe("one", subscriber.url)
        await post.approve()
        assert await post.later() == 0
        assert await post.later(seconds=4) == 0
        assert len(subscriber.got) == 1
        await post.later(seconds=2)
        assert len(subscriber.got) == 2
        await post.later(minutes=4)
        assert len(subscriber.got) == 2
        await post.later(minutes=2)
        assert len(subscriber.got) == 3
        assert await post.later(minutes=34) == 1
    assert len({got.headers["webhook-id"] for got in subscriber.got}) == 1
    assert len({got.headers["webhook-timestamp"] for got in subscriber.got}) == 4
    assert {got.path for got in subscriber.got} == {"/"}
    assert post.states() == [("one", "delivered", 4)]


async def test_after_the_last_try_it_is_given_up_with_the_reason(post: Post) -> None:
    with web_server([(500, {})] * 20) as subscriber:
        await post.subscribe("one", subscriber.url)
        await post.approve()
        for _ in range(20):
            await post.later(hours=27)
    assert len(subscriber.got) == 10
    assert post.states() == [("one", "failed", 10)]
    assert next(iter(post.hooks.deliveries.values())).error == "500"


async def test_gone_ends_the_subscription(post: Post) -> None:
    with web_server([(410, {})]) as subscriber:
        await post.subscribe("one", subscriber.url)
        await post.approve("m1")
        await post.approve("m2")
        await post.later()
        await post.approve("m3")
        await post.later(days=1)
    assert len(subscriber.got) == 1
    hook = await post.hooks.get("one")
    assert hook is not None
    assert (hook.disabled_at is not None, "410" in hook.disabled_why) == (True, True)
    assert post.states() == [("one", "failed", 1), ("one", "waiting", 0)]


@pytest.mark.parametrize("status", [429, 503])
async def test_a_subscriber_that_asks_for_a_pause_gets_it_for_all_that_waits(post: Post, status: int) -> None:
    with web_server([(status, {"retry-after": "600"})]) as subscriber:
        await post.subscribe("one", subscriber.url)
        await post.approve("m1")
        await post.approve("m2")
        await post.later()
        await post.later(seconds=590)
        assert len(subscriber.got) == 1
        await post.later(minutes=2)
    assert len(subscriber.got) == 3
    assert {state for _hook, state, _attempts in post.states()} == {"delivered"}


async def test_a_subscriber_that_fails_is_not_sent_all_that_waits_one_after_another(post: Post) -> None:
    with web_server([(500, {})] * 50) as subscriber:
        await post.subscribe("one", subscriber.url)
        for number in range(30):
            await post.approve(f"m{number}")
        for _ in range(30):
            await post.later(seconds=2)
    assert len(subscriber.got) <= 5


async def test_a_subscriber_that_is_away_holds_up_no_other(post: Post) -> None:
    with web_server() as gone:
        url = gone.url
    with web_server() as there:
        await post.subscribe("away", url)
        await post.subscribe("there", there.url)
        await post.approve()
        assert await post.later() == 1
    assert post.states() == [("away", "waiting", 1), ("there", "delivered", 1)]


class Crashed(Exception):
    """The process died."""


async def test_a_crash_before_it_is_noted_sends_again_with_the_same_id(post: Post) -> None:
    note = post.hooks.note

    async def crash(_delivery: Delivery) -> None:
        raise Crashed

    with web_server() as subscriber:
        await post.subscribe("one", subscriber.url)
        await post.approve()
        post.hooks.note = crash  # type: ignore[method-assign,assignment]
        with pytest.raises(Crashed):
            await post.later()
        post.hooks.note = note  # type: ignore[method-assign]
        post.dispatcher = post.sender("two")
        assert await post.later(seconds=1) == 0  # the lease of the dead one runs
        assert await post.later(minutes=2) == 1
    assert len({got.headers["webhook-id"] for got in subscriber.got}) == 1
    assert len(subscriber.got) == 2


async def test_a_body_is_sent_to_the_byte_as_it_was_signed(post: Post) -> None:
    body = standard.body_of("test", START, {"نص": "🎬\u202e٠٥٠"})
    with web_server() as subscriber:
        await post.subscribe("one", subscriber.url)
        await post.hooks.enqueue([Delivery("one", "msg_1", "test", body, START, START)])
        await post.later()
    assert subscriber.got[0].body == body.encode()
    assert genuine(post, subscriber.got[0], NEW)


def public(*addresses: str, private: bool = False) -> tuple[HttpPoster, list[httpx.Request]]:
    """A sender whose names lead to these addresses, and what it would have sent."""
    sent: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(204)

    async def resolve(_host: str, _port: int) -> list[str]:
        return list(addresses)

    return HttpPoster(httpx.AsyncClient(transport=httpx.MockTransport(take)), private=private, resolve=resolve), sent


async def test_it_connects_to_the_address_that_was_checked_under_the_hosts_own_name() -> None:
    poster, sent = public("93.184.215.14")
    assert await poster.post("https://casting.example:8443/in?a=b", {}, b"{}") == Answer(204)
    [request] = sent
    assert (request.url.host, request.url.port, request.url.raw_path) == ("93.184.215.14", 8443, b"/in?a=b")
    assert request.headers["host"] == "casting.example:8443"
    assert request.extensions["sni_hostname"] == "casting.example"


@pytest.mark.parametrize(
    "addresses",
    [("127.0.0.1",), ("93.184.215.14", "10.0.0.1"), ("169.254.169.254",), ("::ffff:10.0.0.1",), ("::1",), ()],
)
async def test_a_name_that_leads_into_our_network_is_sent_nothing(addresses: tuple[str, ...]) -> None:
    poster, sent = public(*addresses)
    with pytest.raises(Permanent):
        await poster.post("https://casting.example/in", {}, b"{}")
    assert sent == []


async def test_a_subscriber_in_our_network_is_tried_as_planned_and_sent_nothing() -> None:
    poster, sent = public("10.0.0.1")
    post = Post(poster)
    await post.subscribe("one", "https://casting.example/in")
    await post.approve()
    assert await post.later() == 0
    assert sent == []
    [delivery] = post.hooks.deliveries.values()
    assert (delivery.state, delivery.attempts) == (DeliveryState.WAITING, 1)
    assert "private network" in delivery.error


async def test_a_subscriber_that_never_answers_is_left_within_the_time_limit() -> None:
    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0)
        open_writers.append(writer)

    open_writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    poster = HttpPoster.open(private=True, timeout_s=0.2)
    answer = await poster.post(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", {}, b"{}")
    assert answer.status is None
    await poster.close()
    for writer in open_writers:
        writer.close()
    server.close()
    await server.wait_closed()


async def test_of_an_endless_answer_little_is_read() -> None:
    async def endless(_request: httpx.Request) -> httpx.Response:
        async def chunks() -> AsyncIterator[bytes]:
            while True:
                read.append(1000)
                yield b"x" * 1000

        return httpx.Response(500, content=chunks())

    read: list[int] = []
    poster = HttpPoster(httpx.AsyncClient(transport=httpx.MockTransport(endless)), private=True)
    answer = await poster.post("http://casting.example", {}, b"{}")
    assert (answer.status, len(answer.detail)) == (500, 300)
    assert sum(read) < 10_000


class Counting:
    """A sender that counts."""

    def __init__(self) -> None:
        self.posts = 0

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.posts += 1
        return Answer(204)


async def test_of_two_replicas_one_sends() -> None:
    poster = Counting()
    post = Post(poster)
    await post.subscribe("one", "https://casting.example")
    await post.approve()
    assert await post.dispatcher.once() == 1
    await post.hooks.enqueue(
        [replace(next(iter(post.hooks.deliveries.values())), event_id="msg_2", state=DeliveryState.WAITING)]
    )
    assert await post.sender("two").once() == 0
    assert await post.dispatcher.once() == 1
    assert poster.posts == 2
