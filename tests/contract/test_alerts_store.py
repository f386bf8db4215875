"""The alerts, on the fake and on the real database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.storage.alerts import Alert, Alerts, ChannelState, Silence
from shared.storage.memory.alerts import MemoryAlerts
from shared.storage.mongo.alerts import MongoAlerts
from shared.storage.mongo.connect import Mongo

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)
LOST = Alert("gateway_lost", "gateway_lost", NOW - timedelta(minutes=5), NOW, None, {"state": "QR"}, ("log", "slack"))


@pytest.fixture(params=["memory", "mongo"])
def alerts(request: pytest.FixtureRequest) -> Alerts:
    if request.param == "memory":
        return MemoryAlerts()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoAlerts(mongo)


async def test_an_alert_is_raised_once_however_many_raise_it(alerts: Alerts) -> None:
    assert await alerts.fire(LOST)
    assert not await alerts.fire(replace(LOST, fired_at=LATER))
    assert await alerts.all() == [LOST]


async def test_an_alert_ends_once_and_can_be_raised_anew(alerts: Alerts) -> None:
    await alerts.fire(LOST)
    assert await alerts.resolve(LOST, LATER, owed=("log",))
    assert not await alerts.resolve(LOST, LATER, owed=("log",))
    over = replace(LOST, resolved_at=LATER, owed=("log",))
    assert await alerts.all() == [over]
    again = replace(LOST, fired_at=LATER + timedelta(hours=1), values={"state": "STOP"})
    assert await alerts.fire(again)
    assert await alerts.all() == [again]


async def test_an_end_that_comes_late_does_not_end_the_next_one(alerts: Alerts) -> None:
    await alerts.fire(LOST)
    await alerts.resolve(LOST, LATER, owed=())
    again = replace(LOST, fired_at=LATER + timedelta(hours=1))
    await alerts.fire(again)
    assert not await alerts.resolve(LOST, LATER, owed=())
    assert [alert.firing for alert in await alerts.all()] == [True]


async def test_a_channel_that_told_the_start_is_still_owed_the_end(alerts: Alerts) -> None:
    await alerts.fire(LOST)
    assert await alerts.told(LOST, "log")
    assert (await alerts.all())[0].owed == ("slack",)
    await alerts.resolve(LOST, LATER, owed=("log", "slack"))
    assert not await alerts.told(LOST, "slack")  # it was sent while the alert ended
    assert (await alerts.all())[0].owed == ("log", "slack")


async def test_the_start_and_the_end_have_names_of_their_own_that_last(alerts: Alerts) -> None:
    await alerts.fire(LOST)
    [first] = await alerts.all()
    await alerts.resolve(LOST, LATER, owed=())
    [over] = await alerts.all()
    assert first.note_id == LOST.note_id != over.note_id


async def test_the_latest_raised_comes_first(alerts: Alerts) -> None:
    other = replace(LOST, key="dead_letters:filter/malformed", rule="dead_letters", fired_at=LATER)
    await alerts.fire(LOST)
    await alerts.fire(other)
    assert [alert.key for alert in await alerts.all()] == [other.key, LOST.key]


async def test_a_silence_takes_the_place_of_an_earlier_one_and_can_be_ended(alerts: Alerts) -> None:
    await alerts.silence(Silence("group_silent", NOW, "rana"))
    await alerts.silence(Silence("group_silent", LATER, "omar"))
    assert await alerts.silences() == [Silence("group_silent", LATER, "omar")]
    assert await alerts.end_silence("group_silent")
    assert not await alerts.end_silence("group_silent")
    assert await alerts.silences() == []


async def test_each_channel_has_one_state_its_last(alerts: Alerts) -> None:
    failed = ChannelState("slack", None, NOW, "answers 500", 2, LATER)
    await alerts.note_channel(failed)
    await alerts.note_channel(ChannelState("mail", told_at=NOW))
    assert await alerts.channels() == [ChannelState("mail", told_at=NOW), failed]
    await alerts.note_channel(ChannelState("slack", told_at=LATER, failed_at=NOW))
    assert (await alerts.channels())[1] == ChannelState("slack", told_at=LATER, failed_at=NOW)
