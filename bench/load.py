"""The messages that the benches send: the corpus over and over, each text for another office's call."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from pathlib import Path

from shared.contracts.ids import posted_id
from shared.contracts.messages import Group, RawMessage

CORPUS = Path(__file__).parent.parent / "tests" / "corpus" / "dev.jsonl"
_CONTACT = re.compile(
    r"(?P<phone>(?<!\d)(?:\+|00)?\d(?:[ -]?\d){8,13}(?!\d))|[\w.+-]+(?=@[\w-]+\.\w)|(?<!\w)@[\w.]{3,}"
    r"|https?://(?!wa\.me)[^\s<>\"']+"
)


def another(text: str, seed: str) -> str:
    """The same words for another call: every contact is another one, made from the seed; where it names none, it gets
    one. What differs in a number at the end alone would be a copy.
    """
    number = int.from_bytes(hashlib.blake2b(seed.encode(), digest_size=6).digest(), "big") % 10**8

    def changed(match: re.Match[str]) -> str:
        if match["phone"]:
            return f"{'05' if match['phone'][0] in '+0٠' else '9665'}{number:08}"
        return f"{match[0]}{number}"

    changed_text, contacts = _CONTACT.subn(changed, text)
    return changed_text if contacts else f"{text}\nواتساب 05{number:08}"


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
                text=f"{another(row['text'], id) if row['label'] == 'casting_call' else row['text']}\n#{prefix}{index}",
            )
        )
    return made
