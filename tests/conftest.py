"""The servers that tests talk to: real ones, in containers where an engine and the images are there, else embedded."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import nats
import pytest
import structlog
from nats.js import JetStreamContext
from pydantic import SecretStr

from services.operator import embedded
from shared.broker import topology
from shared.settings import MongoSettings, NatsSettings
from shared.storage.mongo import indexes
from shared.storage.mongo.connect import Mongo


@pytest.fixture(scope="session", autouse=True)
def loggers_can_be_captured() -> Iterator[None]:
    """A logger that was cached with a service's configuration would be deaf to `capture_logs` in a later test."""
    configure = structlog.configure

    def without_cache(**options: Any) -> None:
        configure(**(options | {"cache_logger_on_first_use": False}))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structlog, "configure", without_cache)
        yield


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A test that builds a service sets up logging for the process; the next test starts without that."""
    yield
    structlog.reset_defaults()


STACK = os.environ.get("TWIN_TEST_STACK", "auto")  # auto, docker or embedded
NATS_IMAGE = os.environ.get("NATS_IMAGE", "nats:2.11")
MONGO_IMAGE = os.environ.get("MONGO_IMAGE", "mongo:8")


def _use_docker() -> bool:
    """Whether both images can be run here without fetching them."""
    if STACK == "embedded":
        return False
    # By the command: the library leaves a socket open where an engine has stopped.
    command = shutil.which("docker")
    asked = [command or "docker", "image", "inspect", NATS_IMAGE, MONGO_IMAGE]
    found = command is not None and subprocess.run(asked, capture_output=True, check=False).returncode == 0
    if not found:
        if STACK == "docker":
            pytest.fail(f"TWIN_TEST_STACK=docker, and no engine that has the images {NATS_IMAGE} and {MONGO_IMAGE}")
        return False
    # Its own cleaner is one more image to fetch; the fixtures stop what they start.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    return True


@pytest.fixture(scope="session")
def use_docker() -> bool:
    """True where the broker and the database of this run are containers."""
    return _use_docker()


@pytest.fixture(scope="session")
def nats_server_url(use_docker: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker for the whole run. Most tests want `nats_url`, which is empty at their start."""
    if use_docker:
        from testcontainers.community.nats import NatsContainer

        with NatsContainer(NATS_IMAGE).with_command("-js -m 8222") as container:
            yield container.nats_uri()
        return
    server = embedded.start_nats(tmp_path_factory.mktemp("nats"))
    yield f"nats://127.0.0.1:{server.port}"
    server.stop()


@pytest.fixture
async def nats_url(nats_server_url: str) -> str:
    """The address of a broker without any stream."""
    client = await nats.connect(nats_server_url)
    js = client.jetstream()
    for stream in await js.streams_info():
        await js.delete_stream(str(stream.config.name))
    await client.close()
    return nats_server_url


@pytest.fixture
def nats_settings(nats_url: str) -> NatsSettings:
    """Settings of a broker without any stream, with small streams."""
    return NatsSettings(url=nats_url, max_bytes=50_000_000)


@pytest.fixture
async def js(nats_settings: NatsSettings) -> AsyncIterator[JetStreamContext]:
    """The raw JetStream of a provisioned broker."""
    client = await nats.connect(nats_settings.url)
    context = client.jetstream()
    await topology.provision(context, nats_settings)
    yield context
    await client.close()


@pytest.fixture(scope="session")
def mongo_server_url(use_docker: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database server for the whole run."""
    if use_docker:
        from testcontainers.community.mongodb import MongoDbContainer

        with MongoDbContainer(MONGO_IMAGE) as container:
            yield container.get_connection_url() + "/?directConnection=true&authSource=admin"
        return
    server = embedded.start_mongo(tmp_path_factory.mktemp("mongo"))
    yield embedded.mongo_url(server.port)
    server.stop()


@pytest.fixture
def mongo_settings(mongo_server_url: str) -> MongoSettings:
    """Settings of a database that nobody has written to."""
    return MongoSettings(url=SecretStr(mongo_server_url), database=f"test_{uuid.uuid4().hex[:12]}", timeout_s=10)


@pytest.fixture
async def mongo(mongo_settings: MongoSettings) -> AsyncIterator[Mongo]:
    """A connection to an empty database with all its indexes, which is dropped afterwards."""
    connection = Mongo(mongo_settings)
    await indexes.provision(connection)
    yield connection
    await connection.client.drop_database(mongo_settings.database)
    await connection.close()


@pytest.fixture
def servers_in_environment(
    nats_settings: NatsSettings, mongo_settings: MongoSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This process's own settings lead to the broker and the database of the test."""
    monkeypatch.setenv("NATS_URL", nats_settings.url)
    monkeypatch.setenv("MONGO_URL", mongo_settings.url.get_secret_value())
    monkeypatch.setenv("MONGO_DATABASE", mongo_settings.database)


@pytest.fixture(scope="session")
def corpus_path() -> Path:
    """The labelled messages."""
    return Path(__file__).parent / "corpus" / "dev.jsonl"
