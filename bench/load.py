"""The messages that the benches send: the corpus over and over, each text made its own by a number at the end."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from shared.contracts.ids import posted_id
from shared.contracts.messages import Group, RawMessage

CORPUS = Path(__file__).parent.parent / "tests" / "corpus" / "dev.jsonl"


def messages(number: int, *, now: datetime, prefix: str) -> list[RawMessage]:
    """`number` messages sent at `now`, no two with the same words; `prefix` sets their ids apart from other loads'."""
    rows = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    made = []
    for index in range(number):
        row = rows[index % len(rows)]
        id = f"{prefix}-{index}"
        made.append(
            RawMessage(
                event_id=posted_id(id),
                message_id=id,
                group=Group(id=f"{index % 12}@g.us", name=row["group"]),
                sent_at=now,
                kind=row["type"],
                text=f"{row['text']}\n#{prefix}{index}",
            )
        )
    return made
