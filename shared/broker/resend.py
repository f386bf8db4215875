"""Sending a message once more, as it was: into the stream that it came from, marked as a replay.

A replay is a new message to the broker. It carries the name of the delivery that it repeats, so that what was claimed
for that one is its own, and the time at which that one came, so that it is not too old for having lain here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

import nats.errors
import nats.js.errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from shared.broker.ports import Published
from shared.errors import Permanent, Unavailable

RUN = "Twin-Replay"
"""Header: which replay this is; a message without it is none."""
OF = "Twin-Replay-Of"
"""Header: the delivery that is repeated, as `stream:sequence`."""
ARRIVED = "Twin-Arrived-At"
"""Header: when the message first came, as an ISO time with its zone."""
TIMES = "Twin-Replays"
"""Header: how often the message has been replayed."""

_LONGEST_RUN = 40


class Resender(Protocol):
    """Sends what is already in words."""

    async def resend(self, subject: str, stream: str, payload: bytes, headers: Mapping[str, str], id: str) -> Published:
        """Stores the payload under this message id; Unavailable without an acknowledgement, Permanent if too large."""
        ...


class JetStreamResender:
    """The port `Resender` on JetStream. `js` is asked at each call: this can be built before the broker starts."""

    def __init__(self, js: Callable[[], JetStreamContext], *, timeout_s: float = 5.0) -> None:
        self._js = js
        self._timeout = timeout_s

    async def resend(self, subject: str, stream: str, payload: bytes, headers: Mapping[str, str], id: str) -> Published:
        """As the port says."""
        sent = {name: value for name, value in headers.items() if _is_plain(name) and _is_plain(value)}
        try:
            ack = await self._js().publish(
                subject, payload, timeout=self._timeout, stream=stream, headers=sent | {"Nats-Msg-Id": id}
            )
        except nats.errors.MaxPayloadError:
            raise Permanent(f"{id} is larger than the broker takes", reason="too_large") from None
        except (nats.errors.Error, nats.js.errors.Error, TimeoutError, OSError) as error:
            raise Unavailable(f"no acknowledgement for {subject}: {type(error).__name__} {error}".rstrip()) from error
        return Published(ack.seq, duplicate=bool(ack.duplicate))


class RecordingResender:
    """A Resender that keeps what it is given, for tests. Set `error` to make it fail."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, str, bytes, dict[str, str], str]] = []
        self.error: Exception | None = None

    async def resend(self, subject: str, stream: str, payload: bytes, headers: Mapping[str, str], id: str) -> Published:
        """As the port says."""
        if self.error is not None:
            raise self.error
        self.messages.append((subject, stream, payload, dict(headers), id))
        return Published(len(self.messages), duplicate=False)


def replay_headers(before: Mapping[str, str], *, run: str, of: str | None, arrived_at: datetime) -> dict[str, str]:
    """The headers of a replay of a message that had `before`. A replay of a replay still names the first delivery."""
    times = before.get(TIMES, "")
    headers = dict(before) | {RUN: run, TIMES: str(int(times) + 1 if times.isdigit() and len(times) < 6 else 1)}
    if of is not None:
        headers.setdefault(OF, of)
    headers.setdefault(ARRIVED, arrived_at.isoformat())
    return headers


def replay_of(raw: Msg) -> str | None:
    """Which replay sent this message once more; None where it came by itself."""
    return (raw.headers or {}).get(RUN, "")[:_LONGEST_RUN] or None


def arrived_at(raw: Msg) -> datetime | None:
    """When a replayed message first came; None for all others."""
    try:
        found = datetime.fromisoformat((raw.headers or {}).get(ARRIVED, ""))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _is_plain(text: str) -> bool:
    """Whether a header's name or value stays one line."""
    return text.isprintable()
