"""All of the gateway's spelling, read into our events and values. Pure; nothing here raises for bad input.

The reader is tolerant: unknown fields are passed over, unknown types pass without text, what cannot be read is kept
apart and the rest of the delivery goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from shared.contracts.messages import RawEvent, RawMessage, Via
from shared.whapi.values import as_json, identifier, items, mapping, name_of
from shared.whapi.wire_channel import (
    GroupInfo,
    Health,
    Limits,
    read_error,
    read_group,
    read_groups,
    read_health,
    read_limits,
    webhook_registration,
)
from shared.whapi.wire_messages import (
    Broken,
    Frame,
    Ignored,
    Reading,
    read_message,
    read_removed,
    read_update,
    unknown_type,
)

MOST_KEPT = 1000
"""Malformed pieces of one body that are kept with their payload (a page has no more); further ones are counted."""

_MOST_NAMES = 20  # distinct foreign names counted in one delivery; the others share one


@dataclass(frozen=True, slots=True)
class MalformedPiece:
    """A piece that could not be read: which (`part` and `index`), why (a constant), and the piece as JSON text."""

    part: str
    index: int
    reason: str
    payload: str


@dataclass(slots=True)
class Delivery:
    """What one webhook body or one page of a list holds.

    `ignored` counts by constant name: what was left out on purpose ("own_echo", "private_chat", "newsletter", "story",
    "reaction", "vote", "type:system", "event:statuses.post", "removed_all", "test", "empty") and, as "type:NAME", the
    messages of unknown types, which are among `events` all the same. `pieces` is how many elements were looked at,
    `broken` how many of them cannot be read: the first `MOST_KEPT` of these are in `malformed`.
    """

    events: list[RawEvent] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    malformed: list[MalformedPiece] = field(default_factory=list)
    channel_id: str | None = None
    event_name: str = "unnamed"
    pieces: int = 0
    broken: int = 0


_PARTS: tuple[tuple[str, Callable[[object, Frame], Reading]], ...] = (
    ("messages", read_message),
    ("messages_updates", read_update),
    ("messages_removed", read_removed),
)


def read_delivery(body: dict[str, Any]) -> list[RawEvent]:
    """The events in one webhook body, in its order. Never raises; see `inspect_delivery` for what was left out."""
    return inspect_delivery(body).events


def inspect_delivery(body: dict[str, Any]) -> Delivery:
    """One webhook body: its events, what was ignored by name, and the pieces that could not be read. Never raises."""
    body = mapping(body)
    delivery = Delivery(channel_id=identifier(body.get("channel_id")), event_name=_event_name(body))
    frame = Frame(Via.WEBHOOK, delivery.channel_id)
    for part, read in _PARTS:
        if part in body:
            _read_part(delivery, part, body[part], read, frame)
    if body.get("messages_removed_all"):
        delivery.ignored["removed_all"] += 1
    elif not any(body.get(part) for part, _ in _PARTS):
        delivery.ignored[_what_else(body, delivery.event_name)] += 1
    return delivery


def read_page(body: dict[str, Any], *, channel_id: str | None = None) -> list[RawEvent]:
    """The events in one page of a message list: the same, with the same ids, as the webhook makes, but `via` poll."""
    return inspect_page(body, channel_id=channel_id).events


def inspect_page(body: dict[str, Any], *, channel_id: str | None = None) -> Delivery:
    """One page of a message list (or one message in a list of one), as `inspect_delivery`. Never raises."""
    delivery = Delivery(channel_id=channel_id, event_name="page")
    _read_part(delivery, "messages", mapping(body).get("messages"), read_message, Frame(Via.POLL, channel_id))
    return delivery


def _read_part(
    delivery: Delivery, part: str, value: object, read: Callable[[object, Frame], Reading], frame: Frame
) -> None:
    pieces = items(value)
    if pieces is None:
        pieces, read = [value], _not_a_list
    for index, piece in enumerate(pieces):
        delivery.pieces += 1
        reading = _safely(read, piece, frame)
        if isinstance(reading, Broken):
            delivery.broken += 1
            if delivery.broken <= MOST_KEPT:
                delivery.malformed.append(MalformedPiece(part, index, reading.reason, as_json(piece)))
        elif isinstance(reading, Ignored):
            _count(delivery.ignored, reading.name)
        else:
            delivery.events.append(reading)
            if isinstance(reading, RawMessage) and (unknown := unknown_type(piece)):
                _count(delivery.ignored, unknown)


def _safely(read: Callable[[object, Frame], Reading], piece: object, frame: Frame) -> Reading:
    try:
        return read(piece, frame)
    except (ValidationError, RecursionError):
        return Broken("contract")


def _not_a_list(_piece: object, _frame: Frame) -> Reading:
    return Broken("not_a_list")


def _count(ignored: Counter[str], name: str) -> None:
    ignored[name if name in ignored or len(ignored) < _MOST_NAMES else "other"] += 1


def _event_name(body: dict[str, Any]) -> str:
    event = body.get("event")
    if isinstance(event, str):
        return name_of(event)
    parts = mapping(event)
    method = parts.get("event") or parts.get("method")  # the documents say "method", real bodies "event"
    return name_of(f"{name_of(parts.get('type'))}.{name_of(method)}") if parts else "unnamed"


def _what_else(body: dict[str, Any], name: str) -> str:
    if body.get("test") or name.startswith(("test", "webhook_test")):
        return "test"
    if name == "unnamed" or any(part in body for part, _ in _PARTS):
        return "empty"
    return f"event:{name}"


__all__ = [
    "MOST_KEPT",
    "Delivery",
    "GroupInfo",
    "Health",
    "Limits",
    "MalformedPiece",
    "inspect_delivery",
    "inspect_page",
    "read_delivery",
    "read_error",
    "read_group",
    "read_groups",
    "read_health",
    "read_limits",
    "read_page",
    "webhook_registration",
]
