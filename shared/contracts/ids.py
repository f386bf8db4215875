"""The ids that make every step repeatable: the same input always gives the same id."""

from __future__ import annotations

import hashlib


def posted_id(message_id: str) -> str:
    """The id of the event "this message was posted"."""
    return f"post:{message_id}"


def edited_id(message_id: str, text: str) -> str:
    """The id of "this message was given this text": the same from both views that the gateway gives of one edit."""
    return f"edit:{message_id}:{_digest(text)}"


def deleted_id(message_id: str) -> str:
    """The id of the event "this message was deleted"."""
    return f"delete:{message_id}"


def ending_id(entry_id: str) -> str:
    """The id of "these words say that a call is over"; `entry_id` is the message's, or the edit's that brought them."""
    return f"ending:{entry_id}"


def call_id(message_id: str) -> str:
    """The id of the call that a message brings: short, opaque, stable, safe in an address."""
    return f"c{_digest(message_id)}"


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
