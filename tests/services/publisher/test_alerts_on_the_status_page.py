"""The alerts on the status page: what fires, what was over, what is kept quiet, and channels that fail."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import httpx
import pytest

from services.publisher.alerts.rules import RULES
from shared.storage.alerts import Alert, ChannelState, Silence
from tests.services.publisher.house import START, House, sign_in

STATUS = "/admin/digital-twin-status"
HOSTILE = '<script>alert(1)</script>"\u202egnp.exe'


@pytest.fixture
async def boss(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await sign_in(client, "boss")
    return client


def section(page: httpx.Response) -> str:
    found = re.search(r'<section class="card alerts.*?</section>', page.text, re.DOTALL)
    assert found
    return html.unescape(re.sub(r"\s+", " ", found[0]))


async def test_a_quiet_house_says_that_nothing_is_wrong(house: House, boss: httpx.AsyncClient) -> None:
    await house.counted()
    assert "Nothing is wrong." in section(await boss.get(STATUS))


async def test_what_fires_is_told_with_what_to_look_at_and_to_type(house: House, boss: httpx.AsyncClient) -> None:
    lost = Alert("gateway_lost", "gateway_lost", START, START, None, {"state": "QR", "advice": HOSTILE})
    over = Alert("no_messages", "no_messages", START, START, None, {"groups": 3, "hours": 24})
    await house.stores.alerts.fire(lost)
    await house.stores.alerts.fire(over)
    await house.stores.alerts.resolve(over, START + timedelta(hours=1), owed=())
    await house.stores.alerts.silence(Silence("gateway_lost", START + timedelta(hours=4)))
    failing = ChannelState("mail", None, START, "the mail server is away", 3, START + timedelta(minutes=2))
    await house.stores.alerts.note_channel(failing)
    await house.counted()
    answer = await boss.get(STATUS)
    english = section(answer)
    assert "<script>alert" not in answer.text
    assert "\u202e" not in english
    assert "WhatsApp is disconnected" in english
    assert '<code dir="ltr">twin doctor</code>' in english
    assert "silenced until" in english
    assert "Over in the last days (1)" in english
    assert "E-mail" in english
    assert "the mail server is away" in english
    arabic = section(await boss.get(f"{STATUS}?lang=ar"))
    assert "انقطع اتصال واتساب" in arabic
    assert "alerts." not in arabic.replace('id="alerts-heading"', "")


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_every_rule_can_be_shown_and_every_word_is_there(
    house: House, boss: httpx.AsyncClient, language: str
) -> None:
    names = "state advice groups hours name percent failed of minutes stream reader number stage reason id budget used"
    values = dict.fromkeys([*names.split(), "limit", "detail", "service", "services", "check"], "7")
    for rule in RULES:
        await house.stores.alerts.fire(Alert(rule, rule, START, START, None, values))
    for name in ("slack", "mail", "whatsapp", "hooks"):
        await house.stores.alerts.note_channel(ChannelState(name, told_at=START))
    await house.counted()
    shown = section(await boss.get(f"{STATUS}?lang={language}"))
    assert shown.count("<li>") == len(RULES)
    assert not re.findall(r">[^<]*\balerts\.[a-z_.]+", shown)
    assert "{" not in shown
