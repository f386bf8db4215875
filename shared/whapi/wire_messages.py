"""One message of the gateway, as a webhook or a list shows it, turned into one of our events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts.ids import deleted_id, edited_id, posted_id
from shared.contracts.messages import Group, MessageDeleted, MessageEdited, RawEvent, RawMessage, Sender, Via
from shared.whapi.values import group_id, identifier, instant, label, mapping, name_of, truth, whole, words
from shared.whapi.wire_content import POSTS, edited_text, group_of, media_of, quoted_of, sender_of, text_of

_NO_POSTS = frozenset({"system", "call", "pin", "poll_update", "group-member-tag", "story"})
"""Types that tell of something else than a message."""

_EDITS = frozenset({"edit", "edited"})


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing to do for this piece; `name` is the constant that it is counted under."""

    name: str


@dataclass(frozen=True, slots=True)
class Broken:
    """This piece cannot be read; `reason` is a constant."""

    reason: str


Reading = RawEvent | Ignored | Broken


@dataclass(frozen=True, slots=True)
class Frame:
    """What all pieces of one delivery or page share."""

    via: Via
    channel_id: str | None


def read_message(piece: object, frame: Frame) -> Reading:
    """The event in one element of `messages[]`: posted, edited or deleted; or why there is none."""
    if not isinstance(piece, dict):
        return Broken("not_an_object")
    if truth(piece.get("from_me")):
        return Ignored("own_echo")
    group = group_id(piece.get("chat_id"))
    if group is None:
        return _elsewhere(piece.get("chat_id"))
    kind = words(piece.get("type"))
    if kind == "action":
        return _action(piece, frame, group)
    if kind in _NO_POSTS:
        return Ignored(f"type:{name_of(kind)}")
    return _posted(piece, frame, group)


def unknown_type(piece: object) -> str | None:
    """The name to count where a message passed although its type is not one that we know."""
    kind = mapping(piece).get("type")
    return None if isinstance(kind, str) and (kind in POSTS or kind == "action") else f"type:{name_of(kind)}"


def read_update(piece: object, frame: Frame) -> Reading:
    """The event in one element of `messages_updates[]`: an edit where the text changed, a deletion, or nothing.

    `trigger` is the action that brought the change; votes and reactions come this way, too.
    """
    if not isinstance(piece, dict):
        return Broken("not_an_object")
    trigger, before, after = (mapping(piece.get(key)) for key in ("trigger", "before_update", "after_update"))
    views = [view for view in (after, before, trigger) if view]
    if any(truth(view.get("from_me")) for view in views):
        return Ignored("own_echo")
    chat = next((view["chat_id"] for view in views if view.get("chat_id") is not None), None)
    group = group_id(chat)
    if group is None:
        return _elsewhere(chat)
    cause = words(mapping(trigger.get("action")).get("type"))
    text, old_text = text_of(after), text_of(before)
    if cause == "delete" or (cause in _EDITS and text is None):
        return _action(
            {**trigger, "action": {"target": piece.get("id"), **mapping(trigger.get("action"))}}, frame, group
        )
    if text is None or text == old_text or (old_text is None and cause not in (None, *_EDITS)):
        return Ignored(name_of(cause) if cause else "update_without_new_text")
    message_id = next((id for view in (piece, after, before) if (id := identifier(view.get("id")))), None)
    when = next((time for view in (trigger, after, before) if (time := instant(view.get("timestamp")))), None)
    sender = next((sender for view in views if (sender := sender_of(view))), None)
    return _edited(message_id, group_of(group, *views), text, when, frame, sender)


def read_removed(piece: object, frame: Frame) -> Reading:
    """The event in one element of `messages_removed[]`: usually a bare id, with neither chat nor author."""
    entry = mapping(piece)
    message_id = identifier(entry.get("id") if entry else piece)
    if message_id is None:
        return Broken("bad_id")
    group = group_id(entry.get("chat_id"))
    if group is None and entry.get("chat_id") is not None:
        return _elsewhere(entry["chat_id"])
    return MessageDeleted(
        event_id=deleted_id(message_id),
        message_id=message_id,
        channel_id=frame.channel_id,
        group=Group(id=group) if group else None,
        via=frame.via,
    )


def _posted(piece: dict[str, Any], frame: Frame, group: str) -> Reading:
    message_id, sent_at = identifier(piece.get("id")), instant(piece.get("timestamp"))
    if message_id is None or sent_at is None:
        return Broken("bad_id" if message_id is None else "bad_timestamp")
    context = mapping(piece.get("context"))
    return RawMessage(
        event_id=posted_id(message_id),
        message_id=message_id,
        channel_id=frame.channel_id,
        group=group_of(group, piece),
        sender=sender_of(piece),
        sent_at=sent_at,
        kind=label(piece.get("type"), 40) or "unknown",
        text=text_of(piece) or "",
        media=media_of(piece),
        quoted=quoted_of(context),
        forwarded=truth(context.get("forwarded")) or bool(whole(context.get("forwarding_score"))),
        via=frame.via,
    )


def _action(piece: dict[str, Any], frame: Frame, group: str) -> Reading:
    action = mapping(piece.get("action"))
    kind = words(action.get("type"))
    if kind != "delete" and kind not in _EDITS:
        return Ignored(name_of(kind) if kind else "action_unnamed")
    message_id, when = identifier(action.get("target")), instant(piece.get("timestamp"))
    if message_id is None:
        return Broken("bad_target")
    where = group_of(group, piece)
    if kind == "delete":
        return MessageDeleted(
            event_id=deleted_id(message_id),
            message_id=message_id,
            channel_id=frame.channel_id,
            group=where,
            deleted_at=when,
            via=frame.via,
        )
    return _edited(message_id, where, edited_text(action), when, frame, sender_of(piece))


def _edited(
    message_id: str | None, group: Group, text: str | None, when: datetime | None, frame: Frame, sender: Sender | None
) -> Reading:
    if message_id is None:
        return Broken("bad_target")
    if text is None or when is None:
        return Broken("no_edited_text" if text is None else "bad_timestamp")
    return MessageEdited(
        event_id=edited_id(message_id, text),
        message_id=message_id,
        channel_id=frame.channel_id,
        group=group,
        sender=sender,
        edited_at=when,
        text=text,
        via=frame.via,
    )


def _elsewhere(chat: object) -> Reading:
    if not isinstance(chat, str) or not chat:
        return Broken("no_chat")
    if chat.endswith("@g.us"):
        return Broken("bad_chat")
    if chat.endswith("@newsletter"):
        return Ignored("newsletter")
    if chat.endswith("@broadcast") or chat == "stories":
        return Ignored("story")
    return Ignored("private_chat")
