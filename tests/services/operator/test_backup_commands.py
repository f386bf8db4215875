"""`twin backup` and `twin restore` against a real broker and database: what they refuse, and what they leave behind."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import json
import signal
import stat
import subprocess
import sys
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nats.js import JetStreamContext
from typer.testing import CliRunner

from services.operator.archive import MANIFEST, SUMS, Archive, Manifest, Writer
from services.operator.backup import made
from services.operator.cli import app
from services.operator.forget import forgotten
from services.operator.restore import restored
from shared.arabic.mentions import person_of
from shared.broker import snapshots
from shared.contracts.pipeline import DeadLetter
from shared.errors import Misconfigured, Permanent
from shared.settings import NatsSettings
from shared.storage.mongo import restored_calls, schema
from shared.storage.mongo.audit import MongoAudit
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.dead_letters import MongoDeadLetters
from shared.storage.mongo.erasures import MongoErasures
from shared.storage.mongo.heartbeats import MongoHeartbeats
from shared.storage.mongo.leases import MongoLeases

NOW = datetime.now(UTC)
AHEAD = restored_calls.AHEAD
RAW = (Path(__file__).parents[2] / "fixtures" / "contracts" / "raw_message" / "v1__first.json").read_bytes()


@pytest.fixture(autouse=True)
def settings(servers_in_environment: None, nats_settings: NatsSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands' settings are this test's servers."""
    monkeypatch.setenv("NATS_MAX_BYTES", str(nats_settings.max_bytes))
    monkeypatch.setenv("MONGO_TIMEOUT_S", "20")


@pytest.fixture
async def full(js: JetStreamContext, mongo: Mongo) -> Mongo:
    """A broker and a database with something in them."""
    for number in range(3):
        await js.publish("raw.messages", b"{}", headers={"Nats-Msg-Id": str(number)})
    await mongo.collection("texts").insert_many(
        [{"_id": f"t{number}", "at": NOW, "n": {"a.b": 1}} for number in range(1200)]
    )
    await mongo.collection("calls").insert_one({"_id": "c1", "revision": 2, "sent_revision": 2, "unsent": False})
    return mongo


async def test_everything_comes_back_and_what_was_there_instead_is_gone(
    full: Mongo, js: JetStreamContext, tmp_path: Path
) -> None:
    before = await full.collection("texts").find({}).sort("_id").to_list(None)
    await made(tmp_path / "b")
    await full.collection("texts").delete_many({"_id": {"$gt": "t2"}})
    await full.collection("notices").insert_one({"_id": "later"})
    await js.publish("raw.messages", b"later")
    done = await restored(tmp_path / "b", replace=True)
    assert "collection texts: 1200 documents" in done
    assert await full.collection("texts").find({}).sort("_id").to_list(None) == before
    assert await full.collection("notices").count_documents({}) == 0
    assert (await js.stream_info("RAW")).state.last_seq == 3
    await schema.require(full)


async def test_a_call_s_next_revision_is_above_any_that_its_consumers_have_seen(full: Mongo, tmp_path: Path) -> None:
    owing = {"_id": "c2", "revision": 3, "sent_revision": 2, "unsent": True}
    await full.collection("calls").insert_one(owing)
    await made(tmp_path / "b")
    await restored(tmp_path / "b", replace=True)
    found = {call["_id"]: call async for call in full.collection("calls").find({})}
    assert found["c1"] == {"_id": "c1", "revision": 2 + AHEAD, "sent_revision": 2 + AHEAD, "unsent": False}
    assert found["c2"] == owing | {"revision": 3 + AHEAD}


async def test_what_went_out_after_approved_was_copied_is_sent_again(full: Mongo) -> None:
    assert await restored_calls.owe_again(full, {"c1": 2, "unknown": 1}) == 1
    assert await full.collection("calls").find_one({"_id": "c1"}) == {
        "_id": "c1",
        "revision": 2,
        "sent_revision": 1,
        "unsent": True,
    }
    assert await restored_calls.owe_again(full, {"c1": 3}) == 0


async def test_signs_of_life_and_leases_of_the_old_processes_do_not_come_back(full: Mongo, tmp_path: Path) -> None:
    await MongoHeartbeats(full).beat("filter", "old:1", datetime(2026, 1, 1, tzinfo=UTC), {})
    await MongoLeases(full).acquire("totals", "old:1", now=NOW, ttl=timedelta(hours=1))
    await made(tmp_path / "b")
    await restored(tmp_path / "b", replace=True)
    assert await MongoHeartbeats(full).all() == []
    assert await MongoLeases(full).acquire("totals", "new:1", now=NOW, ttl=timedelta(hours=1))


