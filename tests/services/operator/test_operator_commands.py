"""The `twin` command as programs use it: a process, its exit code, one JSON document."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nats.js import JetStreamContext

from services.operator.embedded import free_port, start_server
from services.operator.webhook import without_secret
from shared.contracts.calls import CastingCall
from shared.contracts.ids import call_id
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import Engine, Verdict
from shared.settings import NatsSettings
from shared.storage.calls import Call
from shared.storage.ledger import Entry, State
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.ledger import MongoLedger
from tests.services.operator.typed import Twin

ROOT = Path(__file__).parents[3]
GROUP = "120363401234567890@g.us"
NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)


@pytest.fixture
def lonely(tmp_path: Path) -> Twin:
    """A command that finds no server."""
    nowhere = {
        "NATS_URL": f"nats://127.0.0.1:{free_port()}",
        "MONGO_URL": f"mongodb://127.0.0.1:{free_port()}/?directConnection=true",
        "MONGO_TIMEOUT_S": "0.5",
        "WHAPI_URL": f"http://127.0.0.1:{free_port()}",
    }
    return Twin(tmp_path, nowhere)


@pytest.mark.parametrize(
    "arguments",
    [
        ("sources", "list", "--json"),
        ("trace", "M1", "--json"),
        ("provision", "--json"),
        ("users", "list", "--json"),
        ("account", "--json"),
        ("dead", "list"),
        ("dead", "replay", "--all", "--yes"),
        ("replay", "--from", "raw", "--since", "1h", "--json"),
        ("backup", "new.tar"),
        ("export", "0500000001", "--json"),
        ("forget", "0500000001", "--dry-run"),
    ],
    ids=" ".join,
)
async def test_a_server_that_is_away_is_one_sentence_and_exit_code_1(lonely: Twin, arguments: tuple[str, ...]) -> None:
    answer = await lonely(*arguments)
    assert answer.code == 1
    assert answer.out == ""
    (line,) = answer.err.splitlines()
    assert line.startswith("twin: ")
    assert "_URL" in line
    assert list(lonely.folder.iterdir()) == []


@pytest.fixture
def bare_broker(tmp_path: Path) -> Iterator[str]:
    """The address of a broker that answers, and keeps no streams."""
    (tmp_path / "bare").mkdir()
    port = free_port()
    server = start_server("bare", ["nats-server", "-a", "127.0.0.1", "-p", str(port)], port, tmp_path / "bare")
    yield f"nats://127.0.0.1:{port}"
    server.stop()


@pytest.mark.parametrize(
    "typed",
    [
        "account",
        "backup new.tar",
        "export 0500000001",
        "forget 0500000001 --dry-run",
        "replay --from raw --since 1h",
    ],
)
async def test_a_broker_that_fails_in_the_middle_is_one_sentence_that_names_the_broker(
    twin: Twin, bare_broker: str, typed: str
) -> None:
    answer = await twin(*typed.split(), NATS_URL=bare_broker)
    assert (answer.code, answer.out) == (1, "")
    (line,) = answer.err.splitlines()
    assert line.startswith("twin: ")
    assert "NATS_URL" in line
    assert "MONGO_URL" not in line
    assert not (twin.folder / "new.tar").exists()


async def test_the_life_of_a_message_is_told_without_streams_as_well(twin: Twin, bare_broker: str) -> None:
    answer = await twin("trace", "nobody", NATS_URL=bare_broker)
    assert answer.code == 1
    assert "the broker does not answer" in answer.out
    assert answer.err == "twin: nothing is known of nobody\n"


async def test_wrong_settings_are_exit_code_2_and_name_the_setting(lonely: Twin) -> None:
    answer = await lonely("sources", "list", MONGO_TIMEOUT_S="soon")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("twin: MONGO_TIMEOUT_S: ")


async def test_an_unreadable_address_is_wrong_settings(lonely: Twin) -> None:
    answer = await lonely("sources", "list", MONGO_URL="http://127.0.0.1")
    assert answer.code == 2
    assert answer.err.startswith("twin: MONGO_URL: ")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("trace", "Missing argument"),
        ("sources add nobody", "nobody"),
        ("nonsense", "nonsense"),
        ("dead list --nonsense", "--nonsense"),
        ("dead list --limit many", "--limit"),
        ("dead list --limit 0", "--limit"),
        ("dead list --stage nowhere", "receiver, poller, filter, extractor, publisher"),
        ("dead list --since 2026-13-45", "2026-11-01"),
        ("dead show", "Missing argument"),
        ("dead replay", "--all"),
        ("dead replay --all --rate 0", "--rate"),
        ("dead drop --since 1h --until 2h", "ends before it begins"),
        ("dead list --since 2099-01-01", "lies ahead"),
        ("replay --since 1h", "--from"),
        ("replay --from nowhere --since 1h", "candidates"),
        ("replay --from raw", "--since"),
        ("replay --from raw --since 1h --until 2h", "ends before it begins"),
        ("replay --from raw --since 1h --rate fast", "--rate"),
        ("account --since yesterday", "2026-11-01"),
        ("account --since 2099-01-01", "lies ahead"),
        ("account --grace many", "--grace"),
        ("account all", "all"),
        ("forget", "Missing argument"),
        ("forget everybody", "phone number"),
        ("forget 050000 --yes", "phone number"),
        ("forget 0500000001 --yes --wait soon", "--wait"),
        ("forget 0500000001 --yes", "RETENTION_KEY"),
        ("export", "Missing argument"),
        ("export nobody", "phone number"),
        ("export 0500000001 -o missing/person.json", "a folder that is there"),
        ("export 0500000001 -o .", "a folder that is there"),
        ("backup", "Missing argument"),
        ("restore", "Missing argument"),
        ("restore a.tar --sure", "--sure"),
        ("broker-users --reader publisher", "publisher"),
        ("broker-users all", "all"),
    ],
)
async def test_wrong_use_is_exit_code_2_and_names_what_is_wrong(lonely: Twin, typed: str, told: str) -> None:
    answer = await lonely(*typed.split())
    assert (answer.code, answer.out) == (2, "")
    assert told in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    "typed",
    [
        "backup there.tar",
        "backup folder",
        "backup there.tar/below.tar",
        "backup missing.tar --check",
        "backup there.tar --check",
        "backup folder --check",
        "restore missing.tar",
        "restore there.tar --yes",
        "restore folder",
    ],
)
async def test_what_is_no_back_up_or_no_place_for_one_is_named_in_one_sentence(lonely: Twin, typed: str) -> None:
    (lonely.folder / "there.tar").write_text("no back-up")
    (lonely.folder / "folder").mkdir()
    answer = await lonely(*typed.split())
    assert (answer.code, answer.out) == (1, "")
    (line,) = answer.err.splitlines()
    assert line.startswith(f"twin: {typed.split()[1]} ")
    assert (lonely.folder / "there.tar").read_text() == "no back-up"


async def test_messages_needs_a_token_and_says_where_to_set_it(lonely: Twin) -> None:
    answer = await lonely("messages", GROUP, "--json")
    assert answer.code == 2
    assert "WHAPI_TOKEN" in answer.err


async def test_the_doctor_names_each_thing_that_is_away_and_what_to_do(lonely: Twin) -> None:
    answer = await lonely("doctor", "--json")
    assert answer.code == 1
    assert answer.json["ok"] is False
    failing = {finding["what"] for finding in answer.json["findings"] if not finding["ok"]}
    assert failing == {"broker", "database", "gateway"}
    assert all(finding["todo"] for finding in answer.json["findings"] if not finding["ok"])


async def test_the_doctor_sees_what_is_well(twin: Twin) -> None:
    found = {finding["what"]: finding for finding in (await twin("doctor", "--json")).json["findings"]}
    assert found["broker"]["ok"]
    assert found["streams"]["ok"]
    assert found["database"]["ok"]
    assert found["model"]["detail"] == "no key: the offline engine reads"


async def test_the_doctor_says_that_streams_are_missing(nats_settings: NatsSettings, lonely: Twin) -> None:
    answer = await lonely("doctor", "--json", NATS_URL=nats_settings.url)
    found = {finding["what"]: finding for finding in answer.json["findings"]}
    assert not found["streams"]["ok"]
    assert found["streams"]["todo"] == "twin provision"


async def test_provision_makes_everything_and_again_changes_nothing(twin: Twin) -> None:
    first, second = await twin("provision", "--json"), await twin("provision", "--json")
    assert first.code == second.code == 0
    assert first.json == second.json
    assert any(line.startswith("stream RAW") for line in first.json["provisioned"])


async def test_a_source_is_added_listed_and_switched(twin: Twin) -> None:
    added = await twin("sources", "add", GROUP, "--name", "كاستنج الرياض", "--json")
    assert added.json == {"id": GROUP, "added": True}
    assert (await twin("sources", "add", GROUP, "--json")).json["added"] is False
    assert (await twin("sources", "deactivate", GROUP)).code == 0
    (listed,) = (await twin("sources", "list", "--json")).json
    assert (listed["name"], listed["status"]) == ("كاستنج الرياض", "inactive")
    assert (await twin("sources", "list", "--status", "active", "--json")).json == []
    unknown = await twin("sources", "activate", "1@g.us", "--json")
    assert unknown.code == 1
    assert unknown.json["unknown"] == ["1@g.us"]


async def test_an_admin_who_is_given_a_new_password_stays_one(twin: Twin) -> None:
    assert (await twin("users", "add", "boss", "--role", "admin", "--generate", "--json")).json["role"] == "admin"
    assert (await twin("users", "add", "boss", "--generate", "--json")).json["role"] == "admin"
    assert (await twin("users", "add", "boss", "--role", "reviewer", "--generate", "--json")).json["role"] == "reviewer"
    assert (await twin("users", "add", "sara", "--generate", "--json")).json["role"] == "reviewer"


async def test_a_group_that_is_known_and_not_listened_to_is_said_to_be_so(twin: Twin) -> None:
    await twin("sources", "add", GROUP, "--status", "inactive")
    answer = await twin("sources", "add", GROUP)
    assert answer.code == 0
    assert answer.out == f"{GROUP} is known already, as inactive: `twin sources activate {GROUP}` listens to it\n"
    await twin("sources", "activate", GROUP)
    assert (await twin("sources", "add", GROUP)).out == f"{GROUP} is known already, as active\n"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://host/webhooks/whapi", "https://host/webhooks/whapi"),
        ("https://host/webhooks/whapi/key", "https://host/webhooks/whapi/…"),
        ("https://host/behind/proxy", "https://host/behind/proxy"),
        ("https://host/in?key=secret", "https://host/in?…"),
    ],
)
def test_the_registered_address_is_shown_as_it_is_without_its_secret(address: str, shown: str) -> None:
    assert without_secret(address) == shown


async def test_a_user_is_added_listed_and_shut_out(twin: Twin) -> None:
    added = await twin("users", "add", "Noura", "--role", "admin", "--generate", "--json")
    assert added.json["role"] == "admin"
    assert len(added.json["password"]) >= 12
    assert (await twin("users", "add", "sami", stdin="short\n")).code == 1
    assert (await twin("users", "add", "sami", stdin="long enough a word\n")).code == 0
    assert [item["name"] for item in (await twin("users", "list", "--json")).json] == ["noura", "sami"]
    assert (await twin("users", "disable", "sami")).code == 0
    assert (await twin("users", "disable", "nobody")).code == 1


@pytest.fixture
async def message(mongo: Mongo) -> RawMessage:
    """A message that became a call, with a copy in another group."""
    message = RawMessage(event_id="post:M-1", message_id="M-1", group=Group(id=GROUP), sent_at=NOW, text="مطلوب ممثل")
    entry = Entry("M-1", "RAW:7", State.CALL, GROUP, NOW, NOW, "webhook", rule="features", text=message.text)
    entry.stages = {"extractor": {"engine": "offline"}}
    copy = Entry("M-2", "RAW:8", State.DUPLICATE, "2-2@g.us", NOW, NOW, "poll", rule="copy", duplicate_of="M-1")
    await MongoLedger(mongo).record([entry, copy])
    fields = CastingCall(title="Lead role")
    call = Call(
        id=call_id("M-1"),
        fields=fields,
        original=fields,
        message=message,
        verdict=Verdict(passed=True, rule="features"),
        engine=Engine(name="offline"),
        queued_at=NOW,
        updated_at=NOW,
    )
    assert await MongoCalls(mongo).insert(call)
    return message


async def test_trace_finds_one_life_by_message_call_and_reference(twin: Twin, message: RawMessage) -> None:
    for id in ("M-1", call_id("M-1"), message.reference):
        answer = await twin("trace", id, "--json")
        assert answer.code == 0, answer.err
        life = answer.json
        assert (life["id"], life["ledger"]["state"], life["call"]["status"]) == ("M-1", "call", "pending")
        assert [copy["id"] for copy in life["copies"]] == ["M-2"]
        assert life["streams"]["position"] == "RAW:7"
        waiting = {
            (lag["stream"], lag["durable"]): (lag["pending"], lag["unacked"]) for lag in life["streams"]["consumers"]
        }
        assert waiting["RAW", "filter"] == (0, 0)


async def test_account_sums_up_and_finds_nothing_missing(twin: Twin, message: RawMessage) -> None:
    answer = await twin("account", "--json")
    assert answer.code == 0, answer.out
    assert (answer.json["ledger"]["call"], answer.json["ledger"]["duplicate"]) == (1, 1)
    assert answer.json["calls"]["pending"] == 1
    assert (answer.json["unaccounted"], answer.json["missing"]) == (0, [])


async def test_account_names_a_call_that_the_desk_lacks(twin: Twin, mongo: Mongo, message: RawMessage) -> None:
    lost = Entry("M-9", "RAW:9", State.CALL, GROUP, NOW, NOW, "webhook", rule="features", text="x")
    await MongoLedger(mongo).record([lost])
    answer = await twin("account", "--json")
    assert answer.code == 1
    assert answer.json["unaccounted"] == 1
    assert [(one["id"], one["what"]) for one in answer.json["missing"]] == [("M-9", "no_call")]
    told = await twin("account")
    assert told.code == 1
    assert "M-9" in told.out
    assert "UNACCOUNTED: 1" in told.out


async def test_account_takes_a_window_and_a_grace_time(twin: Twin, js: JetStreamContext, message: RawMessage) -> None:
    lost = message.model_copy(update={"message_id": "M-lost", "event_id": "post:M-lost"})
    await js.publish("raw.messages", lost.model_dump_json().encode(), stream="RAW")
    subscription = await js.pull_subscribe_bind("filter", "RAW")
    (raw,) = await subscription.fetch(1, timeout=5)
    await raw.ack_sync()

    young = await twin("account", "--json")
    assert (young.code, young.json["under_way"], young.json["messages"]) == (0, 1, {"under_way": 1})
    old = await twin("account", "--since", "1h", "--grace", "0s", "--json")
    assert (old.code, [one["id"] for one in old.json["missing"]]) == (1, ["M-lost"])
    assert old.json["messages"] == {"unaccounted": 1}
    for wrong in (("--since", "yesterday"), ("--grace", "2026-11-01"), ("--grace", "soon")):
        refused = await twin("account", *wrong)
        assert refused.code == 2
        assert wrong[1] in refused.err


async def test_trace_in_plain_words(twin: Twin, message: RawMessage) -> None:
    answer = await twin("trace", "M-1")
    for words in ("message M-1", "state      call", "RAW:7", "extractor  engine=offline", "pending, version 1", "M-2"):
        assert words in answer.out


async def test_trace_of_something_unknown_is_exit_code_1(twin: Twin) -> None:
    answer = await twin("trace", "M-404", "--json")
    assert answer.code == 1
    assert answer.json["known"] is False
    assert "nothing is known of M-404" in answer.err


async def test_print_env_of_a_stack_that_does_not_run_is_its_plan(lonely: Twin) -> None:
    bare = Twin(lonely.folder, {})
    first, second = await bare("up", "--demo", "--print-env"), await bare("up", "--demo", "--print-env")
    assert first.code == 0, first.err
    assert first.out == second.out
    told = dict(line.split("=", 1) for line in first.out.splitlines())
    assert told["NATS_URL"].startswith("nats://127.0.0.1:")
    assert told["MONGO_DATABASE"] == "takeone_demo"
    assert told["DESK_URL"] == "http://127.0.0.1:8080/review"
    assert told["RECEIVER_URL"] == "http://127.0.0.1:8081"


async def test_a_taken_port_is_named_with_its_setting(lonely: Twin) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    answer = await Twin(lonely.folder, {})("up", "--demo", PUBLISHER_PORT=str(port))
    server.close()
    assert answer.code == 2
    assert f"port {port} of 127.0.0.1 is taken" in answer.err
    assert "PUBLISHER_PORT" in answer.err


async def test_docs_check_tells_a_program_what_is_stale(lonely: Twin) -> None:
    answer = await lonely("docs", "--check", "--json")
    assert answer.code == (1 if answer.json["stale"] else 0)


def test_the_console_script_is_a_process_with_one_document_and_an_exit_code(tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "services.operator.cli", "doctor", "--json"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "NATS_URL": "nope", "MONGO_TIMEOUT_S": "0.2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1, process.stderr
    assert json.loads(process.stdout)["ok"] is False
