"""A broker with users, as compose.yaml runs it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import nats
import pytest
from nats.aio.client import Client
from pydantic import SecretStr

from services.operator import embedded
from services.operator.broker_users import passwords_file, users_file
from shared.broker import topology
from shared.broker.permissions import all_rights, inbox_of
from shared.settings import NatsSettings

USERS = [rights.user for rights in all_rights(["consumer"])]
PASSWORDS = {user: f"password-of-{user}" for user in USERS}


@dataclass
class Guarded:
    """A provisioned broker with users, and clients that remember what they were refused."""

    url: str
    clients: list[Client] = field(default_factory=list)

    def settings(self, user: str) -> NatsSettings:
        """What the service of this name is given."""
        return NatsSettings(
            url=self.url, user=user, password=SecretStr(PASSWORDS[user]), max_bytes=50_000_000, publish_timeout_s=2
        )

    async def client(self, user: str) -> tuple[Client, list[str]]:
        """A connection as this user, with the list of refusals that it heard of."""
        refusals: list[str] = []

        async def heard(error: Exception) -> None:
            refusals.append(str(error))

        client = await nats.connect(
            self.url, user=user, password=PASSWORDS[user], inbox_prefix=inbox_of(user), error_cb=heard
        )
        self.clients.append(client)
        return client, refusals


@pytest.fixture(scope="session")
def guarded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "passwords").write_text(passwords_file(PASSWORDS))
    server = embedded.start_nats(folder, more=users_file(["consumer"], "passwords"))
    yield f"nats://127.0.0.1:{server.port}"
    server.stop()


@pytest.fixture
async def guarded(guarded_server: str) -> AsyncIterator[Guarded]:
    """The broker, with its streams made anew by the operator."""
    broker = Guarded(guarded_server)
    operator, _ = await broker.client("operator")
    js = operator.jetstream()
    for stream in await js.streams_info():
        await js.delete_stream(str(stream.config.name))
    await topology.provision(js, broker.settings("operator"))
    yield broker
    for client in broker.clients:
        await client.close()
