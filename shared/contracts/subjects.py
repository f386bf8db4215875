"""One table: which event goes where, who sends it and who reads it. Tests hold code, streams and compose against it."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.base import Event
from shared.contracts.messages import MessageDeleted, MessageEdited, RawMessage
from shared.contracts.pipeline import ApprovedCall, Candidate, DeadLetter, Ending, ExtractedCall


@dataclass(frozen=True, slots=True)
class Route:
    """An event's way: its subject, the stream that keeps it, its senders and the durable consumers that read it."""

    event: type[Event]
    subject: str
    stream: str
    senders: tuple[str, ...]
    readers: tuple[str, ...]


# The publisher sends the messages of dead letters on once more, whatever their subject.
RAW_MESSAGES = Route(RawMessage, "raw.messages", "RAW", ("receiver", "poller", "publisher"), ("filter",))
RAW_EDITS = Route(MessageEdited, "raw.edits", "RAW", ("receiver", "poller", "publisher"), ("filter",))
RAW_DELETIONS = Route(MessageDeleted, "raw.deletions", "RAW", ("receiver", "poller", "publisher"), ("publisher",))
CANDIDATES = Route(Candidate, "candidates", "CANDIDATES", ("filter", "publisher"), ("extractor",))
ENDINGS = Route(Ending, "endings", "ENDINGS", ("filter", "extractor", "publisher"), ("publisher",))
EXTRACTED = Route(ExtractedCall, "extracted", "EXTRACTED", ("extractor", "publisher"), ("publisher",))
APPROVED = Route(ApprovedCall, "approved", "APPROVED", ("publisher",), ("publisher",))  # for its own webhooks
DEAD = Route(DeadLetter, "dead.>", "DEAD", ("receiver", "poller", "filter", "extractor", "publisher"), ("publisher",))

ROUTES = (RAW_MESSAGES, RAW_EDITS, RAW_DELETIONS, CANDIDATES, ENDINGS, EXTRACTED, APPROVED, DEAD)

_BY_EVENT = {route.event: route for route in ROUTES}


def route_of(event: Event) -> Route:
    """The way of this event. KeyError for a type that has none: add a line to ROUTES."""
    return _BY_EVENT[type(event)]


def subject_of(event: Event) -> str:
    """The subject to publish on; a dead letter's names its stage."""
    if isinstance(event, DeadLetter):
        return f"dead.{event.stage}"
    return route_of(event).subject
