"""`twin alert` and `twin hooks` as they are typed."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.operator import cli
from shared.settings import MongoSettings
from shared.storage.alerts import Alert, ChannelState
from shared.storage.mongo.alerts import MongoAlerts
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.hooks import MongoHooks
from shared.webhooks import standard
from tests.services.publisher.mailroom import mail_server, web_server

NOW = datetime.now(UTC).replace(microsecond=0)


class Typed:
    """What a command said, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def twin(
    mongo_settings: MongoSettings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> Any:
    monkeypatch.setenv("MONGO_URL", mongo_settings.url.get_secret_value())
    monkeypatch.setenv("MONGO_DATABASE", mongo_settings.database)
    monkeypatch.setenv("TWIN_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Typed:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main(list(words))
        said = capsys.readouterr()
        code = ended.value.code
        return Typed(code if isinstance(code, int) else 0, said.out, said.err)

    async def typed(*words: str) -> Typed:
        return await asyncio.to_thread(run, *words)

    return typed


async def test_a_test_goes_through_each_channel_and_says_which_failed(
    twin: Any, mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web_server([(204, {}), (404, {})]) as slack, mail_server() as mail:
        monkeypatch.setenv("PUBLISHER_ALERT_SLACK_URL", slack.url)
        for name, value in (("MAIL_TO", "a@desk.test"), ("MAIL_FROM", "twin@desk.test"), ("SMTP_HOST", "127.0.0.1")):
            monkeypatch.setenv(f"PUBLISHER_ALERT_{name}", value)
        monkeypatch.setenv("PUBLISHER_ALERT_SMTP_PORT", str(mail.port))
        monkeypatch.setenv("PUBLISHER_ALERT_SMTP_SECURITY", "none")
        good = await twin("alert", "test", "--json")
        assert (good.code, [one["name"] for one in good.json["channels"]]) == (0, ["log", "slack", "mail", "hooks"])
        bad = await twin("alert", "test", "--channel", "slack")
    assert bad.code == 1
    assert "FAIL  slack" in bad.out
    assert "404" in bad.out
    assert "Nothing is wrong" in json.loads(slack.got[0].body)["text"]
    assert len(mail.letters) == 1


async def test_a_test_of_a_channel_that_is_not_set_is_wrong_use(twin: Any, mongo: Mongo) -> None:
    assert (await twin("alert", "test", "--channel", "slack")).code == 2
    assert "PUBLISHER_ALERT_SLACK_URL" in (await twin("alert", "test")).out


async def test_what_fires_is_listed_and_can_be_kept_quiet(twin: Any, mongo: Mongo) -> None:
    alerts = MongoAlerts(mongo)
    assert "nothing is wrong" in (await twin("alert", "list")).out
    await alerts.fire(Alert("gateway_lost", "gateway_lost", NOW, NOW, None, {"state": "QR", "advice": ""}, ("slack",)))
    await alerts.note_channel(ChannelState("slack", failed_at=NOW, error="answers 500", failures=2, next_at=NOW))
    listed = await twin("alert", "list")
    assert "WhatsApp is disconnected" in listed.out
    assert "channel slack: fails (2): answers 500" in listed.out
    assert (await twin("alert", "silence", "gateway_lost", "--hours", "2")).code == 0
    [silence] = await alerts.silences()
    assert timedelta(hours=1.9) < silence.until - datetime.now(UTC) <= timedelta(hours=2)
    assert (await twin("alert", "list", "--json")).json["silences"][0]["name"] == "gateway_lost"
    assert (await twin("alert", "unsilence", "gateway_lost")).code == 0
    assert (await twin("alert", "unsilence", "gateway_lost")).code == 1
    assert (await twin("alert", "silence", "gateway_los")).code == 2


async def test_a_subscriber_is_added_tried_given_a_new_secret_and_removed(
    twin: Any, mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await twin("hooks", "add", "http://127.0.0.1:9/in")).code == 1  # our own network
    monkeypatch.setenv("PUBLISHER_HOOKS_ALLOW_PRIVATE", "true")
    with web_server([(204, {}), (204, {}), (500, {})]) as subscriber:
        added = await twin("hooks", "add", subscriber.url + "/in?key=secret", "--topic", "alerts", "--json")
        id, secret = added.json["id"], added.json["secret"]
        assert (await twin("hooks", "test", id)).code == 0
        listed = await twin("hooks", "list")
        assert id in listed.out
        assert "key=secret" not in listed.out
        assert secret not in (await twin("hooks", "list", "--json")).out
        new = (await twin("hooks", "rotate", id, "--json")).json["secret"]
        assert (await twin("hooks", "test", id)).code == 0
        assert (await twin("hooks", "test", id)).code == 1
    first, second, _ = subscriber.got
    now = datetime.now(UTC)
    assert standard.is_genuine(secret, first.headers, first.body, now)
    assert standard.is_genuine(secret, second.headers, second.body, now)
    assert standard.is_genuine(new, second.headers, second.body, now)
    assert (await twin("hooks", "enable", id)).code == 0
    assert (await twin("hooks", "remove", id)).code == 0
    for command in ("remove", "enable", "rotate", "test"):
        gone = await twin("hooks", command, id)
        assert (gone.code, "no subscriber" in gone.err) == (1, True)


async def test_one_address_is_sent_a_topic_once(twin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISHER_HOOKS_ALLOW_PRIVATE", "true")
    added = (await twin("hooks", "add", "http://127.0.0.1:9/in", "--json")).json
    again = await twin("hooks", "add", "http://127.0.0.1:9/in", "--topic", "calls", "--topic", "alerts")
    assert (again.code, added["id"] in again.err) == (1, True)
    assert (await twin("hooks", "add", "http://127.0.0.1:9/in", "--topic", "alerts")).code == 0
    assert (await twin("hooks", "list", "--json")).out.count("127.0.0.1:9/in") == 2


async def test_a_secret_signs_for_its_day_however_often_a_new_one_is_made(
    twin: Any, mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLISHER_HOOKS_ALLOW_PRIVATE", "true")
    with web_server([(204, {})]) as subscriber:
        added = (await twin("hooks", "add", subscriber.url + "/in", "--json")).json
        made = [added["secret"]]
        for _ in range(3):
            made.append((await twin("hooks", "rotate", added["id"], "--json")).json["secret"])
        assert (await twin("hooks", "test", added["id"])).code == 0
    [sent] = subscriber.got
    now = datetime.now(UTC)
    assert [standard.is_genuine(secret, sent.headers, sent.body, now) for secret in made] == [True] * 4
    hook = await MongoHooks(mongo).get(added["id"])
    assert hook is not None
    assert hook.signing(now + timedelta(days=1, minutes=1)) == made[-1:]
