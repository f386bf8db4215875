"""The whole stack as processes: webhook to queue, idle memory, and the design documents' hundred messages."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import nats
import psutil
from nats.js import JetStreamContext
from pydantic import SecretStr

from bench.figures import judged, percentile
from bench.load import CORPUS, another
from services.operator import embedded
from services.operator.stack import SERVICES
from services.operator.trial import SECRET, Trial, environment
from shared.broker import topology
from shared.contracts.pipeline import ExtractedCall
from shared.settings import MongoSettings, NatsSettings
from shared.storage.budgets import Budget
from shared.storage.ledger import State
from shared.storage.mongo import indexes, signatures
from shared.storage.mongo.budgets import MongoBudgets
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.ledger import MongoLedger
from shared.storage.mongo.sources import MongoSources
from shared.storage.sources import Source, SourceStatus

RATE, SECONDS = 20, 30
HUNDRED = 100
_GROUP = "120363000000000001@g.us"
_TOKEN = "a-token-that-is-only-for-benches"


@dataclass
class Stack:
    """The running stack of a bench."""

    trial: Trial
    js: JetStreamContext
    mongo: Mongo
    http: httpx.AsyncClient

    async def deliver(self, id: str, text: str) -> None:
        """One webhook delivery with one message; raises when it is not taken."""
        message = {
            "id": id,
            "from_me": False,
            "type": "text",
            "chat_id": _GROUP,
            "timestamp": int(time.time()),
            "text": {"body": text},
        }
        body = {"messages": [message], "event": {"type": "messages", "event": "post"}, "channel_id": "FALCON-BENCH"}
        url = f"{self.trial.url('receiver')}/webhooks/whapi"
        (await self.http.post(url, json=body, headers={"X-Webhook-Secret": SECRET})).raise_for_status()

    async def quiet(self) -> None:
        """Returns when no consumer has anything left to do."""
        async with asyncio.timeout(300):
            while any(lag.pending or lag.unacked for lag in await topology.lags(self.js)):  # noqa: ASYNC110
                await asyncio.sleep(0.05)


@asynccontextmanager
async def running() -> AsyncIterator[Stack]:
    """Everything on this machine: servers, the sandbox, the five services."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        nats_server = embedded.start_nats(folder / "nats")
        mongo_server = embedded.start_mongo(folder / "mongo")
        settings = NatsSettings(url=f"nats://127.0.0.1:{nats_server.port}")
        values = environment(settings.url, embedded.mongo_url(mongo_server.port), "bench")
        values |= {
            "WHAPI_URL": f"http://127.0.0.1:{values['SANDBOX_PORT']}",
            "WHAPI_TOKEN": _TOKEN,
            "SANDBOX_TOKEN": _TOKEN,
            "SANDBOX_CORPUS": str(CORPUS),
            "SANDBOX_RATE_PER_MINUTE": "0",
            "SANDBOX_WEBHOOK_URL": f"http://127.0.0.1:{values['RECEIVER_PORT']}/webhooks/whapi",
            "SANDBOX_WEBHOOK_SECRET": SECRET,
        }
        trial = Trial(values, folder)
        client = await nats.connect(settings.url)
        mongo = Mongo(MongoSettings(url=SecretStr(values["MONGO_URL"]), database="bench", timeout_s=30))
        async with httpx.AsyncClient(timeout=30) as http:
            try:
                await topology.provision(client.jetstream(), settings)
                await indexes.provision(mongo)
                await MongoSources(mongo).add(Source(_GROUP, "كاستنج", SourceStatus.ACTIVE, datetime.now(UTC)))
                trial.start((*SERVICES, "sandbox"))
                await trial.ready((*SERVICES, "sandbox"))
                yield Stack(trial, client.jetstream(), mongo, http)
            finally:
                await trial.stop()
                await client.close()
                await mongo.close()
                mongo_server.stop()
                nats_server.stop()


