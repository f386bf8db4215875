"""What a message of the gateway holds: its words, its author, its file, and the message that it answers."""

from __future__ import annotations

from typing import Any, Final

from shared.contracts.messages import Group, Media, Quoted, Sender
from shared.whapi.values import identifier, label, link, mapping, whole, words

_CAPTIONED = frozenset({"image", "video", "gif", "short", "document", "documentWithCaption"})
_WITH_FILE = _CAPTIONED | {"audio", "voice", "sticker"}
_OTHER_POSTS = frozenset(
    {"text", "link_preview", "poll", "location", "live_location", "contact", "contact_list", "event", "album"}
    | {"group_invite", "newsletter_invite", "admin_invite", "product", "catalog", "order"}
    | {"interactive", "reply", "hsm", "buttons", "list", "carousel"}
)
POSTS = _WITH_FILE | _OTHER_POSTS
"""Types that somebody wrote or sent, and that pass as messages."""

_TEXT_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "text": ("body",),
    "link_preview": ("body",),
    "event": ("name", "description"),
} | dict.fromkeys(_CAPTIONED, ("caption",))


def text_of(message: dict[str, Any]) -> str | None:
    """The message's own words; empty where its content has none; None where there is no content at all."""
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in message:
        kind = next((known for known in (*_TEXT_FIELDS, "poll") if known in message), None)
    if kind is None:
        return None
    content = message.get(kind)
    if isinstance(content, str) and kind in _TEXT_FIELDS:  # not documented; costs nothing to understand
        return words(content)
    if not isinstance(content, dict):
        return None
    if kind == "poll":
        return _poll(content)
    return _joined(content, _TEXT_FIELDS.get(kind, ("body", "caption")))


def _poll(content: dict[str, Any]) -> str:
    options = content.get("options")
    lines = [content.get("title"), *(options if isinstance(options, list) else ())]
    texts = (words(mapping(line).get("name") if isinstance(line, dict) else line) for line in lines)
    return "\n".join(text for text in texts if text)


def _joined(content: dict[str, Any], fields: tuple[str, ...]) -> str:
    values = (content.get(field) for field in fields)
    texts = (words(value.get("text") if isinstance(value, dict) else value) for value in values)
    return "\n".join(text for text in texts if text)


def edited_text(action: dict[str, Any]) -> str | None:
    """The new text that an edit brings; None where it brings none."""
    content = action.get("edited_content")
    if isinstance(content, str):
        return words(content)
    fields = [field for field in ("body", "caption", "text") if isinstance(mapping(content).get(field), str)]
    return words(mapping(content)[fields[0]]) if fields else None


def group_of(group: str, *views: dict[str, Any]) -> Group:
    """The group of this id, with its name where one of the views tells it."""
    return Group(id=group, name=next((name for view in views if (name := label(view.get("chat_name")))), None))


def sender_of(piece: dict[str, Any]) -> Sender | None:
    """Who wrote it; None where that is not told. A LID stays whole: its digits are no phone number."""
    value = piece.get("from")
    sender = str(number) if (number := whole(value)) else identifier(value)
    if sender is None or len(sender) > 100 or sender.endswith("@g.us"):
        return None
    name = label(piece.get("from_name"))
    if sender.endswith("@lid"):
        return Sender(id=sender, kind="lid", name=name)
    bare = sender.removesuffix("@s.whatsapp.net").removesuffix("@c.us")
    if bare.isdecimal() and 7 <= len(bare) <= 15:
        return Sender(id=bare, kind="phone", name=name)
    return Sender(id=sender, kind="unknown", name=name)


def media_of(piece: dict[str, Any]) -> Media | None:
    """The attached file, by reference; None for a message without one."""
    kind = piece.get("type")
    if not isinstance(kind, str) or kind not in _WITH_FILE or not isinstance(piece.get(kind), dict):
        return None
    content = piece[kind]
    media_id = identifier(content.get("id"))
    return Media(
        id=None if media_id == "media_init" else media_id,  # stands there while the file is not ready
        kind=kind,
        mime_type=label(content.get("mime_type"), 100),
        size=whole(content.get("file_size")),
        file_name=label(content.get("file_name")) or label(content.get("filename")),
        link=link(content.get("link")),
    )


def quoted_of(context: dict[str, Any]) -> Quoted | None:
    """The message that this one answers; None where it answers none."""
    message_id = identifier(context.get("quoted_id"))
    if message_id is None:
        return None
    content = mapping(context.get("quoted_content"))
    text = _joined(content, ("body", "caption")) or words(content.get("title"))
    return Quoted(message_id=message_id, text=text or None, author=identifier(context.get("quoted_author")))
