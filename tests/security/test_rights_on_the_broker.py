"""Each user of the broker may do what its routes need; a real broker refuses everything else."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from urllib.parse import urlsplit

import nats
import pytest
from nats.aio.client import Client
from structlog.testing import capture_logs

from services.operator.broker_users import default_users_file, users_file, variable_of
from shared.broker.connect import connect, jetstream
from shared.broker.permissions import all_rights, inbox_of
from shared.broker.publish import JetStreamPublisher
from shared.broker.topology import consumers, outside_readers, provision
from shared.contracts.pipeline import DeadLetter
from shared.contracts.subjects import ROUTES
from shared.errors import Misconfigured, Unavailable
from shared.settings import NatsSettings
from tests.security.conftest import PASSWORDS, USERS, Guarded

FIVE = ("receiver", "poller", "filter", "extractor", "publisher")
ALL_BUT_OPERATOR = (*FIVE, "consumer")

# Written by hand, beside the table of routes that the rights are made from. The publisher sends the messages of dead
# letters on once more, so it may send to every stage.
MAY_PUBLISH = {
    "raw.messages": {"receiver", "poller", "publisher"},
    "raw.edits": {"receiver", "poller", "publisher"},
    "raw.deletions": {"receiver", "poller", "publisher"},
    "candidates": {"filter", "publisher"},
    "endings": {"filter", "extractor", "publisher"},
    "extracted": {"extractor", "publisher"},
    "approved": {"publisher"},
    **{f"dead.{service}": {service} for service in FIVE},
}
MAY_READ = {
    ("RAW", "filter"): "filter",
    ("RAW", "publisher"): "publisher",
    ("CANDIDATES", "extractor"): "extractor",
    ("ENDINGS", "publisher"): "publisher",
    ("EXTRACTED", "publisher"): "publisher",
    ("APPROVED", "publisher"): "publisher",
    ("DEAD", "publisher"): "publisher",
    ("APPROVED", "consumer"): "consumer",
}
FORBIDDEN_TO_ALL = [
    "$JS.API.STREAM.CREATE.MINE",
    "$JS.API.STREAM.UPDATE.RAW",
    "$JS.API.STREAM.DELETE.RAW",
    "$JS.API.STREAM.PURGE.RAW",
    "$JS.API.STREAM.MSG.DELETE.RAW",
    "$JS.API.STREAM.SNAPSHOT.RAW",
    "$JS.API.CONSUMER.CREATE.RAW",
    "$JS.API.CONSUMER.CREATE.APPROVED.mine",
    "$JS.API.CONSUMER.DURABLE.CREATE.APPROVED.mine",
    "$JS.API.CONSUMER.DELETE.RAW.filter",
    "$JS.API.CONSUMER.PAUSE.RAW.filter",
    "$JS.API.DIRECT.GET.RAW",
    "$SYS.REQ.SERVER.PING",
    "dead.nobody",
    "anything.else",
]


async def answered(client: Client) -> None:
    """Returns when the broker has answered all before it. The client's first ping may overtake what it has to send."""
    await client.flush()
    await client.flush()


async def refused(client: Client, refusals: list[str], subject: str) -> bool:
    """Whether the broker refuses this user a message to this subject; a refusal comes before the answer to a ping."""
    refusals.clear()
    await client.publish(subject, b"{}", reply=client.new_inbox())
    await answered(client)
    said = [refusal.lower() for refusal in refusals]
    return any("permissions violation" in one and subject.lower() in one for one in said)


def test_the_table_of_this_test_knows_every_subject_and_every_reader() -> None:
    assert {subject.split(".")[0] for subject in MAY_PUBLISH} == {route.subject.split(".")[0] for route in ROUTES}
    assert {route.subject for route in ROUTES if route.subject != "dead.>"} <= set(MAY_PUBLISH)
    assert {(spec.stream, spec.durable) for spec in consumers()} == set(MAY_READ) - {("APPROVED", "consumer")}
    assert set(USERS) == {*ALL_BUT_OPERATOR, "operator"}


@pytest.mark.parametrize("user", ALL_BUT_OPERATOR)
async def test_a_user_publishes_to_its_own_subjects_and_no_other(user: str, guarded: Guarded) -> None:
    client, refusals = await guarded.client(user)
    allowed = {subject for subject in MAY_PUBLISH if not await refused(client, refusals, subject)}
    assert allowed == {subject for subject, senders in MAY_PUBLISH.items() if user in senders}


@pytest.mark.parametrize("user", ALL_BUT_OPERATOR)
async def test_a_user_reads_its_own_consumers_and_no_other(user: str, guarded: Guarded) -> None:
    client, refusals = await guarded.client(user)
    for (stream, durable), reader in MAY_READ.items():
        for subject in (f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}", f"$JS.ACK.{stream}.{durable}.1.1.1.1.0"):
            assert await refused(client, refusals, subject) is (user != reader), f"{user} on {subject}"


