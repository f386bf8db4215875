"""A dead letter of a message: whole, with where it stood and why it could not be handled."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

import orjson
from nats.aio.msg import Msg
from nats.errors import NotJSMessageError

from shared.broker.ports import Publisher
from shared.broker.resend import OF
from shared.contracts.pipeline import DeadLetter
from shared.errors import Permanent

_LONGEST_KEPT = 100_000  # characters; escaped at worst they are a sixth of what the broker takes


def deliveries_of(raw: Msg) -> int:
    """Which delivery of the message this is; 1 where the message does not say (an in-memory test broker)."""
    try:
        return raw.metadata.num_delivered or 1
    except NotJSMessageError:
        return 1


def claim_of(raw: Msg) -> str:
    """The name of this delivery's message in its stream: what a claim is made with. A replay has its first one's."""
    if first := (raw.headers or {}).get(OF):
        return first
    metadata = raw.metadata
    return f"{metadata.stream}:{metadata.sequence.stream}"


def dead_letter(raw: Msg, *, stage: str, reason: str, detail: str, stack: str, now: datetime) -> DeadLetter:
    """The dead letter of this message: whole, with where it stood and why it could not be handled."""
    stream: str | None = None
    sequence: int | None = None
    with suppress(NotJSMessageError):
        stream, sequence = raw.metadata.stream, raw.metadata.sequence.stream
    # The broker's own headers describe the old publish; sent along, they would make the new one fail.
    headers = {key: value for key, value in (raw.headers or {}).items() if not key.startswith("Nats-")}
    return DeadLetter(
        event_id=f"dead:{stage}:{stream}:{sequence}",
        stage=stage,
        reason=reason,
        detail=detail[:2000],
        stack=stack[-8000:],
        subject=raw.subject,
        stream=stream,
        sequence=sequence,
        deliveries=deliveries_of(raw),
        headers=headers,
        payload=raw.data.decode("utf-8", "backslashreplace"),
        message_id=_message_id(raw.data),
        failed_at=now,
    )


async def stored(letter: DeadLetter, publisher: Publisher) -> None:
    """Stores a letter; only the beginning of its payload where that, escaped once more, is more than the broker takes.

    Transient while the broker does not take it.
    """
    try:
        await publisher.publish(letter)
    except Permanent:
        kept = letter.payload[:_LONGEST_KEPT]
        note = f" (the first {len(kept)} of {len(letter.payload)} characters are kept here)"
        await publisher.publish(letter.model_copy(update={"payload": kept, "detail": letter.detail + note}))


def _message_id(data: bytes) -> str | None:
    """The ledger's id in a payload of ours, where there is one."""
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(body, dict):
        return None
    inner = body.get("message")
    if body.get("type") == "message.edited":  # an edit has an entry of its own
        found = body.get("event_id")
    elif isinstance(inner, dict):
        found = body.get("edit_id") or inner.get("message_id")
    else:
        found = body.get("message_id")
    return found if isinstance(found, str) else None
