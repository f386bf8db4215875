"""What is looked at, and what stays, of single things that an erasure comes upon. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import orjson

from services.operator.traces import Traces
from services.publisher.erasure import ERASED_TITLE
from shared.broker.stored import RawStreamMessage
from shared.contracts.messages import RawMessage
from shared.storage.holdings import HOLDINGS, Document, Holding, Ids
from shared.storage.ledger import Entry, State
from shared.storage.retention import MENTION, WORDS

LEDGER: Final = "messages"
CALLS: Final = "calls"
_UNNAMED: Final = Holding("", "")  # searched and masked


def holding_of(name: str) -> Holding:
    """How a person is taken out of the collection of this name."""
    return HOLDINGS.get(name, _UNNAMED)


def is_held(name: str, document: Document, traces: Traces) -> bool:
    """Whether an erasure would take something out of this document of the collection `name`."""
    if name == LEDGER:
        return is_theirs(document, traces) or holds(document, traces)
    if name == CALLS:
        return is_to_do(document, traces)
    return goes(name, document, traces) or holds(document, traces)


def is_theirs(entry: Document, traces: Traces) -> bool:
    """Whether an entry of the ledger still holds words that the person wrote.

    Of an edit, the gateway names no sender at times, or by another id than of the message: whose that was wrote both.
    """
    known = not traces.own.isdisjoint((entry["_id"], entry.get("edit_of")))
    return traces.is_sender(entry.get("sender")) or (known and bool(entry.get("text")))


def goes(name: str, document: Document, traces: Traces) -> bool:
    """Whether a document goes for the message that it belongs to, even where it does not hold the person itself."""
    dropped = holding_of(name).dropped
    return dropped is not Ids.NONE and traces.belongs(document, named=dropped is Ids.NAMED)


def is_to_do(call: Document, traces: Traces) -> bool:
    """Whether a call holds the person, or words of theirs that are not erased yet."""
    own = call["message"]["message_id"] in traces.own
    return holds(call, traces) or (own and call["fields"]["title"] != ERASED_TITLE)


def holds(document: Document, traces: Traces) -> bool:
    """Whether anything but its key holds the person: a key is what others know the document by, and stays."""
    return traces.holds({name: value for name, value in document.items() if name != "_id"})


def kept(before: Document, after: Document) -> Document:
    """The document after, under the key that it had."""
    return after | {"_id": before["_id"]}


def emptied(entry: Document, traces: Traces, *, own: bool) -> Document:
    """The ledger's entry with its claim and state, so that the message is known when it is delivered again."""
    after = kept(entry, traces.without(entry)) | {"erased": WORDS if own else MENTION}
    after.pop("fingerprint", None)  # beside the words that stay, a digest would give the number away
    if own:
        after |= {"text": "", "sender": None, "sender_name": None}
        stages = after.get("stages") or {}
        after["stages"] = {
            stage: {name: value for name, value in detail.items() if name not in ("reason", "because")}
            for stage, detail in stages.items()
        }
    return {name: value for name, value in after.items() if value not in (None, "", {})}


def tombstone(message: RawMessage, position: str, now: datetime) -> Entry:
    """The entry of a message that was erased before anybody had recorded it."""
    return Entry(
        id=message.message_id,
        claim=position,
        state=State.REJECTED,
        group_id=message.group.id,
        sent_at=message.sent_at,
        seen_at=now,
        via=str(message.via),
        rule="erased",
        erased=WORDS,
    )


def json_of(message: RawStreamMessage) -> Any:
    """The payload, or its text where it is no JSON."""
    try:
        return orjson.loads(message.data)
    except orjson.JSONDecodeError:
        return message.data.decode("utf-8", "replace")


def message_in(body: Any) -> dict[str, Any]:
    """The message that an event of ours is, or carries."""
    if not isinstance(body, dict):
        return {}
    inner = body.get("message")
    return inner if isinstance(inner, dict) else body


def is_own(body: Any, traces: Traces) -> bool:
    """Whether an event of ours carries a message of theirs."""
    said = message_in(body)
    return traces.is_sender(said.get("sender")) or said.get("message_id") in traces.own
