"""What the gateway sent and we cannot read, kept whole as a dead letter, and read anew: receiver and poller."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime

from pydantic import ValidationError

from shared.contracts.messages import RAW_EVENT, RawEvent
from shared.contracts.pipeline import DeadLetter
from shared.errors import Malformed
from shared.whapi.wire import inspect_delivery, inspect_page

MAX_KEPT_BYTES = 131_072  # of a payload; escaped sixfold at worst it still fits into the broker's default of 1 MB


def unreadable(
    payload: bytes | bytearray,
    reason: str,
    detail: str,
    *,
    stage: str,
    subject: str,
    now: datetime,
    content_type: bytes = b"",
) -> DeadLetter:
    """The dead letter of this payload. The same content gives the same letter, however often it comes."""
    kept = payload[:MAX_KEPT_BYTES]
    if len(payload) > len(kept):
        detail = f"{detail} (the first {len(kept)} of {len(payload)} bytes are kept)"
    headers = {"content-type": content_type[:200].decode("ascii", "backslashreplace")} if content_type else {}
    return DeadLetter(
        event_id=f"dead:{stage}:{hashlib.blake2b(payload, digest_size=16).hexdigest()}",
        stage=stage,
        reason=reason,
        detail=detail[:2000],
        subject=subject,
        headers=headers,
        payload=kept.decode("utf-8", "backslashreplace").replace("\x00", "\\x00"),
        failed_at=now,
    )


def reread(letter: DeadLetter) -> list[RawEvent]:
    """The events in a payload that could not be read once: today's reader may know better. Malformed where not."""
    try:
        body = json.loads(letter.payload)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"still no valid JSON: {error}", reason="unreadable") from None
    if not isinstance(body, dict):
        raise Malformed("still no JSON object", reason="unreadable")
    if "event_id" in body:  # an event of ours, which the broker did not take
        try:
            return [RAW_EVENT.validate_python(body)]
        except ValidationError:
            raise Malformed("still no event of ours", reason="unreadable") from None
    part = _PART.search(letter.detail)
    if part and part[1] != "messages":
        found = inspect_delivery({part[1]: [body]})
    elif part or letter.stage == "poller":
        found = inspect_page({"messages": [body]})
    else:
        found = inspect_delivery(body)
    if found.malformed:
        raise Malformed(f"still cannot be read: {found.malformed[0].reason}", reason="unreadable")
    if not found.events:
        raise Malformed("holds nothing that is listened to", reason="nothing")
    return found.events


_PART = re.compile(r"\b(messages|messages_updates|messages_removed)\[\d+\]")
