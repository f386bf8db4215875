"""One contract for the gateway's port: the client over HTTP against the sandbox, and the fake that other tests use."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pytest
from pydantic import SecretStr

from shared.contracts.messages import MessageDeleted, MessageEdited, RawMessage, Via
from shared.errors import BudgetSpent, Misconfigured, Permanent
from shared.whapi.client import WhapiClient
from shared.whapi.fake import FakeGateway
from shared.whapi.port import Gateway
from shared.whapi.settings import WhapiSettings

GROUP = "120363411000000001@g.us"
START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Stage(Protocol):
    """A gateway, and what happens in its groups."""

    gateway: Gateway
    left: int

    async def join(self, id: str, name: str) -> None: ...
    async def post(self, id: str, text: str, at: datetime, **fields: Any) -> None: ...
    async def edit(self, id: str, text: str) -> None: ...
    async def delete(self, id: str) -> None: ...


class _Budgeted:
    left = 10_000

    async def take(self) -> None:
        if self.left < 1:
            raise BudgetSpent("spent", retry_after=60)
        self.left -= 1


class FakeStage(_Budgeted):
    def __init__(self) -> None:
        self.fake = FakeGateway(budget=self.take)
        self.gateway: Gateway = self.fake

    async def join(self, id: str, name: str) -> None:
        self.fake.add_group(id, name)

    async def post(self, id: str, text: str, at: datetime, **fields: Any) -> None:
        self.fake.post(GROUP, id, text, at, **fields)

    async def edit(self, id: str, text: str) -> None:
        self.fake.edit(GROUP, f"edit-{id}", id, text, START + timedelta(hours=1))

    async def delete(self, id: str) -> None:
        self.fake.delete(GROUP, f"delete-{id}", id, START + timedelta(hours=1))


class SandboxStage(_Budgeted):
    def __init__(self, sandbox: Any) -> None:
        self.sandbox = sandbox
        settings = WhapiSettings(url=sandbox.url, token=SecretStr("sandbox-token"), token_file=None)
        self.client = WhapiClient.open(settings, budget=self.take)
        self.gateway: Gateway = self.client

    async def join(self, id: str, name: str) -> None:
        await self.sandbox.order("group", id=id, name=name)

    async def post(self, id: str, text: str, at: datetime, **fields: Any) -> None:
        await self.sandbox.order("post", group=GROUP, id=id, text=text, at=int(at.timestamp()), fields=fields)

    async def edit(self, id: str, text: str) -> None:
        await self.sandbox.order("edit", id=id, text=text)

    async def delete(self, id: str) -> None:
        await self.sandbox.order("delete", id=id)


@pytest.fixture(params=["fake", "sandbox"])
async def stage(
    request: pytest.FixtureRequest, play: Callable[..., AbstractAsyncContextManager[Any]]
) -> AsyncIterator[Stage]:
    if request.param == "fake":
        fake = FakeStage()
        await fake.join(GROUP, "كاستنج تجربة")
        yield fake
        return
    async with play(network=True) as sandbox:
        real = SandboxStage(sandbox)
        await real.join(GROUP, "كاستنج تجربة")
        yield real
        await real.client.close()


async def test_groups_are_listed_with_their_names(stage: Stage) -> None:
    for number in range(101):
        await stage.join(f"1203634110001{number:05}@g.us", f"group {number}")
    groups = {group.id: group.name async for group in stage.gateway.groups()}
    assert len(groups) == 102
    assert groups[GROUP] == "كاستنج تجربة"


async def test_messages_come_oldest_first_by_poll(stage: Stage) -> None:
    for number in (2, 1, 3):
        await stage.post(f"m-{number}", f"text {number}", START + timedelta(seconds=number))
    page = await stage.gateway.messages(GROUP)
    assert [event.message_id for event in page.events] == ["m-1", "m-2", "m-3"]
    assert all(isinstance(event, RawMessage) and event.via is Via.POLL for event in page.events)
    assert page.last
    newest = await stage.gateway.messages(GROUP, sort="desc", count=1)
    assert ([event.message_id for event in newest.events], newest.last) == (["m-3"], False)


async def test_pages_follow_each_other_until_one_is_short(stage: Stage) -> None:
    for number in range(7):
        await stage.post(f"m-{number}", "x", START + timedelta(seconds=number))
    sizes, ids, offset = [], [], 0
    while True:
        page = await stage.gateway.messages(GROUP, count=3, offset=offset)
        sizes.append(page.size)
        ids += [event.message_id for event in page.events]
        offset += page.size
        if page.last:
            break
    assert sizes == [3, 3, 1]
    assert ids == [f"m-{number}" for number in range(7)]


async def test_a_window_holds_both_its_ends(stage: Stage) -> None:
    for number in range(5):
        await stage.post(f"m-{number}", "x", START + timedelta(seconds=number))
    page = await stage.gateway.messages(
        GROUP, time_from=START + timedelta(seconds=1), time_to=START + timedelta(seconds=3)
    )
    assert [event.message_id for event in page.events] == ["m-1", "m-2", "m-3"]


async def test_own_echoes_count_for_the_page_but_are_no_events(stage: Stage) -> None:
    await stage.post("m-1", "theirs", START)
    await stage.post("m-2", "ours", START, from_me=True)
    page = await stage.gateway.messages(GROUP)
    assert (page.size, len(page.events), dict(page.ignored)) == (2, 1, {"own_echo": 1})


async def test_what_cannot_be_read_is_kept_apart(stage: Stage) -> None:
    await stage.post("m-1", "good", START)
    await stage.post("two words", "bad", START)
    page = await stage.gateway.messages(GROUP)
    assert [event.message_id for event in page.events] == ["m-1"]
    assert [piece.reason for piece in page.malformed] == ["bad_id"]


async def test_edits_and_deletions_are_events_of_their_own(stage: Stage) -> None:
    await stage.post("m-1", "before", START)
    await stage.post("m-2", "gone", START + timedelta(seconds=1))
    await stage.edit("m-1", "after")
    await stage.delete("m-2")
    events = (await stage.gateway.messages(GROUP)).events
    assert [(e.message_id, e.text) for e in events if isinstance(e, MessageEdited)] == [("m-1", "after")]
    assert [e.message_id for e in events if isinstance(e, MessageDeleted)] == ["m-2"]


async def test_a_group_that_is_not_there_is_permanent(stage: Stage) -> None:
    with pytest.raises(Permanent) as error:
        await stage.gateway.messages("120363411000099999@g.us")
    assert error.value.reason == "gateway_404"


async def test_one_message_is_found_or_none(stage: Stage) -> None:
    await stage.post("m-1", "here", START)
    found = await stage.gateway.message("m-1")
    assert isinstance(found, RawMessage) and found.text == "here"
    assert await stage.gateway.message("m-9") is None


async def test_media_that_is_not_there_is_permanent(stage: Stage) -> None:
    with pytest.raises(Permanent) as error:
        await stage.gateway.media("jpeg-404", max_bytes=100)
    assert error.value.reason == "gateway_404"


async def test_a_linked_channel_works(stage: Stage) -> None:
    health = await stage.gateway.health()
    assert health.working and health.channel_id


async def test_a_webhook_is_registered_once(stage: Stage) -> None:
    await stage.gateway.register_webhook("https://twin.example.sa/webhooks/whapi", {"X-Webhook-Secret": "a"})
    await stage.gateway.register_webhook("https://other.example.sa/hook")
    await stage.gateway.register_webhook("https://twin.example.sa/webhooks/whapi", {"X-Webhook-Secret": "b"})
    hooks = (await stage.gateway.settings())["webhooks"]
    assert [(hook["url"], hook["headers"]) for hook in hooks] == [
        ("https://other.example.sa/hook", {}),
        ("https://twin.example.sa/webhooks/whapi", {"X-Webhook-Secret": "b"}),
    ]


async def test_a_sent_text_has_an_id_and_comes_back_as_an_echo(stage: Stage) -> None:
    assert await stage.gateway.send_text(GROUP, "شكراً")
    assert dict((await stage.gateway.messages(GROUP)).ignored) == {"own_echo": 1}


async def test_a_plan_without_limits_has_none(stage: Stage) -> None:
    assert await stage.gateway.limits() is None


async def test_every_request_is_taken_from_the_budget(stage: Stage) -> None:
    before = stage.left
    await stage.gateway.health()
    await stage.gateway.messages(GROUP)
    assert stage.left == before - 2
    stage.left = 0
    with pytest.raises(BudgetSpent):
        await stage.gateway.messages(GROUP)


async def test_the_sandbox_refuses_a_wrong_token_as_the_gateway_does(
    play: Callable[..., AbstractAsyncContextManager[Any]],
) -> None:
    async with play(network=True) as sandbox:
        client = WhapiClient.open(WhapiSettings(url=sandbox.url, token=SecretStr("wrong"), token_file=None))
        with pytest.raises(Misconfigured, match="Channel not found"):
            await client.health()
        await client.close()
