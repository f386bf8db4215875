"""A dead letter in lines for people and as a document for programs."""

from __future__ import annotations

from typing import Any

import orjson

from services.publisher.letters import Report
from shared.broker.resend import TIMES
from shared.storage.dead_letters import KeptLetter, group_of


def as_document(kept: KeptLetter) -> dict[str, Any]:
    """The whole letter, with what became of it."""
    settled = {"outcome": kept.outcome, "settled_at": kept.settled_at, "settled_by": kept.settled_by}
    return kept.letter.model_dump(mode="json") | {"group": group_of(kept.letter)} | settled


def described(kept: KeptLetter, alike: int) -> list[str]:
    """The letter for reading. The payload is laid out; controls that a terminal would obey are not shown."""
    letter = kept.letter
    facts = {
        "letter": letter.event_id,
        "stage": letter.stage,
        "reason": letter.reason,
        "detail": letter.detail,
        "failed": letter.failed_at.isoformat(timespec="seconds"),
        "message": letter.message_id or "-",
        "group": group_of(letter) or "-",
        "from": f"{letter.subject} ({letter.stream or 'no stream'} {letter.sequence or ''})".replace(" )", ")"),
        "delivered": f"{letter.deliveries} times",
        "replayed before": f"{letter.headers.get(TIMES, '0')} times",
        "open with this reason": str(alike),
        "state": str(kept.outcome) + (f" by {kept.settled_by}" if kept.settled_by else ""),
    }
    width = max(map(len, facts))
    lines = [f"{name.ljust(width)}  {_line(value)}" for name, value in facts.items()]
    lines += ["", "payload:", *map(_line, pretty(letter.payload).splitlines())]
    if letter.stack:
        lines += ["", "stack:", *map(_line, letter.stack.splitlines())]
    return lines


def pretty(payload: str) -> str:
    """JSON laid out; anything else as it is."""
    try:
        return orjson.dumps(orjson.loads(payload), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return payload


def summary_line(report: Report, number: int) -> list[str]:
    """What a replay came to."""
    lines = [f"{report.sent} of {number} sent on"]
    if report.settled_before:
        lines.append(f"{report.settled_before} were settled already")
    lines += [f"{times} refused: {reason}" for reason, times in report.refused.items()]
    if report.stopped:
        lines.append(f"stopped early, the rest is open: {report.stopped}")
    return lines


def _line(text: str) -> str:
    return "".join(char if char.isprintable() else "\ufffd" for char in text.replace("\t", "    "))
