"""The subscribers and what they are owed, on the fake and on the real database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.storage.hooks import Delivery, DeliveryState, Hook, Hooks, HookSecret, Topic
from shared.storage.memory.hooks import MemoryHooks
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.hooks import MongoHooks

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)
HOOK = Hook("hook_a", "https://casting.example/in", (Topic.CALLS, Topic.ALERTS), (HookSecret("whsec_x"),), NOW)


def owed(event: str, at: datetime = NOW, hook: str = "hook_a") -> Delivery:
    return Delivery(hook, event, "call.approved", '{"النص":1}', at, at)


@pytest.fixture(params=["memory", "mongo"])
def hooks(request: pytest.FixtureRequest) -> Hooks:
    if request.param == "memory":
        return MemoryHooks()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoHooks(mongo)


async def test_a_subscriber_is_kept_as_it_is_given_and_its_id_is_taken_once(hooks: Hooks) -> None:
    other = replace(HOOK, id="hook_b", created_at=LATER)
    assert await hooks.add(other)
    assert await hooks.add(HOOK)
    assert not await hooks.add(replace(HOOK, url="https://other.example"))
    assert await hooks.get("hook_a") == HOOK
    assert await hooks.get("hook_z") is None
    assert await hooks.all() == [HOOK, other]


async def test_a_subscriber_is_disabled_enabled_and_given_new_secrets(hooks: Hooks) -> None:
    await hooks.add(HOOK)
    assert await hooks.disable("hook_a", LATER, "410")
    assert await hooks.get("hook_a") == replace(HOOK, disabled_at=LATER, disabled_why="410")
    assert await hooks.enable("hook_a")
    new = (HookSecret("whsec_y"), HookSecret("whsec_x", LATER))
    assert await hooks.set_secrets("hook_a", new)
    assert await hooks.get("hook_a") == replace(HOOK, secrets=new)
    assert not await hooks.disable("hook_z", LATER, "410")
    assert not await hooks.enable("hook_z")
    assert not await hooks.set_secrets("hook_z", new)


def test_an_old_secret_signs_until_its_time_has_come() -> None:
    hook = replace(HOOK, secrets=(HookSecret("new"), HookSecret("old", LATER)))
    assert hook.signing(NOW) == ["new", "old"]
    assert hook.signing(LATER) == ["new"]


async def test_the_same_thing_is_owed_once_and_stays_as_it_stands(hooks: Hooks) -> None:
    assert await hooks.enqueue([owed("msg_1"), owed("msg_2")]) == 2
    await hooks.note(replace(owed("msg_1"), state=DeliveryState.DELIVERED, attempts=1))
    assert await hooks.enqueue([owed("msg_1"), owed("msg_3"), owed("msg_1", hook="hook_b")]) == 2
    assert [one.event_id for one in await hooks.due("hook_a", NOW)] == ["msg_2", "msg_3"]
    assert await hooks.enqueue([]) == 0


async def test_what_is_due_comes_in_its_order_and_what_is_later_does_not(hooks: Hooks) -> None:
    await hooks.enqueue([owed("msg_b", LATER), owed("msg_c", NOW), owed("msg_a", NOW - timedelta(minutes=1))])
    assert [one.event_id for one in await hooks.due("hook_a", NOW)] == ["msg_a", "msg_c"]
    assert await hooks.due("hook_a", NOW, limit=1) == [owed("msg_a", NOW - timedelta(minutes=1))]
    again = replace(owed("msg_c"), attempts=1, next_at=LATER + timedelta(hours=1), error="500")
    await hooks.note(again)
    assert await hooks.due("hook_a", LATER + timedelta(days=1)) == [
        owed("msg_a", NOW - timedelta(minutes=1)),
        owed("msg_b", LATER),
        again,
    ]


async def test_what_was_given_up_is_listed_the_latest_first(hooks: Hooks) -> None:
    await hooks.enqueue([owed("msg_1"), owed("msg_2", LATER), owed("msg_3")])
    for name, at in (("msg_1", NOW), ("msg_2", LATER)):
        await hooks.note(replace(owed(name, at), state=DeliveryState.FAILED, error="500"))
    assert [one.event_id for one in await hooks.recent("hook_a", state=DeliveryState.FAILED)] == ["msg_2", "msg_1"]
    assert [one.event_id for one in await hooks.recent("hook_a", state=DeliveryState.WAITING)] == ["msg_3"]


async def test_a_subscriber_that_is_removed_is_owed_nothing(hooks: Hooks) -> None:
    await hooks.add(HOOK)
    await hooks.enqueue([owed("msg_1"), owed("msg_1", hook="hook_b")])
    assert await hooks.remove("hook_a")
    assert not await hooks.remove("hook_a")
    assert await hooks.due("hook_a", LATER) == []
    assert len(await hooks.due("hook_b", LATER)) == 1


async def test_a_note_about_a_removed_one_makes_nothing(hooks: Hooks) -> None:
    await hooks.note(owed("msg_1"))
    assert await hooks.due("hook_a", LATER) == []
