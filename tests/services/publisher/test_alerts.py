"""The alerts from the board to the channels: told once each way, through crashes, restarts, silences and failures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from services.publisher.alerts.channels import LogChannel
from services.publisher.alerts.facts import Thresholds
from services.publisher.alerts.teller import Teller
from services.publisher.alerts.watch import Watch
from shared.errors import RateLimited, Unavailable
from shared.storage.alerts import Alert, ChannelState, Silence
from shared.storage.memory.alerts import MemoryAlerts
from shared.storage.memory.leases import MemoryLeases
from shared.storage.sources import Source, SourceStatus
from tests.services.publisher.house import START, House

SERVICES = ("receiver", "poller", "filter", "extractor", "publisher")


@dataclass
class Ear:
    """A channel that hears, or fails with `error`."""

    name: str = "slack"
    error: Exception | None = None
    heard: list[tuple[str, bool]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    messages: int = 0

    async def send(self, alerts: Sequence[Alert]) -> None:
        if self.error is not None:
            raise self.error
        self.messages += 1
        self.heard += [(alert.key, alert.firing) for alert in alerts]
        self.ids += [alert.note_id for alert in alerts]


class Flat(House):
    """A house whose alerts are looked at, by one replica or several."""

    def __init__(self) -> None:
        super().__init__()
        self.leases = MemoryLeases()
        self.ear = Ear()
        self.alone = self.watch("one")

    @property
    def alerts(self) -> MemoryAlerts:
        alerts = self.stores.alerts
        assert isinstance(alerts, MemoryAlerts)
        return alerts

    def watch(self, owner: str, alerts: MemoryAlerts | None = None, *ears: Ear) -> Watch:
        store = alerts or self.alerts
        return Watch(
            self.office.board,
            store,
            Teller([LogChannel(), *(ears or (self.ear,))], store, lambda: self.now),
            self.leases,
            lambda: self.now,
            thresholds=Thresholds(),
            settle=timedelta(minutes=2),
            owner=owner,
        )

    async def look(self, watch: Watch | None = None, **later: float) -> bool:
        """So much later, with all services alive, the board is read and the alerts are evaluated."""
        self.now += timedelta(**later)
        for name in SERVICES:
            await self.stores.heartbeats.beat(name, "h:1", self.now, {})
        await self.office.board.refresh()
        return await (watch or self.alone).once()

    async def lose(self) -> None:
        """The WhatsApp connection is lost at START."""
        await self.stores.gateway.checked("AUTH", working=True, advice="", at=START - timedelta(days=1))
        await self.stores.gateway.checked("QR", working=False, advice="scan", at=START)

    async def find(self) -> None:
        """The connection is back."""
        await self.stores.gateway.checked("AUTH", working=True, advice="", at=self.now)


@pytest.fixture
def flat() -> Flat:
    return Flat()


LOST = ("gateway_lost", True)
BACK = ("gateway_lost", False)


async def test_a_trouble_is_told_once_when_it_starts_and_once_when_it_is_over(flat: Flat) -> None:
    await flat.lose()
    await flat.look(minutes=4)
    assert flat.ear.heard == []
    for _ in range(3):
        await flat.look(minutes=1)
    assert flat.ear.heard == [LOST]
    await flat.find()
    await flat.look(seconds=15)
    assert flat.ear.heard == [LOST]  # a trouble that comes and goes is one
    for _ in range(3):
        await flat.look(minutes=2)
    assert flat.ear.heard == [LOST, BACK]
    [alert] = await flat.alerts.all()
    assert alert.since == START
    assert alert.resolved_at is not None
    assert alert.owed == ()


async def test_a_trouble_that_comes_back_before_it_is_settled_is_the_same_one(flat: Flat) -> None:
    await flat.lose()
    await flat.look(minutes=5)
    await flat.find()
    await flat.look(minutes=1)
    await flat.stores.gateway.checked("QR", working=False, advice="scan", at=flat.now)
    await flat.look(minutes=6)
    await flat.find()
    await flat.look(minutes=1)
    await flat.look(minutes=1, seconds=59)
    assert flat.ear.heard == [LOST]
    await flat.look(seconds=1)
    assert flat.ear.heard == [LOST, BACK]


async def test_a_restart_tells_nothing_again_and_goes_on(flat: Flat) -> None:
    await flat.lose()
    await flat.look(minutes=5)
    fresh = flat.watch("two")
    assert not await flat.look(fresh, minutes=1)  # the dead one's lease still runs
    assert await flat.look(fresh, minutes=3)
    assert flat.ear.heard == [LOST]
    await flat.find()
    await flat.look(fresh, minutes=1)
    await flat.look(fresh, minutes=2)
    assert flat.ear.heard == [LOST, BACK]


async def test_of_two_replicas_one_evaluates(flat: Flat) -> None:
    other = flat.watch("two")
    await flat.lose()
    assert await flat.look(minutes=5)
    assert not await flat.look(other, seconds=1)
    assert await flat.look(seconds=15)
    assert flat.ear.heard == [LOST]


class Crashing(MemoryAlerts):
    """Loses the connection between sending and noting it, once."""

    crashes = 1

    async def told(self, alert: Alert, channel: str) -> bool:
        if channel != "log" and self.crashes:
            self.crashes -= 1
            raise Unavailable("the database is away")
        return await super().told(alert, channel)


async def test_a_crash_between_sending_and_noting_tells_again_under_the_same_name(flat: Flat) -> None:
    alerts = Crashing()
    watch = flat.watch("one", alerts)
    await flat.lose()
    with pytest.raises(Unavailable):
        await flat.look(watch, minutes=5)
    await flat.look(watch, seconds=15)
    await flat.look(watch, seconds=15)
    assert flat.ear.heard == [LOST, LOST]
    assert len(set(flat.ear.ids)) == 1


async def test_a_channel_that_fails_holds_up_no_other_and_is_tried_later_and_later(flat: Flat) -> None:
    bad, good = Ear("mail", Unavailable("the mail server is away")), Ear("slack")
    watch = flat.watch("one", None, bad, good)
    await flat.lose()
    with capture_logs() as logs:
        await flat.look(watch, minutes=5)
    assert good.heard == [LOST]
    failed = [entry for entry in logs if entry["event"] == "alerts.channel_failed"]
    assert [(entry["channel"], entry["wait_s"]) for entry in failed] == [("mail", 30.0)]
    state = (await flat.alerts.channels())[0]
    assert (state.failures, state.error) == (1, "the mail server is away")
    tries = []
    for _ in range(20):
        before = (await flat.alerts.channels())[0].failures
        await flat.look(watch, seconds=15)
        tries.append((await flat.alerts.channels())[0].failures > before)
    assert [number for number, tried in enumerate(tries) if tried] == [1, 5, 13]  # after 30 s, 60 s more, 120 s more
    bad.error = None
    await flat.look(flat.watch("one", None, bad, good), minutes=30)  # a restart remembers the pause, and it is over
    assert bad.heard == [LOST]
    assert good.heard == [LOST]
    mail = (await flat.alerts.channels())[0]
    assert mail == ChannelState("mail", told_at=flat.now, failed_at=mail.failed_at)


async def test_a_channel_that_asks_for_a_pause_gets_it(flat: Flat) -> None:
    flat.ear.error = RateLimited("slow down", retry_after=300)
    await flat.lose()
    await flat.look(minutes=5)
    assert (await flat.alerts.channels())[0].next_at == flat.now + timedelta(seconds=300)


async def test_what_a_channel_missed_is_told_as_it_stands_then(flat: Flat) -> None:
    flat.ear.error = Unavailable("away")
    await flat.lose()
    await flat.look(minutes=5)
    await flat.find()
    await flat.look(minutes=1)
    await flat.look(minutes=2)
    flat.ear.error = None
    await flat.look(hours=1)
    assert flat.ear.heard == [BACK]


async def test_what_is_silenced_is_logged_and_not_told_neither_its_start_nor_its_end(flat: Flat) -> None:
    await flat.alerts.silence(Silence("gateway_lost", START + timedelta(hours=1)))
    await flat.lose()
    with capture_logs() as logs:
        await flat.look(minutes=5)
        await flat.find()
        await flat.look(minutes=1)
        await flat.look(minutes=2)
    assert flat.ear.heard == []
    assert [entry["event"] for entry in logs if entry["event"].startswith("alerts.")] == [
        "alerts.firing",
        "alerts.resolved",
    ]
    await flat.look(hours=2)
    assert flat.ear.heard == []


async def test_what_still_fires_when_its_silence_ends_is_told_then(flat: Flat) -> None:
    await flat.alerts.silence(Silence("gateway_lost", START + timedelta(hours=1)))
    await flat.lose()
    await flat.look(minutes=5)
    await flat.look(hours=1)
    assert flat.ear.heard == [LOST]


def source(number: int, status: SourceStatus) -> Source:
    return Source(f"{number}@g.us", f"كاستنج {number}", status, added_at=START)


async def test_several_at_once_come_as_one_message(flat: Flat) -> None:
    for number in range(1, 4):
        await flat.sources.add(source(number, SourceStatus.PROPOSED))
    await flat.look(seconds=15)
    assert flat.ear.heard == [(f"group_found:{number}@g.us", True) for number in range(1, 4)]
    assert flat.ear.messages == 1
    await flat.sources.add(source(4, SourceStatus.PROPOSED))
    await flat.look(seconds=15)
    assert flat.ear.heard[3:] == [("group_found:4@g.us", True)]


async def test_what_could_not_be_read_neither_raises_nor_ends_an_alert(flat: Flat) -> None:
    await flat.sources.add(source(1, SourceStatus.PROPOSED))
    await flat.look(seconds=15)
    read = flat.sources.all

    async def away(*_args: object) -> list[Source]:
        raise Unavailable("the database is away")

    flat.sources.all = away  # type: ignore[method-assign,assignment]
    flat.office.board.readings.sources = ()
    for _ in range(4):
        await flat.look(minutes=5)
    assert flat.ear.heard == [("group_found:1@g.us", True)]
    flat.sources.all = read  # type: ignore[method-assign]
    await flat.look(minutes=5)
    assert flat.ear.heard == [("group_found:1@g.us", True)]


async def test_a_service_that_stops_is_told_and_a_blink_of_the_model_is_not(flat: Flat) -> None:
    beat = flat.stores.heartbeats.beat
    await flat.look(seconds=15)

    async def round_without_filter(troubles: dict[str, str]) -> None:
        flat.now += timedelta(minutes=1)
        for name in SERVICES:
            if name != "filter":
                detail = {"troubles": troubles} if name == "extractor" else {}
                await beat(name, "h:1", flat.now, detail)
        await flat.office.board.refresh()
        await flat.alone.once()

    await round_without_filter({"engine": "Unavailable: 502"})
    await round_without_filter({})
    await round_without_filter({"engine": "Unavailable: 502"})
    assert flat.ear.heard == []
    await round_without_filter({"engine": "Unavailable: 502"})
    assert flat.ear.heard == [("service_gone:filter", True)]
    for _ in range(4):
        await round_without_filter({"engine": "Unavailable: 502"})
    assert flat.ear.heard == [("service_gone:filter", True), ("model_away", True)]
    model = (await flat.alerts.all())[0]
    assert model.rule == "model_away"
    assert timedelta(minutes=5) <= flat.now - model.since < timedelta(minutes=5, seconds=1)


async def test_after_an_outage_of_the_database_the_services_are_given_time_to_be_heard(flat: Flat) -> None:
    await flat.look(seconds=15)
    flat.now += timedelta(minutes=20)  # nobody could note a beat
    await flat.office.board.refresh()
    await flat.alone.once()
    await flat.look(seconds=15)
    await flat.look(minutes=2)
    assert flat.ear.heard == []


async def test_nothing_is_evaluated_before_anything_was_read(flat: Flat) -> None:
    assert not await flat.alone.once()
