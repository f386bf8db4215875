"""What the stand-in gateway says, and when something goes wrong. Pure: all chance is drawn from the seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from services.sandbox.knobs import Knobs

Message = dict[str, Any]

_NAMES = ("مكتب الإنتاج", "Nouf | Casting", "أبو فهد", "Casting desk", "استديو الساحل", "Reem", "منسق كومبارس")
_CAPTIONED = {"image": "image/jpeg", "video": "video/mp4", "document": "application/pdf"}
_LID_SHARE = 0.1
_NAMED_SHARE = 0.5  # how often the gateway tells the group's name


def chance(seed: str, what: str, key: str) -> float:
    """A number in [0, 1) that is always the same for the same seed, question and key."""
    return int.from_bytes(_digest(seed, what, key)[:8], "big") / 2**64


def message_id(seed: str, row: str) -> str:
    """The id of a message, in the gateway's shape (three segments)."""
    digits = _digest(seed, "message", row).hex().upper()
    return f"Sb{digits[:14]}-{digits[14:28]}-{digits[28:36]}"


def group_id(name: str) -> str:
    """The id of the group of this name: the same in every run."""
    return f"1203634{int.from_bytes(_digest('group', name)[:8], 'big') % 10**11:011}@g.us"


def group_of(name: str, now: int) -> dict[str, Any]:
    """A group as GET /groups lists it."""
    size = 40 + _digest("size", name)[0] * 4
    return {
        "id": group_id(name),
        "name": name,
        "type": "group",
        "timestamp": now,
        "participants": [{"id": "966500000900", "rank": "creator"}, {"id": "198273640000900@lid", "rank": "member"}],
        "participants_count": size,
        "created_at": 1_720_000_000,
    }


def message_of(seed: str, id: str, group: Mapping[str, Any], text: str, *, at: int, kind: str = "text") -> Message:
    """A message as webhooks and lists show it."""
    message: Message = {
        "id": id,
        "from_me": False,
        "type": kind,
        "chat_id": group["id"],
        "timestamp": at,
        "source": "mobile",
        kind: _content(id, kind, text),
        **_author(seed, id),
    }
    if chance(seed, "named", id) < _NAMED_SHARE:
        message["chat_name"] = group["name"]
    return message


def edited(message: Message, text: str) -> Message:
    """The same message with another text."""
    kind = str(message["type"])
    field = "caption" if kind in _CAPTIONED else "body"
    return message | {kind: message[kind] | {field: text}}


def edit_action(message: Message, id: str, text: str, at: int) -> Message:
    """The message that tells of an edit."""
    field = "caption" if message["type"] in _CAPTIONED else "body"
    content = {"target": message["id"], "type": "edit", "edited_type": message["type"], "edited_content": {field: text}}
    return _action(message, id, content, at)


def delete_action(message: Message, id: str, at: int) -> Message:
    """The message that tells of a deletion."""
    return _action(message, id, {"target": message["id"], "type": "delete"}, at)


def own_message(id: str, chat: str, body: str, at: int) -> Message:
    """A message that we sent ourselves."""
    return {
        "id": id,
        "from_me": True,
        "type": "text",
        "chat_id": chat,
        "timestamp": at,
        "source": "api",
        "status": "pending",
        "text": {"body": body},
        "from": "966500000900",
    }


def envelope(channel: str, type: str, method: str, parts: Mapping[str, Any]) -> dict[str, Any]:
    """A webhook's body."""
    return {**parts, "event": {"type": type, "event": method}, "channel_id": channel}


def error_body(code: int, message: str, details: str | None = None) -> dict[str, Any]:
    """The body of every refusal."""
    return {"error": {"code": code, "message": message} | ({"details": details} if details else {})}


def encoded(body: object) -> bytes:
    """A body as JSON, in plain UTF-8 where that can be and with escapes where not (lone surrogates)."""
    try:
        return json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(body).encode()


def wants(hook: Mapping[str, Any], type: str, method: str) -> bool:
    """Whether a registered webhook asked for this event; without a list it gets new messages."""
    events = hook.get("events") or [{"type": "messages", "method": "post"}]
    return any(isinstance(e, dict) and e.get("type") == type and e.get("method") == method for e in events)


def target(hook: Mapping[str, Any], type: str, method: str) -> tuple[str, str]:
    """The HTTP method and the address for an event, by the webhook's mode."""
    url = str(hook.get("url", "")).rstrip("/")
    match hook.get("mode"):
        case "path":
            return "POST", f"{url}/{type}/{method}"
        case "method":
            return method.upper(), f"{url}/{type}"
        case _:
            return "POST", str(hook.get("url", ""))


def delays(seed: str, knobs: Knobs, key: str) -> list[float]:
    """When the webhooks of a message go out, in seconds from now: none, one, or two."""
    if chance(seed, "dropped", key) < knobs.dropped:
        return []
    late = knobs.late_s * (0.2 + 0.8 * chance(seed, "late", key))
    first = late if chance(seed, "reorder", key) < knobs.reorder else 0.0
    again = [first + late] if chance(seed, "duplicates", key) < knobs.duplicates else []
    return [first, *again]


def selected(messages: Iterable[Message], query: Mapping[str, str]) -> list[Message]:
    """The messages that a list asks for, in its order, all pages. ValueError for a parameter that is no number."""
    first, last = int(query.get("time_from", 0)), int(query.get("time_to", 2**53))
    found = [message for message in messages if first <= message["timestamp"] <= last]
    if "from_me" in query:
        found = [message for message in found if message["from_me"] == (query["from_me"] == "true")]
    if "author" in query:
        found = [message for message in found if message["from"] == query["author"]]
    found.sort(key=lambda message: int(message["timestamp"]))
    return found if query.get("sort") == "asc" else found[::-1]


def _action(message: Message, id: str, action: dict[str, Any], at: int) -> Message:
    kept = {
        key: message[key]
        for key in ("from_me", "chat_id", "source", "from", "from_name", "chat_name")
        if key in message
    }
    return kept | {"id": id, "type": "action", "timestamp": at, "action": action}


def _content(id: str, kind: str, text: str) -> dict[str, Any]:
    if kind in _CAPTIONED:
        content = {"id": f"{kind}-{id.lower()}", "mime_type": _CAPTIONED[kind], "file_size": 1000, "caption": text}
        return content | ({"file_name": "file.pdf"} if kind == "document" else {})
    if kind == "link_preview":
        return {"body": text, "title": "", "id": f"jpeg-{id.lower()}"}
    return {"body": text}


def _author(seed: str, id: str) -> dict[str, str]:
    number = int(chance(seed, "author", id) * 90) + 10
    name = _NAMES[number % len(_NAMES)]
    sender = f"1982736400000{number}@lid" if chance(seed, "lid", id) < _LID_SHARE else f"9665000001{number}"
    return {"from": sender, "from_name": name}


def _digest(*parts: str) -> bytes:
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=32).digest()