async def run(*, rate: float = RATE, seconds: float = SECONDS) -> dict[str, Any]:
    """All figures of the whole stack."""
    async with running() as stack:
        memory = idle_memory(stack)
        delays = await _latencies(stack, rate, seconds)
        hundred = await _hundred(stack)
    p95 = round(percentile(delays, 0.95) * 1000)
    return {
        "webhook_to_pending_ms": {
            "n": len(delays),
            "p50": round(percentile(delays, 0.5) * 1000),
            "p95": p95,
            **judged(p95, 500, at_least=False),
        },
        "idle_memory_mb": memory | judged(memory["together"], 600, at_least=False),
        "hundred_messages": hundred,
    }


def idle_memory(stack: Stack) -> dict[str, float]:
    """Resident memory of each service and of the five together, in MB."""
    sizes = {
        name: round(psutil.Process(stack.trial.processes[name].pid).memory_info().rss / 1e6, 1) for name in SERVICES
    }
    return sizes | {"together": round(sum(sizes.values()), 1)}


async def _latencies(stack: Stack, rate: float, seconds: float) -> list[float]:
    """From posting a delivery to the call's being pending, for each call, in seconds; the load is steady."""
    calls = [row for row in _rows() if row["label"] == "casting_call"]
    posted: dict[str, datetime] = {}
    sending: list[asyncio.Task[None]] = []
    begun = time.monotonic()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
        id = f"late-{number}"
        posted[id] = datetime.now(UTC)
        sending.append(asyncio.create_task(stack.deliver(id, another(calls[number % len(calls)]["text"], id))))
    await asyncio.gather(*sending)
    await stack.quiet()
    delays = []
    async for call in stack.mongo.collection("calls").find({}, {"queued_at": 1, "message.message_id": 1}):
        id = call["message"]["message_id"]
        if id in posted:
            delays.append((call["queued_at"] - posted[id]).total_seconds())
    return delays


async def _hundred(stack: Stack) -> dict[str, Any]:
    """The design documents' own test: a hundred mixed messages, read by the model (the sandbox's stand-in for it)."""
    await _with_model(stack)
    for name in (signatures.COLLECTION, signatures.DECISIONS):  # its calls are no copies of the load's
        await stack.mongo.collection(name).delete_many({})
    ledger = MongoLedger(stack.mongo)
    before = await ledger.count_by_state()
    budget = Budget("whapi", 1000, timedelta(hours=1))
    extracted_before = (await stack.js.stream_info("EXTRACTED")).state.last_seq
    begun = time.perf_counter()
    for number, row in enumerate(_rows()[:HUNDRED]):
        await stack.deliver(f"hundred-{number}", row["text"])
    await stack.quiet()
    took = time.perf_counter() - begun
    after = await ledger.count_by_state()
    engines = []
    last = (await stack.js.stream_info("EXTRACTED")).state.last_seq
    for sequence in range(extracted_before + 1, last + 1):
        data = (await stack.js.get_msg("EXTRACTED", sequence)).data or b""
        engines.append(ExtractedCall.model_validate_json(data).engine)
    return {
        "messages": HUNDRED,
        "wall_s": round(took, 1),
        "per_message_ms": round(took * 1000 / HUNDRED),
        "states": {str(state): after[state] - before[state] for state in State if after[state] != before[state]},
        "gateway_requests_since_start": await MongoBudgets(stack.mongo).used(budget, datetime.now(UTC)),
        "gateway_budget_per_hour": 1000,
        "model_calls": sum(engine.name == "openai" for engine in engines),
        "cost_usd": round(sum(engine.cost_usd for engine in engines), 4),
    }


async def _with_model(stack: Stack) -> None:
    """Starts the extractor anew with the model engine."""
    stack.trial.environment |= {
        "EXTRACTOR_ENGINE": "openai",
        "OPENAI_API_KEY": "sandbox-key",
        "OPENAI_BASE_URL": f"{stack.trial.url('sandbox')}/v1",
    }
    extractor = stack.trial.processes["extractor"]
    extractor.terminate()
    await asyncio.to_thread(extractor.wait, 40)
    stack.trial.start(["extractor"])
    await stack.trial.ready(["extractor"])


def _rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run()), indent=2))
