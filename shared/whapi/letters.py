"""What the gateway sent and we cannot read, kept whole as a dead letter: by the receiver and the poller alike."""

from __future__ import annotations

import hashlib
from datetime import datetime

from shared.contracts.pipeline import DeadLetter

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