@pytest.mark.parametrize("user", ALL_BUT_OPERATOR)
async def test_a_user_neither_changes_streams_nor_makes_consumers(user: str, guarded: Guarded) -> None:
    client, refusals = await guarded.client(user)
    assert [subject for subject in FORBIDDEN_TO_ALL if not await refused(client, refusals, subject)] == []


@pytest.mark.parametrize("user", ALL_BUT_OPERATOR)
async def test_a_user_listens_to_nothing_but_its_own_answers(user: str, guarded: Guarded) -> None:
    client, refusals = await guarded.client(user)
    others = [inbox_of(other) + ".>" for other in USERS if other != user]
    for subject in (*MAY_PUBLISH, ">", "_INBOX.>", "$JS.>", "$SYS.>", *others):
        refusals.clear()
        await client.subscribe(subject)
        await answered(client)
        assert any("permissions violation" in refusal.lower() for refusal in refusals), f"{user} hears {subject}"
    refusals.clear()
    await client.subscribe(inbox_of(user) + ".x")
    await answered(client)
    assert refusals == []


@pytest.mark.parametrize("user", ALL_BUT_OPERATOR)
async def test_only_who_accounts_looks_into_streams_message_by_message(user: str, guarded: Guarded) -> None:
    """The publisher, for the status page and the account."""
    client, refusals = await guarded.client(user)
    streams = {route.stream for route in ROUTES}
    seen = {name for name in streams if not await refused(client, refusals, f"$JS.API.STREAM.MSG.GET.{name}")}
    assert seen == (streams if user == "publisher" else set())


async def test_a_consumer_of_approved_calls_gets_what_the_publisher_sends(guarded: Guarded) -> None:
    publisher, _ = await guarded.client("publisher")
    await publisher.jetstream().publish("approved", b"{}", stream="APPROVED", timeout=5)
    consumer, refusals = await guarded.client("consumer")
    subscription = await consumer.jetstream().pull_subscribe("approved", durable="consumer", stream="APPROVED")
    (message,) = await subscription.fetch(1, timeout=5)
    await message.ack_sync()
    assert message.data == b"{}"
    assert refusals == []


def _letter(stage: str) -> DeadLetter:
    return DeadLetter(
        event_id="dead:1", stage=stage, reason="x", subject="raw.messages", payload="{}", failed_at=datetime.now(UTC)
    )


async def test_the_filter_s_own_program_cannot_speak_for_another_stage(guarded: Guarded) -> None:
    broker = connect(guarded.settings("filter"), name="filter")
    await broker.connect()
    try:
        publisher = JetStreamPublisher(lambda: jetstream(broker), timeout_s=1)
        await publisher.publish(_letter(stage="filter"))
        with capture_logs() as logs, pytest.raises(Unavailable):
            await publisher.publish(_letter(stage="extractor"))
    finally:
        await broker.stop()
    operator, _ = await guarded.client("operator")
    assert (await operator.jetstream().stream_info("DEAD")).state.messages == 1
    assert {line["event"] for line in logs} == {"broker.not_allowed"}


@pytest.mark.parametrize(("user", "password"), [(None, None), ("filter", "guessed"), ("admin", PASSWORDS["operator"])])
async def test_without_a_user_and_its_password_nobody_comes_in(
    user: str | None, password: str | None, guarded: Guarded
) -> None:
    place = urlsplit(guarded.url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        async with asyncio.timeout(10):
            assert json.loads((await reader.readline()).removeprefix(b"INFO "))["auth_required"] is True
            given = {"user": user, "pass": password} if user else {}
            writer.write(f"CONNECT {json.dumps({'verbose': False, **given})}\r\nPING\r\n".encode())
            assert b"Authorization Violation" in await reader.readline()
            assert await reader.read() == b""
    finally:
        writer.close()
        await writer.wait_closed()


def test_the_users_file_holds_no_password_and_names_each_variable_once() -> None:
    text = default_users_file()
    for user in USERS:
        assert text.count(f"password: ${variable_of(user)}\n") == 1
    assert not any(password in text for password in PASSWORDS.values())


def test_each_outside_reader_gets_rights_on_its_own_consumer_alone() -> None:
    crm, site = all_rights(["crm", "site"])[-2:]
    assert crm.user == "crm"
    assert "$JS.API.CONSUMER.MSG.NEXT.APPROVED.crm" in crm.publish
    assert not any("site" in subject for subject in crm.publish)
    assert site.user in users_file(["crm", "site"])


@pytest.mark.parametrize("name", ["filter", "operator", "a.b", ">", "*", "with space", "ü", "x" * 40])
def test_a_reader_cannot_be_called_like_one_of_ours_or_like_a_pattern(name: str) -> None:
    with pytest.raises(Misconfigured, match="NATS_READERS"):
        outside_readers(f"crm,{name}")


async def test_provisioning_makes_a_durable_for_each_outside_reader(nats_url: str) -> None:
    client = await nats.connect(nats_url)
    try:
        js = client.jetstream()
        await provision(js, NatsSettings(url=nats_url, max_bytes=50_000_000, readers="crm, site"))
        assert {info.name for info in await js.consumers_info("APPROVED")} == {"publisher", "crm", "site"}
    finally:
        await client.close()
