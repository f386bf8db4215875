"""How long it takes to find the posts that are like one: at 1,000 stored texts and at 100,000, and to compare two."""

from __future__ import annotations

import asyncio
import itertools
import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bench.figures import judged, ratio, spread
from services.extractor.likeness import Post, compare, read
from services.extractor.posts.shingles import sample
from services.operator import embedded
from shared.settings import MongoSettings
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.signatures import COLLECTION, DECISIONS, INDEXES, MongoSignatures
from shared.storage.signatures import Commonness, Signature

FEW, MANY = 1_000, 100_000
ROUNDS, LOOKUPS = 7, 40
_CORPUS = Path(__file__).parent.parent / "tests" / "corpus"
_NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def texts(number: int) -> list[str]:
    """The corpus's calls again and again, so that every phrase is in many; each number in some twenty of them."""
    rows = map(json.loads, (_CORPUS / "dev.jsonl").read_text(encoding="utf-8").splitlines())
    calls = [row["text"] for row in rows if row["label"] == "casting_call"]
    offices = max(1, number // 20) | 1
    return [f"{calls[id % len(calls)]}\nواتساب 05{id % offices:08}" for id in range(number)]


_of_call = lru_cache(maxsize=None)(sample)


def pieces_of(text: str) -> tuple[int, ...]:
    """Nearly the sample of the text: that of its call, made once, and that of its own line."""
    call, _, own = text.rpartition("\n")
    return (*_of_call(call), *sample(own))


async def fill(mongo: Mongo, posts: list[str]) -> None:
    """Stores them as the extractor would, but in bulk."""
    common = Commonness()
    kept = {"touched_at": _NOW, "sent_at": _NOW, "expires_at": _NOW + timedelta(days=3650), "edited": False}
    documents, decisions = [], []
    for number, text in enumerate(posts):
        id, pieces = f"m{number}", pieces_of(text)
        documents.append({"_id": id, "text": text, "pieces": common.worth(pieces)} | kept)
        decisions.append({"_id": id, "original": id, "outcome": "call", "expires_at": kept["expires_at"]})
        common.note(pieces)
    for name, rows in ((COLLECTION, documents), (DECISIONS, decisions)):
        for start in range(0, len(rows), 5_000):
            await mongo.collection(name).insert_many(rows[start : start + 5_000], ordered=False)


async def look(store: MongoSignatures, forwards: list[str]) -> float:
    """Milliseconds that one look-up takes, over all of these."""
    begun = time.perf_counter()
    for text in forwards:
        found = await store.near(sample(text), but="", limit=8)
        assert found
    return 1_000 * (time.perf_counter() - begun) / len(forwards)


async def write(store: MongoSignatures, forwards: list[str], prefix: str) -> float:
    """Milliseconds that it takes to write a post down."""
    begun = time.perf_counter()
    for number, text in enumerate(forwards):
        signature = Signature(f"{prefix}{number}", text, _NOW, _NOW, _NOW + timedelta(days=3650))
        await store.put(signature, sample(text))
    return 1_000 * (time.perf_counter() - begun) / len(forwards)


def comparisons(posts: list[str]) -> list[float]:
    """Milliseconds that it takes to read two posts and compare them."""
    took = []
    for one, other in itertools.pairwise(posts):
        read.cache_clear()
        compare.cache_clear()
        begun = time.perf_counter()
        compare(Post(one, _NOW), Post(other, _NOW))
        took.append(1_000 * (time.perf_counter() - begun))
    return took


async def run(*, few: int = FEW, many: int = MANY, rounds: int = ROUNDS) -> dict[str, Any]:
    """All figures of the near-duplicates."""
    posts = texts(many)
    with tempfile.TemporaryDirectory() as folder:
        server = embedded.start_mongo(Path(folder) / "mongo")
        url = SecretStr(embedded.mongo_url(server.port))
        small, large = (Mongo(MongoSettings(url=url, database=name, timeout_s=60)) for name in ("few", "many"))
        try:
            begun = time.perf_counter()
            for mongo, number in ((small, few), (large, many)):
                await fill(mongo, posts[:number])
                for name, models in INDEXES.items():  # after: an index that is there costs half of the filling
                    await mongo.collection(name).create_indexes(models)
            filled = time.perf_counter() - begun
            stores = (MongoSignatures(small), MongoSignatures(large))
            looked = await _in_turn(lambda store, _: look(store, _forwards(posts[:few])), stores, rounds)
            written = await _in_turn(lambda store, n: write(store, _forwards(posts[:few]), f"w{n}-"), stores, rounds)
        finally:
            await small.close()
            await large.close()
            server.stop()
    grown = ratio(looked[1], looked[0])
    return {
        "stored": many,
        "fill_s": round(filled, 1),
        "lookup_few_ms": spread(looked[0], 2),
        "lookup_many_ms": spread(looked[1], 2),
        "lookup_many_to_few": grown | judged(grown["median"], 1.25, at_least=False),
        "write_many_ms": spread(written[1], 2),
        "write_many_to_few": ratio(written[1], written[0]),
        "compare_ms": spread(sorted(comparisons(posts[:60]))[15:45], 2),
    }


async def _in_turn(measure: Any, stores: tuple[MongoSignatures, ...], rounds: int) -> tuple[list[float], list[float]]:
    """Both in turn, so that a change of the machine's speed meets both alike; the first round warms up."""
    took: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        for which, store in enumerate(stores):
            value = await measure(store, number)
            if number:
                took[which].append(value)
    return took


def _forwards(posts: list[str]) -> list[str]:
    return [f"منقول\n{text}\nبالتوفيق" for text in posts[:: max(1, len(posts) // LOOKUPS)][:LOOKUPS]]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run()), indent=2))
