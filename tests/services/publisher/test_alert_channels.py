"""The channels against real servers: what arrives, in which words, and what is said when it does not."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from services.publisher.alerts.channels import HooksChannel, MailChannel, SlackChannel, WhatsAppChannel, writer
from services.publisher.alerts.chosen import channels_of, mail_server_of
from services.publisher.settings import AlertSettings
from services.sandbox.app import build
from services.sandbox.settings import SandboxSettings
from shared.errors import Misconfigured, Permanent, RateLimited, Unavailable
from shared.mail import Server, SmtpMailer
from shared.storage.alerts import Alert
from shared.storage.hooks import Hook, HookSecret, Topic
from shared.storage.memory.hooks import MemoryHooks
from shared.webhooks.sender import HttpPoster
from shared.whapi.client import WhapiClient
from shared.whapi.fake import FakeGateway
from shared.whapi.token import TokenSource
from shared.whapi.transport import Transport
from tests.services.publisher.mailroom import mail_server, web_server

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LOST = Alert(
    "gateway_lost", "gateway_lost", NOW - timedelta(minutes=5), NOW, None, {"state": "QR", "advice": "scan it"}
)
HOSTILE = Alert(
    "group_found:1@g.us",
    "group_found",
    NOW,
    NOW,
    None,
    {"name": "<!channel> & \u202eكاستنج\u2069\r\nSubject: x", "id": "1@g.us; rm -rf"},
)
OVER = Alert(
    "no_messages", "no_messages", NOW - timedelta(days=2), NOW, NOW + timedelta(hours=1), {"groups": 3, "hours": 24}
)
BOTH = writer(["ar", "en"], "https://desk.test/admin/digital-twin-status")


@pytest.fixture
async def poster() -> AsyncIterator[HttpPoster]:
    made = HttpPoster.open(private=True, timeout_s=5)
    yield made
    await made.close()


async def test_slack_gets_one_text_in_both_languages_with_what_to_type(poster: HttpPoster) -> None:
    with web_server() as slack:
        await SlackChannel(poster, slack.url + "/services/T0/B0", BOTH).send([OVER, LOST])
    [got] = slack.got
    assert got.path == "/services/T0/B0"
    text = json.loads(got.body)["text"]
    arabic, english = text.split("———")
    assert "انقطع اتصال واتساب" in arabic
    assert "WhatsApp is disconnected" in english
    assert "twin doctor" in english
    assert english.index("🔴") < english.index("🟢")  # what lasts comes before what is over
    assert text.endswith("https://desk.test/admin/digital-twin-status")


async def test_a_groups_name_calls_nobody_and_turns_no_line_round(poster: HttpPoster) -> None:
    with web_server() as slack:
        await SlackChannel(poster, slack.url, writer(["en"], None)).send([HOSTILE])
    text = json.loads(slack.got[0].body)["text"]
    assert "&lt;!channel&gt; &amp; كاستنج Subject: x" in text
    assert "\u202e" not in text
    assert text.count("\u2068") == text.count("\u2069")
    assert "twin sources activate 1@g.us??rm?-rf" in text  # one word, whatever the id holds


@pytest.mark.parametrize(
    ("answer", "error", "retry_after"),
    [
        ((429, {"retry-after": "90"}), RateLimited, 90),
        ((503, {}), Unavailable, None),
        ((404, {}), Misconfigured, None),
        ((302, {"location": "http://127.0.0.1:9/"}), Misconfigured, None),
    ],
)
async def test_what_slack_refuses_is_an_error_that_says_when_to_try_again(
    poster: HttpPoster, answer: tuple[int, dict[str, str]], error: type[Exception], retry_after: float | None
) -> None:
    with web_server([answer]) as slack, pytest.raises(error) as raised:
        await SlackChannel(poster, slack.url, BOTH).send([LOST])
    assert getattr(raised.value, "retry_after", None) == retry_after


async def test_a_webhook_that_is_not_there_is_away(poster: HttpPoster) -> None:
    with web_server() as slack:
        url = slack.url
    with pytest.raises(Unavailable):
        await SlackChannel(poster, url, BOTH).send([LOST])


def letters(port: int, **server: object) -> MailChannel:
    made = Server("127.0.0.1", port, **({"security": "none", "timeout_s": 5} | server))  # type: ignore[arg-type]
    return MailChannel(SmtpMailer(made), "Twin <twin@desk.test>", ["a@desk.test", "b@desk.test"], BOTH)


async def test_a_letter_arrives_whole_and_a_repeat_can_be_told_from_news() -> None:
    with mail_server() as server:
        await letters(server.port).send([LOST, OVER])
        await letters(server.port).send([LOST, OVER])
        await letters(server.port).send([LOST])
    first, again, other = server.letters
    assert first["Subject"] == "تيك ون · تنبيه: انقطع اتصال واتساب (+1)"
    assert first["To"] == "a@desk.test, b@desk.test"
    assert "WhatsApp is disconnected" in first.get_content()
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert server.commands.count("RCPT") == 6


async def test_a_groups_name_adds_no_header_to_a_letter() -> None:
    with mail_server() as server:
        await letters(server.port).send([HOSTILE])
    assert server.letters[0].get_all("Subject") == ["تيك ون · تنبيه: مجموعة كاستنج جديدة"]


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server shows, and what a client needs to believe it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    key, made = tmp_path / "key.pem", tmp_path / "cert.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command = [openssl, "req", *kind, "-keyout", str(key), "-out", str(made), *names]
    subprocess.run(command, check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made, key)
    return server, ssl.create_default_context(cafile=str(made))


async def test_a_letter_goes_encrypted_and_with_the_password(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    shown, believed = certificate
    with mail_server(context=shown, password="open sesame") as server:
        channel = letters(server.port, security="starttls", user="twin", password="open sesame", context=believed)
        await channel.send([LOST])
        wrong = letters(server.port, security="starttls", user="twin", password="guess", context=believed)
        with pytest.raises(Misconfigured, match="password"):
            await wrong.send([LOST])
    assert server.encrypted == [True]


async def test_a_server_that_cannot_encrypt_or_is_another_is_given_nothing(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    shown, _believed = certificate
    with mail_server(password="open sesame") as plain, pytest.raises(Misconfigured):
        await letters(plain.port, security="starttls", user="twin", password="open sesame").send([LOST])
    with (
        mail_server(context=shown, password="open sesame") as stranger,
        pytest.raises(Misconfigured, match="certificate"),
    ):
        await letters(stranger.port, security="starttls", user="twin", password="open sesame").send([LOST])
    assert "AUTH" not in plain.commands + stranger.commands


@pytest.mark.parametrize(
    ("refuse", "error"),
    [
        ({"MAIL": "451 later"}, Unavailable),
        ({"RCPT": "451 later"}, Unavailable),
        ({"RCPT": "550 nobody"}, Permanent),
        ({"DATA": "554 no"}, Permanent),
    ],
)
async def test_what_the_mail_server_refuses_says_whether_to_try_again(
    refuse: dict[str, str], error: type[Exception]
) -> None:
    with mail_server(refuse=refuse) as server, pytest.raises(error):
        await letters(server.port).send([LOST])


async def test_a_mail_server_that_is_not_there_is_away() -> None:
    with mail_server() as server:
        port = server.port
    with pytest.raises(Unavailable):
        await letters(port).send([LOST])


def test_a_password_is_never_given_without_encryption() -> None:
    with pytest.raises(Misconfigured):
        SmtpMailer(Server("127.0.0.1", 25, "none", "twin", "open sesame"))


async def test_the_admin_is_told_on_whatsapp_through_the_gateways_own_api() -> None:
    sandbox = build(SandboxSettings(token=SecretStr("t" * 20)))
    async with sandbox.router.lifespan_context(sandbox):
        http = httpx.AsyncClient(transport=httpx.ASGITransport(sandbox), base_url="http://sandbox.test")
        client = WhapiClient(Transport(http, TokenSource(SecretStr("t" * 20))))
        await WhatsAppChannel(client, "966500000001@s.whatsapp.net", writer(["en"], None)).send([LOST])
        listed = await http.get("/messages/list", headers={"authorization": f"Bearer {'t' * 20}"})
        await client.close()
    [sent] = listed.json()["messages"]
    assert sent["chat_id"] == "966500000001@s.whatsapp.net"
    assert "WhatsApp is disconnected" in sent["text"]["body"]


async def test_subscribers_to_alerts_are_owed_each_of_them_once() -> None:
    hooks = MemoryHooks()
    for id, topics in (("a", (Topic.ALERTS,)), ("b", (Topic.CALLS,)), ("c", (Topic.CALLS, Topic.ALERTS))):
        await hooks.add(Hook(id, "https://x.example", topics, (HookSecret("whsec_x"),), NOW))
    for _ in range(2):
        await HooksChannel(hooks, lambda: NOW).send([LOST, OVER])
    assert len(hooks.deliveries) == 4
    assert {one.hook_id for one in hooks.deliveries.values()} == {"a", "c"}
    bodies = [json.loads(one.body) for one in await hooks.due("a", NOW)]
    assert {body["type"] for body in bodies} == {"alert.firing", "alert.resolved"}
    firing = next(body["data"] for body in bodies if body["type"] == "alert.firing")
    assert firing["rule"] == "gateway_lost"
    assert firing["text"]["ar"]["title"] == "انقطع اتصال واتساب"


def chosen(**values: object) -> list[str]:
    settings = AlertSettings(**values)  # type: ignore[arg-type]
    server = mail_server_of(settings)
    channels = channels_of(
        settings,
        poster=HttpPoster(httpx.AsyncClient()),
        mailer=SmtpMailer(server) if server else None,
        gateway=FakeGateway() if settings.whatsapp_to else None,
        hooks=MemoryHooks(),
        clock=lambda: NOW,
        public_url=None,
    )
    return [channel.name for channel in channels]


def test_the_log_is_always_told_and_the_others_by_their_settings() -> None:
    assert chosen() == ["log", "hooks"]
    mail = {"mail_to": "a@desk.test, b@desk.test", "mail_from": "twin@desk.test", "smtp_host": "mail.test"}
    every = chosen(slack_url="https://hooks.example/x", whatsapp_to="966500000001@s.whatsapp.net", **mail)
    assert every == ["log", "slack", "mail", "whatsapp", "hooks"]


def test_letters_without_a_server_or_a_sender_are_a_mistake_in_the_settings() -> None:
    with pytest.raises(Misconfigured, match="SMTP_HOST"):
        chosen(mail_to="a@desk.test", mail_from="twin@desk.test")
    with pytest.raises(Misconfigured, match="SLACK_URL"):
        chosen(slack_url="hooks.example")


def test_very_many_alerts_are_counted_instead_of_told_in_full() -> None:
    many = [
        Alert(f"group_found:{n}@g.us", "group_found", NOW, NOW, None, {"name": f"g{n}", "id": f"{n}"})
        for n in range(40)
    ]
    text = writer(["en"], None)(many).text
    assert "and 30 more" in text
    assert len(text) < 4000
