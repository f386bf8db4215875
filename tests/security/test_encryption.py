"""TLS to the broker and to the database, on real servers: right, wrong and missing certificates."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from faststream.nats import NatsBroker
from pydantic import SecretStr

from services.operator import embedded
from shared.broker import topology
from shared.broker.connect import connect, jetstream
from shared.errors import Misconfigured, Unavailable
from shared.settings import MongoSettings, NatsSettings
from shared.storage.mongo.connect import Mongo


@dataclass(frozen=True)
class Papers:
    """The certificates of one authority as files: its own, a server's for 127.0.0.1, a client's."""

    ca: Path
    server: Path
    server_key: Path
    client: Path
    client_key: Path
    client_both: Path


def papers(folder: Path) -> Papers:
    folder.mkdir(exist_ok=True)
    authority = trustme.CA()
    server, client = authority.issue_cert("127.0.0.1"), authority.issue_cert("twin@example.com")
    made = Papers(*(folder / name for name in ("ca", "server", "server_key", "client", "client_key", "both")))
    authority.cert_pem.write_to_path(made.ca)
    for cert, chain, key in ((server, made.server, made.server_key), (client, made.client, made.client_key)):
        chain.write_bytes(b"".join(blob.bytes() for blob in cert.cert_chain_pems))
        cert.private_key_pem.write_to_path(key)
    client.private_key_and_cert_chain_pem.write_to_path(made.client_both)
    return made


# The client's library leaves the streams of a failed handshake to the garbage collector, which says so.
leaves_streams = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def collected() -> Iterator[None]:
    """What the test leaves is collected within it."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return papers(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return papers(tmp_path_factory.mktemp("strangers"))


def broker_config(held: Papers, *, first: bool) -> str:
    return (
        f'tls {{ cert_file: "{held.server}", key_file: "{held.server_key}", ca_file: "{held.ca}", verify: true'
        f"{', handshake_first: true' if first else ''} }}\n"
    )


@pytest.fixture(scope="module", params=[True, False], ids=["encrypted first", "encrypted after the greeting"])
def broker(
    request: pytest.FixtureRequest, ours: Papers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NatsSettings]:
    """A broker that asks for our authority's certificates, and the settings that fit it."""
    folder = tmp_path_factory.mktemp("nats-tls")
    server = embedded.start_nats(folder, more=broker_config(ours, first=request.param))
    yield NatsSettings(
        url=f"nats://127.0.0.1:{server.port}",
        tls_ca=ours.ca,
        tls_cert=ours.client,
        tls_key=ours.client_key,
        tls_first=request.param,
        max_bytes=50_000_000,
    )
    server.stop()


@asynccontextmanager
async def connected(settings: NatsSettings) -> AsyncIterator[NatsBroker]:
    client = connect(settings, name="test")
    try:
        # The client tries for ever; a handshake that succeeds takes milliseconds.
        async with asyncio.timeout(3):
            await client.connect()
        yield client
    finally:
        await client.stop()


async def test_the_broker_is_reached_over_tls_and_works(broker: NatsSettings) -> None:
    async with connected(broker) as client:
        done = await topology.provision(jetstream(client), broker)
        assert any("stream RAW" in line for line in done)


@leaves_streams
@pytest.mark.parametrize("wrong", ["authority", "no certificate", "stranger's certificate", "no tls at all"])
async def test_a_broker_or_a_client_that_is_not_ours_is_refused(
    wrong: str, broker: NatsSettings, strangers: Papers, collected: None
) -> None:
    changes: dict[str, dict[str, object]] = {
        "authority": {"tls_ca": strangers.ca},
        "no certificate": {"tls_cert": None, "tls_key": None},
        "stranger's certificate": {"tls_cert": strangers.client, "tls_key": strangers.client_key},
        "no tls at all": {"tls_ca": None, "tls_cert": None, "tls_key": None},
    }
    with pytest.raises(Exception):  # noqa: B017 (a refusal, or the end of our patience)
        async with connected(broker.model_copy(update=changes[wrong])):
            pass


@leaves_streams
async def test_with_tls_nothing_is_said_to_a_broker_without_it(ours: Papers, collected: None) -> None:
    """What a stripped connection looks like to us: a greeting in the clear where encryption was to begin."""
    heard: list[bytes] = []

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'INFO {"server_id":"x","version":"2.11.0","max_payload":1048576}\r\n')
        heard.append(await reader.read(4096))
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = NatsSettings(
        url=f"nats://127.0.0.1:{port}", user="filter", password=SecretStr("canary-password"), tls_ca=ours.ca
    )
    try:
        with pytest.raises(Exception):  # noqa: B017 (whatever the client makes of it, it must not go on)
            async with connected(settings):
                pass
    finally:
        server.close()
        await server.wait_closed()
    assert heard
    assert not any(b"canary" in said or b"CONNECT" in said for said in heard)


@pytest.mark.parametrize("broken", ["tls_ca", "tls_cert"])
def test_certificates_that_cannot_be_read_are_named(broken: str, tmp_path: Path) -> None:
    path = tmp_path / "nonsense"
    path.write_text("nonsense")
    for given in (path, tmp_path / "missing"):
        with pytest.raises(Misconfigured, match="NATS_TLS_CA"):
            connect(NatsSettings().model_copy(update={broken: given}), name="test")


@pytest.fixture(scope="module")
def database(ours: Papers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoSettings]:
    server = embedded.start_mongo(tmp_path_factory.mktemp("mongo-tls"))
    server.command += ["--tls-cert-file", str(ours.server), "--tls-key-file", str(ours.server_key)]
    server.command += ["--tls-ca-file", str(ours.ca), "--tls-require-client-cert"]
    server.restart()
    yield MongoSettings(
        url=SecretStr(embedded.mongo_url(server.port)), tls_ca=ours.ca, tls_cert_key=ours.client_both, timeout_s=2
    )
    server.stop()


async def test_the_database_is_reached_over_tls_and_works(database: MongoSettings) -> None:
    mongo = Mongo(database)
    await mongo.collection("things").insert_one({"_id": 1})
    assert await mongo.collection("things").find_one({"_id": 1}) == {"_id": 1}
    await mongo.close()


@pytest.mark.parametrize("wrong", ["authority", "no certificate", "no tls at all"])
async def test_a_database_or_a_client_that_is_not_ours_is_refused(
    wrong: str, database: MongoSettings, strangers: Papers
) -> None:
    changes: dict[str, dict[str, object]] = {
        "authority": {"tls_ca": strangers.ca},
        "no certificate": {"tls_cert_key": None},
        "no tls at all": {"tls_ca": None, "tls_cert_key": None},
    }
    mongo = Mongo(database.model_copy(update=changes[wrong]))
    with pytest.raises(Unavailable):
        await mongo.ping()
    await mongo.close()


@pytest.mark.parametrize(
    "wrong", [{"tls_ca": Path("nowhere.pem")}, {"url": SecretStr("mongodb://twin:canary-word@[broken")}]
)
def test_what_the_driver_cannot_read_is_named_without_the_password(wrong: dict[str, object]) -> None:
    with pytest.raises(Misconfigured, match="MONGO_URL") as caught:
        Mongo(MongoSettings().model_copy(update=wrong))
    assert "canary" not in str(caught.value)
