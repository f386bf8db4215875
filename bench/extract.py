"""The offline extraction of a message, alone on one core, over the calls of the development corpus."""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import Any

from bench.figures import judged, percentile, spread
from bench.load import CORPUS
from services.extractor.offline.engine import extract

ROUNDS = 7
TARGET_MS = 5.0


async def run() -> dict[str, Any]:
    """Milliseconds a message: the median of the calls in the quietest round, and the spread of the rounds' medians."""
    rows = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    calls = [(row["text"], datetime.fromisoformat(row["sent_at"])) for row in rows if row["label"] == "casting_call"]
    _round(calls)  # the caches of words and names
    rounds = [_round(calls) for _ in range(ROUNDS)]
    medians = [percentile(times, 0.5) for times in rounds]
    return {
        "offline_extraction_ms": judged(round(min(medians), 2), TARGET_MS, at_least=False)
        | {"p95": round(min(percentile(times, 0.95) for times in rounds), 2), "messages": len(calls)},
        "offline_extraction_medians_ms": spread(medians, digits=2),
    }


def _round(calls: list[tuple[str, datetime]]) -> list[float]:
    """Processor time of each message in ms."""
    times = []
    for text, sent_at in calls:
        started = time.process_time()
        extract(text, sent_at)
        times.append((time.process_time() - started) * 1000)
    return times