async def test_data_that_nobody_gave_up_is_not_replaced(full: Mongo, tmp_path: Path) -> None:
    await made(tmp_path / "b")
    with pytest.raises(Permanent, match=r"stream RAW.*collection texts.*--yes"):
        await restored(tmp_path / "b", replace=False)
    assert await full.collection("texts").count_documents({}) == 1200


async def test_nothing_is_replaced_while_services_run(full: Mongo, tmp_path: Path) -> None:
    await made(tmp_path / "b")
    await MongoHeartbeats(full).beat("filter", "here:1", datetime.now(UTC), {})
    with pytest.raises(Permanent, match="filter ran less than a minute ago"):
        await restored(tmp_path / "b", replace=True)
    assert await full.collection("texts").count_documents({}) == 1200


async def test_a_restore_that_broke_off_is_begun_again_by_the_same_command(
    full: Mongo, js: JetStreamContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(tmp_path / "b")

    async def breaks(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(snapshots, "give", breaks)
        with pytest.raises(ConnectionError):
            await restored(tmp_path / "b", replace=True)
    with pytest.raises(Misconfigured, match="twin restore"):
        await schema.require(full)
    with pytest.raises(Misconfigured, match="end the restore first"):
        await made(tmp_path / "half")
    assert not (tmp_path / "half").exists()
    await restored(tmp_path / "b", replace=False)
    await schema.require(full)
    assert (await js.stream_info("RAW")).state.last_seq == 3


async def test_a_damaged_or_newer_backup_touches_nothing(full: Mongo, tmp_path: Path) -> None:
    for name in ("damaged", "newer"):
        await made(tmp_path / name)
    texts = tmp_path / "damaged" / "database" / "texts.bson.gz"
    data = bytearray(texts.read_bytes())
    data[len(data) // 2] ^= 1
    texts.write_bytes(data)
    with pytest.raises(Permanent, match=r"texts.bson.gz is not what was written"):
        await restored(tmp_path / "damaged", replace=True)
    rewrite(tmp_path / "newer", schema_version=99)
    with pytest.raises(Permanent, match="made by a newer release"):
        await restored(tmp_path / "newer", replace=True)
    assert await full.collection("texts").count_documents({}) == 1200
    assert await schema.mark_of(full) is not None
    await schema.require(full)


async def test_an_older_backup_is_brought_to_today_s_form(full: Mongo, tmp_path: Path) -> None:
    await made(tmp_path / "b")
    rewrite(tmp_path / "b", schema_version=0)
    done = await restored(tmp_path / "b", replace=True)
    assert [line for line in done if line.startswith("migration 1:")]
    await schema.require(full)


async def test_who_was_forgotten_after_the_backup_is_forgotten_again(
    mongo: Mongo, js: JetStreamContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await js.publish("raw.messages", RAW, headers={"Nats-Msg-Id": "post:msg-1"})
    await made(tmp_path / "b")
    key = "a-key-that-is-only-for-this-test-and-long"
    monkeypatch.setenv("RETENTION_KEY", key)
    person = person_of("0500000099")
    assert person is not None
    await forgotten(person, key=key, wait_s=0)
    monkeypatch.delenv("RETENTION_KEY")
    with pytest.raises(Misconfigured, match="RETENTION_KEY"):
        await restored(tmp_path / "b", replace=True)
    monkeypatch.setenv("RETENTION_KEY", key)
    done = await restored(tmp_path / "b", replace=True)
    assert "1 persons in the back-up were forgotten since and are forgotten again" in done
    bodies = [event.data for event in await snapshots.events_after(js, "RAW", 0)]
    assert not [body for body in bodies if b"966500000099" in body]
    assert "post:msg-1" in await MongoErasures(mongo).all()


async def test_who_was_forgotten_stays_so_through_a_restore_of_before_their_time(
    mongo: Mongo, js: JetStreamContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wrong back-up is restored first, one that is too old to hold them; then the right one, which does."""
    key = "a-key-that-is-only-for-this-test-and-long"
    monkeypatch.setenv("RETENTION_KEY", key)
    await made(tmp_path / "too-old")
    await js.publish("raw.messages", RAW, headers={"Nats-Msg-Id": "post:msg-1"})
    await made(tmp_path / "right")
    person = person_of("0500000099")
    assert person is not None
    name, _ = await forgotten(person, key=key, wait_s=0)
    for path in ("too-old", "right"):
        await restored(tmp_path / path, replace=True)
        assert name in {deed.subject for deed in await MongoAudit(mongo).recent("person")}, "the audit keeps it"
    bodies = [event.data for event in await snapshots.events_after(js, "RAW", 0)]
    assert not [body for body in bodies if b"966500000099" in body]


async def test_a_restore_with_another_key_says_whom_it_could_not_look_for(
    mongo: Mongo, js: JetStreamContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "a-key-that-is-only-for-this-test-and-long"
    await js.publish("raw.messages", RAW, headers={"Nats-Msg-Id": "post:msg-1"})
    await made(tmp_path / "b")
    person = person_of("0500000099")
    assert person is not None
    await forgotten(person, key=key, wait_s=0)
    told = []
    for one in ("another-key-that-is-as-long-as-the-first", key):
        monkeypatch.setenv("RETENTION_KEY", one)
        told.append([line for line in await restored(tmp_path / "b", replace=True) if "persons" in line])
    assert told[0][0].startswith("0 persons")
    assert told[0][1].startswith("1 persons were forgotten under another RETENTION_KEY")
    assert told[1] == ["1 persons in the back-up were forgotten since and are forgotten again"]


_LID = "123456789012345@lid"


@pytest.mark.parametrize(
    ("given", "failed", "left"),
    [
        ("0500000099", {"id": "m", "from": "٠٥٠٠٠٠٠٠٩٩", "text": "words of theirs"}, {"id": "m"}),
        (_LID, {"id": "m", "from": _LID, "text": "words of theirs"}, {"id": "m"}),
        (_LID, {"id": "m", "text": f"ask @{_LID[:15]} or others"}, {"id": "m", "text": f"ask {'█' * 16} or others"}),
        (_LID, {"id": "m", "reactions": {_LID: "👍"}}, {"id": "m", "reactions": {"█" * 19: "👍"}}),
    ],
)
async def test_who_stands_in_a_dead_letter_alone_is_forgotten_again_as_well(
    given: str,
    failed: dict[str, object],
    left: dict[str, object],
    mongo: Mongo,
    js: JetStreamContext,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = "a-key-that-is-only-for-this-test-and-long"
    monkeypatch.setenv("RETENTION_KEY", key)
    payload = json.dumps(failed)
    letter = DeadLetter(event_id="l", stage="receiver", reason="x", subject="raw", payload=payload, failed_at=NOW)
    await MongoDeadLetters(mongo).add(letter)
    await made(tmp_path / "b")
    person = person_of(given)
    assert person is not None
    await forgotten(person, key=key, wait_s=0)
    await restored(tmp_path / "b", replace=True)
    found = await MongoDeadLetters(mongo).get("l")
    assert found is not None
    assert json.loads(found.payload) == left


async def test_a_failed_backup_leaves_nothing(full: Mongo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(snapshots, "take", breaks)
    with pytest.raises(ConnectionError):
        await made(tmp_path / "b.tar")
    assert list(tmp_path.iterdir()) == []


_STANDS_STILL = """
import asyncio, signal, sys
from services.operator import backup, cli

# Whoever runs the tests may have these ignored (nohup, a background job): a child inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)

async def write(writer, *_):
    with writer.file("half") as add:
        add(b"words")
        print("begun", flush=True)
        await asyncio.sleep(60)

backup.write = write
cli.main(["backup", sys.argv[1]])
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_back_up_that_is_told_to_stop_leaves_nothing(
    full: Mongo, tmp_path: Path, number: signal.Signals
) -> None:
    """Ctrl-C, `docker stop` or a timer's end, a terminal that was closed."""
    command = [sys.executable, "-c", _STANDS_STILL, str(tmp_path / "b.tar")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert await asyncio.to_thread(process.stdout.readline) == "begun\n"
        assert len(list(tmp_path.iterdir())) == 1
        process.send_signal(number)
        assert await asyncio.to_thread(process.wait, 20) == (130 if number is signal.SIGINT else 128 + number)
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    assert list(tmp_path.iterdir()) == []


async def test_a_disk_that_is_full_is_said_to_be(full: Mongo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(snapshots, "take", breaks)
    with pytest.raises(Permanent, match=r"b\.tar cannot be written: No space left"):
        await made(tmp_path / "b.tar")
    assert list(tmp_path.iterdir()) == []


def test_the_check_tells_sound_from_damaged(tmp_path: Path) -> None:
    path = written(tmp_path / "b")
    assert "sound" in CliRunner().invoke(app, ["backup", str(path), "--check"]).output
    (path / "database" / "texts.bson.gz").unlink()
    result = CliRunner().invoke(app, ["backup", str(path), "--check", "--json"])
    assert result.exit_code == 1
    assert json.loads(result.output)["problems"] == [f"{path} lacks database/texts.bson.gz"]


@pytest.mark.parametrize("name", ["b", "b.tar"])
def test_an_archive_is_for_its_owner_alone_and_reads_as_it_was_written(name: str, tmp_path: Path) -> None:
    path = written(tmp_path / name)
    files = [path, *path.rglob("*")] if path.is_dir() else [path]
    assert [file for file in files if stat.S_IMODE(file.stat().st_mode) & 0o077] == []
    archive = Archive(path)
    assert archive.problems() == []
    [part] = archive.manifest.collections
    assert [len(document) for document in archive.documents(part)] == [6, 5]
    archive.close()
    with pytest.raises(Permanent, match="there already"):
        Writer(path)


def test_a_file_without_a_checksum_is_a_problem(tmp_path: Path) -> None:
    path = written(tmp_path / "b")
    lines = (path / SUMS).read_text().splitlines(keepends=True)
    (path / SUMS).write_text("".join(line for line in lines if "texts" not in line))
    assert Archive(path).problems() == ["database/texts.bson.gz has no checksum"]


def test_what_is_no_backup_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "file.tar").write_bytes(b"no archive")
    (tmp_path / "folder").mkdir()
    for path in tmp_path.iterdir():
        with pytest.raises(Permanent, match=r"is no back-up|lacks manifest"):
            Archive(path)
    with pytest.raises(Permanent, match="is not there"):
        Archive(tmp_path / "none.tar")
    newer = written(tmp_path / "newer")
    rewrite(newer, format=99)
    with pytest.raises(Permanent, match="newer release"):
        Archive(newer)


def test_a_back_up_that_was_cut_off_anywhere_is_damaged_and_is_said_to_be(tmp_path: Path) -> None:
    path, cut = written(tmp_path / "whole.tar"), tmp_path / "cut.tar"
    with tarfile.open(path) as tar:
        last = tar.getmembers()[-1]
    for length in range(0, last.offset_data + last.size, 100):  # behind it is the empty end of any .tar
        cut.write_bytes(path.read_bytes()[:length])
        with (
            pytest.raises(Permanent, match=r"cut\.tar (is no back-up|is damaged|lacks)"),
            contextlib.closing(Archive(cut)) as archive,
        ):
            archive.require_sound()


@pytest.mark.parametrize("name", [MANIFEST, SUMS])
def test_a_list_that_is_no_text_is_damage_as_well(name: str, tmp_path: Path) -> None:
    path = written(tmp_path / "b")
    (path / name).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Permanent, match=r"cannot be read"):
        Archive(path).require_sound()


def written(path: Path) -> Path:
    """A back-up with one collection of two documents, the second of them empty."""
    writer = Writer(path)
    with writer.documents("database/texts.bson.gz") as add:
        add(b"\x06\x00\x00\x00\x00\x00")
        add(b"\x05\x00\x00\x00\x00")
    part = {"name": "texts", "file": "database/texts.bson.gz", "documents": 2}
    writer.finish(
        Manifest.model_validate(
            {
                "begun_at": NOW,
                "ended_at": NOW,
                "release": "1",
                "schema_version": 1,
                "schema_oldest": 0,
                "positions": {},
                "owed": {},
                "collections": [part],
                "streams": [],
            }
        )
    )
    return path


def rewrite(path: Path, **values: object) -> None:
    """Another manifest, with its right checksum."""
    manifest = path / MANIFEST
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | values))
    digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
    kept = [line for line in (path / SUMS).read_text().splitlines() if not line.endswith(MANIFEST)]
    (path / SUMS).write_text("\n".join([*kept, f"{digest}  {MANIFEST}"]) + "\n")
