"""Standard Webhooks 1.0, pure: secrets, signatures, bodies, what an answer means and when to try again.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from shared.errors import Misconfigured

PREFIX: Final = "whsec_"
_LEAST, _MOST = 24, 64  # bytes of a secret, by the specification
_TOLERANCE_S: Final = 300

WAITS_S: Final = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""After the first failure, the second …; after the last of them there is no further try. About three days in all."""

_LONGEST_ASKED_S: Final = 86_400.0


class Outcome(StrEnum):
    """What the subscriber's answer means."""

    DELIVERED = "delivered"
    AGAIN = "again"
    SLOWER = "slower"  # try again, and give the whole subscriber a rest
    GONE = "gone"  # it wants nothing any more


def new_secret(random: bytes) -> str:
    """The secret that these random bytes (24 to 64) make."""
    return PREFIX + base64.b64encode(random).decode()


def key_of(secret: str) -> bytes:
    """The bytes to sign with; Misconfigured for what is no secret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not _LEAST <= len(key) <= _MOST:
        raise Misconfigured(f"a webhook secret is {PREFIX} and {_LEAST} to {_MOST} bytes in base64")
    return key


def signature(secret: str, id: str, at: datetime, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64."""
    signed = f"{id}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest()).decode()


def id_of(event_id: str) -> str:
    """The `webhook-id` of an event of ours: its own for ever, without the dots that part what is signed."""
    return "msg_" + hashlib.sha256(event_id.encode()).hexdigest()[:32]


def headers(secrets: Sequence[str], id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of one try; a signature for each secret, so that a subscriber may change its own at leisure."""
    return {
        "content-type": "application/json",
        "user-agent": "takeone-digital-twin/1",
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signature(secret, id, at, body) for secret in secrets),
    }


def is_genuine(secret: str, given: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """What a subscriber does: whether a request with these headers (small letters) is ours, and not an old one."""
    try:
        at = datetime.fromtimestamp(int(given["webhook-timestamp"]), UTC)
        id, signatures = given["webhook-id"], given["webhook-signature"].split()
    except (KeyError, ValueError, OverflowError, OSError):
        return False
    wanted = signature(secret, id, at, body)
    fresh = abs((now - at).total_seconds()) <= _TOLERANCE_S
    return fresh and any(hmac.compare_digest(one.encode(), wanted.encode()) for one in signatures)


def body_of(type: str, at: datetime, data: Mapping[str, Any]) -> str:
    """The JSON to send: what happened, when, and the thing itself."""
    document = {"type": type, "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z"), "data": data}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def outcome_of(status: int | None) -> Outcome:
    """What an answer with this status means; None where there was no answer. Only 2xx is a success."""
    if status is not None and 200 <= status < 300:
        return Outcome.DELIVERED
    if status == 410:
        return Outcome.GONE
    return Outcome.SLOWER if status in (429, 502, 503, 504) else Outcome.AGAIN


def wait_s(attempts: int, *, asked: float | None = None, jitter: float = 0.0) -> float | None:
    """How long after the so-manieth failed try the next one comes; None: no further one.

    `asked`: what the subscriber's Retry-After says, in seconds. `jitter` (0..1) adds up to a tenth.
    """
    if attempts > len(WAITS_S):
        return None
    return max(WAITS_S[attempts - 1], min(asked or 0.0, _LONGEST_ASKED_S)) * (1 + 0.1 * jitter)
