"""Three real brokers with three copies of each stream: their leader is killed while the real services work."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import nats
import nats.errors
import pytest
from nats.js.errors import APIError

from services.operator.cluster import cluster_url, leader_of, start_nats_cluster, wait_for_cluster
from services.operator.embedded import Server
from services.operator.trial import environment
from shared.broker import topology
from shared.contracts.messages import RawMessage
from shared.contracts.pipeline import Candidate, ExtractedCall
from shared.settings import MongoSettings, NatsSettings
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.sources import MongoSources
from shared.storage.sources import Source, SourceStatus
from tests.pipeline.conftest import GROUP, MAIN, Stack, text_message

NUMBER = 60


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[list[Server]]:
    servers = start_nats_cluster(tmp_path / "cluster")
    yield servers
    for server in servers:
        server.stop()


@pytest.fixture
async def on_three_nodes(
    cluster: list[Server], mongo: Mongo, mongo_settings: MongoSettings, tmp_path: Path
) -> AsyncIterator[Stack]:
    """The services on a provisioned cluster."""
    settings = NatsSettings(url=cluster_url(cluster), replicas=3, max_bytes=50_000_000)
    await MongoSources(mongo).add(Source(GROUP, "كاستنج السعودية", SourceStatus.ACTIVE, datetime.now(UTC)))
    client = await nats.connect(settings.url.split(","), max_reconnect_attempts=-1)
    js = client.jetstream(timeout=10)
    await topology.provision(js, settings)
    values = environment(settings.url, mongo_settings.url.get_secret_value(), mongo_settings.database)
    running = Stack(values, tmp_path, js, mongo)
    running.start(MAIN)
    try:
        await running.ready(MAIN)
        yield running
    finally:
        await running.stop()
        await running.http.aclose()
        await client.close()


@pytest.mark.slow
async def test_killing_the_leader_under_load_loses_and_doubles_nothing(
    on_three_nodes: Stack, cluster: list[Server], corpus_path: Path
) -> None:
    stack = on_three_nodes
    rows = [json.loads(line) for line in corpus_path.read_text(encoding="utf-8").splitlines()][:NUMBER]
    killed: list[Server] = []
    for number, row in enumerate(rows, start=1):
        await deliver(stack, text_message(f"three-{row['id']}", row["text"]))
        if number == NUMBER // 3:
            killed.append(await leader_of(stack.js, "RAW", cluster))
            killed[-1].kill()
        if number == NUMBER * 2 // 3:
            # The dead one comes back and catches up; then whoever leads the next stage dies.
            await asyncio.to_thread(killed[0].restart)
            await asyncio.to_thread(wait_for_cluster, cluster)
            killed.append(await leader(stack, "CANDIDATES", cluster))
            killed[-1].kill()
    assert len(killed) == 2
    ids = {f"three-{row['id']}" for row in rows}
    await stack.settled(ids)
    await asyncio.to_thread(killed[1].restart)
    await asyncio.to_thread(wait_for_cluster, cluster)
    await quiet(stack)

    raw = Counter(RawMessage.model_validate_json(data).message_id for data in await stack.stream("RAW"))
    assert raw.keys() == ids
    candidates = Counter(
        Candidate.model_validate_json(data).message.message_id for data in await stack.stream("CANDIDATES")
    )
    extracted = Counter(ExtractedCall.model_validate_json(data).call_id for data in await stack.stream("EXTRACTED"))
    for counts in (raw, candidates, extracted):
        assert set(counts.values()) == {1}
    assert (await stack.js.stream_info("DEAD")).state.messages == 0
    for info in await stack.js.streams_info():
        assert info.config.num_replicas == 3, info.config.name


async def test_streams_consumers_and_the_bucket_of_attempts_have_three_copies(cluster: list[Server]) -> None:
    settings = NatsSettings(url=cluster_url(cluster), replicas=3, max_bytes=50_000_000)
    client = await nats.connect(settings.url.split(","))
    try:
        js = client.jetstream(timeout=10)
        await topology.provision(js, settings)
        assert all("kept" in line for line in await topology.provision(js, settings) if line.startswith("stream"))
        infos = await js.streams_info()
        assert {info.config.name for info in infos} == {"KV_attempts", *(s.name for s in topology.streams(settings))}
        for info in infos:
            assert info.cluster is not None
            assert info.config.num_replicas == 3
            assert len(info.cluster.replicas or []) == 2
        consumer = await js.consumer_info("RAW", "filter")
        assert consumer.cluster is not None
        assert len(consumer.cluster.replicas or []) == 2
    finally:
        await client.close()


async def deliver(stack: Stack, message: dict[str, object]) -> None:
    """As the gateway does it: again until the answer is 200."""
    async with asyncio.timeout(90):
        while True:
            try:
                answer = await stack.post(message)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 200:
                return
            assert answer is None or answer.status_code == 503, answer.text
            await asyncio.sleep(0.1)


async def leader(stack: Stack, stream: str, cluster: list[Server]) -> Server:
    """The node that leads the stream, as soon as there is one."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await leader_of(stack.js, stream, cluster)
            except (LookupError, nats.errors.Error, APIError, TimeoutError):
                await asyncio.sleep(0.1)


async def quiet(stack: Stack) -> None:
    """Returns when no consumer has anything left to do, as the new leaders see it."""
    async with asyncio.timeout(90):
        while True:
            try:
                if not any(lag.pending or lag.unacked for lag in await topology.lags(stack.js)):
                    return
            except (nats.errors.Error, APIError, TimeoutError):
                pass
            await asyncio.sleep(0.1)
