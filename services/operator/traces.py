"""What a person has left behind in any JSON-like value, and that value without it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from shared.arabic.mentions import Person
from shared.contracts.ids import call_id, posted_id

_GONE: Final = object()
_PARTS: Final = re.compile(r"[:/]")
_EDIT: Final = "edit:"  # an edit's entry has its event's id
_OF_A_MESSAGE: Final = ("message_id", "call_id")
_GATEWAY: Final = ("id", "type", "chat_id", "timestamp")  # what may stay of a message in the gateway's own spelling
_A_LETTER: Final = frozenset({"payload", "detail", "stack"})
_OF_A_QUOTED: Final = ("quoted_content", "quoted_author")
_EMPTIED: Final[Mapping[str, Any]] = {
    "text": "",
    "sender": None,
    "sender_name": None,
    "media": None,
    "quoted": None,
    "fingerprint": None,
}


@dataclass(slots=True)
class Traces:
    """A person, and what is known to be theirs: `own` are the ids of their messages (and of the edits and calls that
    these made), `named` those of messages in which others name them.
    """

    person: Person
    own: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    _events: set[str] = field(default_factory=set)

    def add(self, *ids: str | None, own: bool) -> None:
        """Notes a message of theirs (or one that names them) by its ids, and with each the call that it would make."""
        known = self.own if own else self.named
        for id in filter(None, ids):
            known.update((id, call_id(id)))
            self._events.add(id if id.startswith(_EDIT) else posted_id(id))

    def events(self) -> list[str]:
        """The ids of the events that brought these messages and edits."""
        return sorted(self._events)

    def is_sender(self, sender: object) -> bool:
        """Whether this sender (an id, or a contract's sender) is the person."""
        id = sender.get("id") if isinstance(sender, Mapping) else sender
        return isinstance(id, (str, int)) and self.person.holds(str(id))

    def holds(self, value: Any) -> bool:
        """Whether the value names the person, or holds words of theirs."""
        if isinstance(value, str):
            return self.person.holds(value) or ((inner := inside(value)) is not None and self.holds(inner))
        if isinstance(value, Mapping):
            if (self._is_own(value) and _has_words(value)) or (value.get("quoted_content") and self._is_quoted(value)):
                return True
            return any(self.holds(name) or self.holds(item) for name, item in value.items())
        if isinstance(value, (list, tuple)):
            return any(map(self.holds, value))
        return isinstance(value, int) and self.person.holds(str(value))

    def belongs(self, document: Mapping[str, Any], *, named: bool) -> bool:
        """Whether one of the document's own values is the id of a message of theirs (`named`: or that names them)."""
        ids = self.own | self.named if named else self.own
        for value in document.values():
            if isinstance(value, str) and (value in ids or not ids.isdisjoint(_ids_in(value))):
                return True
        return False

    def without(self, value: Any) -> Any:
        """The value with each mention masked, contacts that are the person left out and their words emptied."""
        found = self._without(value)
        return None if found is _GONE else found

    def _without(self, value: Any) -> Any:
        if isinstance(value, str):
            inner = inside(value)
            if inner is not None and self.holds(inner):
                return json.dumps(self.without(inner), ensure_ascii=False)
            return self.person.masked(value)
        if isinstance(value, Mapping):
            if "from" in value and self.is_sender(value["from"]):
                value = {name: value[name] for name in _GATEWAY if name in value}
            if value.keys() >= _A_LETTER and self.holds(value):
                # Both quote what could not be read; where that is no JSON, nobody can tell whose words stand in it.
                readable = inside(str(value["payload"])) is not None
                value = {**value, "detail": "", "stack": ""} | ({} if readable else {"payload": ""})
            if set(value) == {"kind", "value"} and self.holds(value["value"]):
                return _GONE
            if self._is_quoted(value):
                value = {name: item for name, item in value.items() if name not in _OF_A_QUOTED}
            own = self._is_own(value)  # the gateway does not always say who wrote it, or says so by another id
            if "author" in value and (own or self.is_sender(value["author"])):
                value = {**value, "author": None, "text": None}
            elif "sender" in value and (own or self.is_sender(value["sender"])):
                value = {name: _EMPTIED.get(name, item) for name, item in value.items()}
            elif own and value.get("text"):
                value = {**value, "text": ""}
            return {self.person.masked(name): self.without(item) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [kept for item in value if (kept := self._without(item)) is not _GONE]
        return None if isinstance(value, int) and self.holds(value) else value

    def _is_quoted(self, value: Mapping[str, Any]) -> bool:
        """Whether this is an answer to a message of theirs, in the gateway's own spelling."""
        id = value.get("quoted_id")
        return (isinstance(id, str) and id in self.own) or self.is_sender(value.get("quoted_author"))

    def _is_own(self, value: Mapping[str, Any]) -> bool:
        return any(isinstance(id := value.get(name), str) and id in self.own for name in _OF_A_MESSAGE)


def _has_words(value: Mapping[str, Any]) -> bool:
    """Whether words stand there: those of a message, or of the message behind a published call."""
    origin = value.get("origin")
    return bool(value.get("text")) or (isinstance(origin, Mapping) and bool(origin.get("text")))


def inside(text: str) -> Any:
    """The JSON that a text is: its digits may be hidden in escapes, and its shape is to stay. None for other texts."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, (dict, list)) else None


def _ids_in(value: str) -> set[str]:
    """The ids of ours in the name of an event: "candidate:<id>", "candidate:edit:<id>:<digest>", "<hook>/<call>:2"."""
    return {*_PARTS.split(value), value.partition(":")[2]}
