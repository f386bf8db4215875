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


async def test_every_rule_is_listed_with_its_threshold_in_both_languages(house: House, boss: httpx.AsyncClient) -> None:
    await house.counted()
    english = section(await boss.get(STATUS))
    assert "above 10 % of the messages of 60 min" in english
    for language in ("en", "ar"):
        told = section(await boss.get(f"{STATUS}?lang={language}"))
        assert told.count('<form class="hush"') == len(RULES)
        assert ".limit" not in told


async def test_an_alert_is_kept_quiet_and_told_again_by_a_button(house: House, boss: httpx.AsyncClient) -> None:
    key = "group_silent:120363000000000003@g.us"
    await house.stores.alerts.fire(Alert(key, "group_silent", START, START, None, {"name": "كاستنج"}))
    await house.counted()
    csrf = {"csrf": boss.headers["x-csrf-token"]}
    answer = await boss.post("/admin/alerts/silence", data=csrf | {"name": key, "hours": "24"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{STATUS}#alerts")
    [silence] = await house.stores.alerts.silences()
    assert (silence.name, silence.by) == (key, "boss")
    assert timedelta(hours=24) - timedelta(seconds=1) < silence.until - START < timedelta(hours=24, seconds=1)
    told = section(await boss.get(STATUS))
    assert "silenced until 21 November 2026" in told
    assert "boss" in told
    await boss.post("/admin/alerts/unsilence", data=csrf | {"name": key})
    assert await house.stores.alerts.silences() == []
    assert "silenced until" not in section(await boss.get(STATUS))
    deeds = await house.office.audit.recent("alert")
    assert [(deed.actor, deed.action, deed.subject) for deed in deeds] == [
        ("boss", "unsilenced", key),
        ("boss", "silenced", key),
    ]


@pytest.mark.parametrize("asked", [{"name": "no_such_rule", "hours": "4"}, {"name": "backlog", "hours": "9999"}, {}])
async def test_only_what_there_is_can_be_kept_quiet(
    house: House, boss: httpx.AsyncClient, asked: dict[str, str]
) -> None:
    await house.counted()
    answer = await boss.post("/admin/alerts/silence", data=asked | {"csrf": boss.headers["x-csrf-token"]})
    assert answer.status_code == 409
    assert await house.stores.alerts.silences() == []


async def test_a_reviewer_cannot_keep_an_alert_quiet(house: House, client: httpx.AsyncClient) -> None:
    await sign_in(client, "sara")
    answer = await client.post(
        "/admin/alerts/silence",
        data={"name": "backlog", "hours": "4", "csrf": client.headers["x-csrf-token"]},
    )
    assert answer.status_code == 403
    assert await house.stores.alerts.silences() == []
