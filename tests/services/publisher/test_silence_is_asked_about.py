"""A group that went quiet is asked about at the gateway, and the account shows on the status page."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from services.publisher.alerts.facts import Thresholds
from services.publisher.alerts.teller import Teller
from services.publisher.alerts.watch import Watch
from services.publisher.web.alert_words import text_of
from services.publisher.web.words import LANGUAGES, Words
from shared.storage.alerts import Alert
from shared.storage.gateway import GatewayStatus
from shared.storage.memory.leases import MemoryLeases
from shared.storage.reckonings import Missing, Reckoning, Sweep
from shared.storage.sources import Answer, Source
from tests.services.publisher.busy import GONE, furnish
from tests.services.publisher.house import House, sign_in

STATUS = "/admin/digital-twin-status"


class Ear:
    """A channel that keeps what it hears."""

    name = "slack"

    def __init__(self) -> None:
        self.heard: list[Alert] = []

    async def send(self, alerts: Sequence[Alert]) -> None:
        self.heard += alerts


@pytest.fixture
async def boss(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await sign_in(client, "boss")
    return client


async def look(house: House, watch: Watch, *, minutes: float = 0.25) -> None:
    house.now += timedelta(minutes=minutes)
    await house.office.board.refresh()
    await watch.once()


def watch_of(house: House, ear: Ear) -> Watch:
    alerts = house.stores.alerts
    return Watch(
        house.office.board,
        alerts,
        Teller([ear], alerts, lambda: house.now),
        MemoryLeases(),
        lambda: house.now,
        thresholds=Thresholds(),
        settle=timedelta(minutes=2),
        owner="one",
    )


async def gone(house: House) -> Source:
    found = await house.sources.get(GONE.id)
    assert found is not None
    return found


def silences(ear: Ear) -> list[Alert]:
    return [alert for alert in ear.heard if alert.rule == "group_silent"]


async def test_a_silent_group_is_asked_about_and_the_answer_stands_in_the_alert(house: House) -> None:
    await furnish(house)
    ear = Ear()
    watch = watch_of(house, ear)

    await look(house, watch)
    assert (await gone(house)).asked
    asked_at = (await gone(house)).ask_at
    await look(house, watch)
    assert silences(ear) == []  # the gateway's answer is waited for
    assert (await gone(house)).ask_at == asked_at

    await house.sources.compared(GONE.id, Answer.REFUSED, at=house.now, found=0)
    await look(house, watch)
    (alert,) = silences(ear)
    assert "refuses" in text_of(Words("en"), alert).what
    assert all("{" not in text_of(Words(language), alert).what for language in LANGUAGES)


async def test_without_an_answer_it_is_told_after_ten_minutes(house: House) -> None:
    await furnish(house)
    ear = Ear()
    watch = watch_of(house, ear)
    await look(house, watch)
    await look(house, watch, minutes=9)
    assert silences(ear) == []
    await look(house, watch, minutes=1.5)
    (alert,) = silences(ear)
    assert "has not answered" in text_of(Words("en"), alert).what


async def test_what_was_missed_ends_the_silence_without_an_alert(house: House) -> None:
    await furnish(house)
    ear = Ear()
    watch = watch_of(house, ear)
    await look(house, watch)
    await house.sources.heard([(GONE.id, house.now)], via_webhook=False)
    await house.sources.compared(GONE.id, Answer.FOUND, at=house.now, found=2)
    await look(house, watch)
    await look(house, watch, minutes=11)
    assert silences(ear) == []


async def test_nobody_is_asked_while_the_connection_is_lost(house: House) -> None:
    await furnish(house)
    lost = GatewayStatus("QR", False, since=house.now)
    await house.stores.gateway.checked(str(lost.state), working=False, advice="scan", at=house.now)
    await look(house, watch_of(house, Ear()))
    assert not (await gone(house)).asked


async def test_an_alert_of_before_the_gateway_was_asked_is_still_told(house: House) -> None:
    alert = Alert("group_silent:x", "group_silent", house.now, house.now, None, {"name": "كاستنج"})
    assert "silent" in text_of(Words("en"), alert).what


def account_line(page: httpx.Response) -> str:
    found = re.search(r'<p class="small-text[^>]*data-part="account">(.*?)</p>', page.text, re.DOTALL)
    assert found
    return html.unescape(" ".join(found[1].split()))


async def test_the_status_page_tells_of_the_last_account_and_of_what_the_gateway_had(
    house: House, boss: httpx.AsyncClient
) -> None:
    await house.counted()
    assert "No account was drawn up yet. Not compared" in account_line(await boss.get(STATUS))

    now = house.clock()
    missing = (Missing("message", "m1", GONE.id, now, "no_entry"),)
    drawn = Reckoning(now, now - timedelta(hours=48), 0.5, messages={"rejected": 1_233, "unaccounted": 1})
    await house.reckonings.add(replace(drawn, unaccounted=1, missing=missing))
    await house.counted()
    assert "1 of 1,234 messages, edits and deletions ended nowhere" in account_line(await boss.get(STATUS))

    await house.reckonings.add(replace(drawn, at=house.clock(), messages={"rejected": 1_234}))
    for found in (2, 1):
        await house.reckonings.add_sweep(Sweep(house.clock(), 3, 100, found))
    await house.counted()
    line = account_line(await boss.get(STATUS))
    assert "1,234 messages, edits and deletions, each with its end" in line
    assert "fetched in 24 h: 3" in line
    arabic = account_line(await boss.get(f"{STATUS}?lang=ar"))
    assert "1,234" in arabic
    assert "status." not in arabic


async def test_the_group_table_tells_what_the_gateway_said(house: House, boss: httpx.AsyncClient) -> None:
    await furnish(house)
    await house.sources.compared(GONE.id, Answer.QUIET, at=house.now, found=0)
    await house.office.board.refresh()
    assert "asked at the gateway: nothing was missed" in (await boss.get(STATUS)).text
