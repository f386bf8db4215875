"""What happened in a WhatsApp group: a message was posted, edited or deleted.

Receiver and poller make the *same* event with the *same* id for the same message; only `via` tells them apart.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from shared.contracts.base import AwareDatetime, Contract, Event


class Via(StrEnum):
    """How a message reached us."""

    WEBHOOK = "webhook"
    POLL = "poll"
    DIRECT = "direct"  # pasted in at the review desk


class Group(Contract):
    """A WhatsApp group. `id` ends in @g.us; the name is often missing on the wire and is filled from the sources."""

    id: str = Field(min_length=1, max_length=100)
    name: str | None = None


class Sender(Contract):
    """Who wrote it. `id` is opaque: a LID is no phone number and must never be shown or stored as one."""

    id: str
    kind: Literal["phone", "lid", "unknown"] = "unknown"
    name: str | None = None


class Media(Contract):
    """An attachment, by reference. Nothing is downloaded on the way in."""

    id: str | None = None
    kind: str
    mime_type: str | None = None
    size: int | None = None
    file_name: str | None = None
    link: str | None = None


class Quoted(Contract):
    """The message that this one answers."""

    message_id: str
    text: str | None = None
    author: str | None = None


class RawMessage(Event):
    """One message as it was posted.

    `text` is the message's own words, unchanged (body, caption, or a poll's title and options), and empty where there
    are none. `kind` is the gateway's word for the type ("text", "image", "link_preview", …; unknown ones pass).
    """

    type: Literal["message.posted"] = "message.posted"
    message_id: str = Field(min_length=1, max_length=200)
    channel_id: str | None = None
    group: Group
    sender: Sender | None = None
    sent_at: AwareDatetime
    kind: str = "text"
    text: str = ""
    media: Media | None = None
    quoted: Quoted | None = None
    forwarded: bool = False
    via: Via = Via.WEBHOOK

    @property
    def reference(self) -> str:
        """`whatsapp://group/<group id>/message/<message id>`, the address that consumers see."""
        return message_reference(self.group.id, self.message_id)


class MessageEdited(Event):
    """The text of an earlier message was changed. The gateway shows one edit in two ways; both give this id."""

    type: Literal["message.edited"] = "message.edited"
    message_id: str = Field(min_length=1, max_length=200)  # the message that was edited
    channel_id: str | None = None
    group: Group
    sender: Sender | None = None
    edited_at: AwareDatetime
    text: str
    via: Via = Via.WEBHOOK


class MessageDeleted(Event):
    """A message was deleted for everyone. The gateway does not always say where."""

    type: Literal["message.deleted"] = "message.deleted"
    message_id: str = Field(min_length=1, max_length=200)  # the message that was deleted
    channel_id: str | None = None
    group: Group | None = None
    deleted_at: AwareDatetime | None = None
    via: Via = Via.WEBHOOK


RawEvent = Annotated[RawMessage | MessageEdited | MessageDeleted, Field(discriminator="type")]
RAW_EVENT: TypeAdapter[RawMessage | MessageEdited | MessageDeleted] = TypeAdapter(RawEvent)


def message_reference(group_id: str, message_id: str) -> str:
    """The address of a message: `whatsapp://group/<group id>/message/<message id>`."""
    return f"whatsapp://group/{group_id}/message/{message_id}"


__all__ = [
    "RAW_EVENT",
    "Group",
    "Media",
    "MessageDeleted",
    "MessageEdited",
    "Quoted",
    "RawEvent",
    "RawMessage",
    "Sender",
    "Via",
    "message_reference",
]
