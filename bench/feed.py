"""The public feed over a real database with a thousand approved calls: what one request costs on the server.

The labelled calls, read by the offline engine, over and over. The first request after a start reads them all; that is
told apart.
"""

from __future__ import annotations

import itertools
import json
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from pydantic import SecretStr

from bench.figures import judged, percentile, spread
from bench.load import CORPUS
from services.operator import embedded
from services.publisher import logic
from shared.contracts.messages import Group
from shared.settings import MongoSettings
from shared.storage.calls import Call
from shared.storage.mongo import indexes
from shared.storage.mongo.call_documents import document_of
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.connect import Mongo
from tests.browser.showroom import read
from tests.services.publisher.house import START, House

APPROVED, ROUNDS, WANTED_MS = 1_000, 40, 50.0
PAGES = {
    "page_ms": "/casting-calls?lang=ar",
    "narrowed_page_ms": "/casting-calls?gender=female&age=25&q=الرياض&order=closing&lang=ar",
    "api_ms": "/api/v1/casting-calls?limit=50",
    "changes_ms": "/api/v1/casting-calls?limit=50&updated_since=2026-01-01T00:00:00Z",
    "atom_ms": "/casting-calls/feed.atom?lang=ar",
}
TOLD = {"whole_calendar_ms": "/casting-calls/deadlines.ics", "whole_sitemap_ms": "/sitemap.xml"}


async def run(approved: int = APPROVED, rounds: int = ROUNDS) -> dict[str, Any]:
    """The figures, beside what they have to reach."""
    with tempfile.TemporaryDirectory() as folder:
        server = embedded.start_mongo(Path(folder))
        mongo = Mongo(MongoSettings(url=SecretStr(embedded.mongo_url(server.port)), timeout_s=60))
        try:
            await indexes.provision(mongo)
            ids = await _fill(mongo, approved)
            stores: dict[str, Any] = {"calls": MongoCalls(mongo)}
            house = House(**stores)
            await house.backlog.reload()
            transport = httpx.ASGITransport(house.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://feed.bench") as client:
                return {"approved": approved} | await _figures(client, ids, rounds)
        finally:
            await mongo.close()
            server.stop()


async def _figures(client: httpx.AsyncClient, ids: list[str], rounds: int) -> dict[str, Any]:
    figures: dict[str, Any] = {"first_request_ms": round(await _timed(client, PAGES["page_ms"]), 1)}
    for name, path in (PAGES | {"call_page_ms": f"/casting-calls/{ids[0]}"}).items():
        times = [await _timed(client, path) for _ in range(rounds)]
        figures[name] = judged(round(median(times), 1), WANTED_MS, at_least=False) | {
            "p95": round(percentile(times, 0.95), 1)
        }
    for name, path in TOLD.items():
        figures[name] = spread([await _timed(client, path) for _ in range(rounds // 4)])
    return figures


async def _timed(client: httpx.AsyncClient, path: str) -> float:
    begun = time.perf_counter()
    answer = await client.get(path)
    answer.raise_for_status()
    return (time.perf_counter() - begun) * 1000


async def _fill(mongo: Mongo, approved: int) -> list[str]:
    """The labelled calls over and over, approved a minute apart."""
    rows = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
    group = Group(id="g@g.us", name="كاستنج الرياض")
    found = [read(row["id"], row["text"], START, group) for row in rows if row["label"] == "casting_call"]
    events = [event for event in found if event]
    calls: list[Call] = []
    for number, event in enumerate(itertools.islice(itertools.cycle(events), approved)):
        message = event.message.model_copy(update={"message_id": f"b{number}"})
        fields = event.call.model_copy(update={"deadline": (START + timedelta(days=1 + number % 60)).date()})
        values = {"call_id": f"c{number:06}", "message": message, "call": fields}
        at = START - timedelta(minutes=number)
        calls.append(logic.approve(logic.received(event.model_copy(update=values), at), "sara", at))
    documents = [document_of(call) | {"sent_revision": call.revision, "unsent": False} for call in calls]
    for start in range(0, approved, 500):
        await mongo.collection("calls").insert_many(documents[start : start + 500])
    return [call.id for call in calls]
