"""What the guided fuzzer drives: bytes become a delivery, a text or a model's answer, and what must hold is asked.

The bytes are choices, not the input itself: a fuzzer that learns from coverage then builds whole deliveries and posts
out of parts, where it would otherwise spend its time on finding out how JSON and Arabic are written.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from services.extractor import logic
from services.extractor.answer import Answer
from services.extractor.offline.engine import LONGEST
from shared.arabic.normalise import fold
from shared.contracts.calls import ContactKind, Gender, PayKind, ProjectType
from shared.contracts.pipeline import Engine
from tests.hostile import checks
from tests.hostile.texts import PIECES, SURROGATES

FIXTURES: Final = sorted((Path(__file__).parents[1] / "fixtures" / "whapi").glob("*.json"))
BODIES: Final = tuple(path.read_text(encoding="utf-8") for path in FIXTURES)
LONGEST_TEXT: Final = 3000  # characters; what a longer one costs is asked elsewhere
_DEEPEST = 5
_ODD: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1.5, 2**31, 2**53 + 1, 2**64, 10**30, 1e308, -0.0, "", " ", "\x00", "null", "@g.us",
    "9665@s.whatsapp.net", "1@lid", "stories", "120363411000000001@g.us", "text", "action", "edit", "delete", "image",
    "1795160400", "1795160400000", "-1", "1e400", "a" * 201, [], {}, [[]], *SURROGATES,
)  # fmt: skip
_KEYS: Final = (
    "id", "type", "chat_id", "timestamp", "from", "from_me", "text", "body", "caption", "context", "quoted_id",
    "action", "target", "edited_content", "messages", "messages_updates", "messages_removed", "event", "before_update",
    "after_update", "link_preview", "poll", "groups", "error", "status", "participants",
)  # fmt: skip
_FIELDS: Final = (
    "deadline",
    "shoot_dates",
    "compensation",
    "location_city",
    "roles.0",
    "roles.9",
    "contacts.0",
    "x",
    "",
)


class Bytes:
    """The fuzzer's bytes, taken one after the other; when they are used up, only zeros come."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def more(self) -> bool:
        """Whether there are bytes left."""
        return self._at < len(self._data)

    def one(self, below: int = 256) -> int:
        """A number from 0, smaller than `below` (256 at most)."""
        value = self._data[self._at] if self.more else 0
        self._at += 1
        return value % below

    def of(self, choices: Any) -> Any:
        """One of these."""
        return choices[self.one(len(choices))]

    def text(self, parts: int = 400) -> str:
        """A text of ours, foreign and broken pieces, without lone surrogates; it takes what bytes are left at most."""
        found: list[str] = []
        for _ in range(parts):
            if not self.more:
                break
            kind = self.one()
            if kind < 160:
                found.append(PIECES[kind % len(PIECES)])
            elif kind < 190:
                found.append(self.of((" ", "\n", "-", "/", ":", ",", ".", "٫", "،", "\u200f")))
            elif kind < 200 and found:
                found.append(found[-1][:40] * self.one(60))
            else:
                found.extend(self._sign() for _ in range(kind % 8 + 1))
        return "".join(found)[:LONGEST_TEXT]

    def _sign(self) -> str:
        kind = self.one()
        if kind < 128:
            return chr(0x20 + self.one(0x60))
        if kind < 200:
            return chr(0x600 + self.one())
        code = (self.one(0x11) << 16 if kind > 240 else 0) | self.one() << 8 | self.one()
        return chr(code) if not 0xD800 <= code < 0xE000 else "\ufffd"

    def value(self, depth: int = 0) -> Any:
        """A piece of JSON."""
        kind = self.one()
        if kind < 160 or depth > _DEEPEST:
            return _ODD[kind % len(_ODD)]
        if kind < 190:
            return self.text(3)
        if kind < 220:
            return [self.value(depth + 1) for _ in range(self.one(4))]
        return {self.of(_KEYS): self.value(depth + 1) for _ in range(self.one(5))}


def changed(body: Any, chosen: Bytes) -> Any:
    """The body with one value in it replaced, left out, put in or put twice; which one is chosen on the way down."""
    if isinstance(body, dict) and body and chosen.one() > 40:
        key = chosen.of(sorted(body))
        return body | {key: changed(body[key], chosen)}
    if isinstance(body, list) and body and chosen.one() > 40:
        at = chosen.one(min(len(body), 256))
        return [*body[:at], changed(body[at], chosen), *body[at + 1 :]]
    if isinstance(body, dict) and chosen.one() > 100:
        return body | {chosen.of(_KEYS): chosen.value()}
    if isinstance(body, list) and chosen.one() > 100:
        return body + body
    return chosen.value()


def wire(data: bytes) -> None:
    """A recorded body with up to eight changes, as a delivery, a page and every other answer of the gateway."""
    chosen = Bytes(data)
    body = json.loads(chosen.of(BODIES))
    for _ in range(8):
        if chosen.more:
            body = changed(body, chosen)
    checks.delivered(body)
    checks.answered(body)


def folding(data: bytes) -> None:
    """A text through both foldings."""
    checks.folding(Bytes(data).text())


def parsers(data: bytes) -> None:
    """A text through the parsers of dates, numbers, phones and money."""
    text = Bytes(data).text()
    checks.parsers(fold(text))
    checks.parsers(fold(text, lines=True))


def judged(data: bytes) -> None:
    """A text through the filter."""
    checks.judged(Bytes(data).text())


def offline(data: bytes) -> None:
    """A text through the offline engine, and through what compares posts."""
    text = Bytes(data).text()
    checks.read_offline(text)
    checks.likened(text)


def grounding(data: bytes) -> None:
    """Words looked for in a text that may hold them."""
    chosen = Bytes(data)
    words = chosen.text(4)
    checks.grounded(words, chosen.text())
    checks.grounded(words, f"{chosen.text(2)}{words}")


def model(data: bytes) -> None:
    """A text, and an answer about it in which a model says anything that the schema allows."""
    chosen = Bytes(data)
    said = _answer(chosen)
    text = chosen.text()[:LONGEST]
    try:
        answer = Answer.model_validate_json(json.dumps(said))
    except ValidationError:
        return  # asked for once more, then it counts as no answer
    shadow = checks.read_offline(text)
    joined = logic.joined(answer, shadow, text=text, sent_at=checks.SENT, engine=Engine(name="openai", model="m"))
    checks.evident(joined, text)


def everything(data: bytes) -> None:
    """A text through every stage."""
    checks.everything(Bytes(data).text())


def _answer(chosen: Bytes) -> dict[str, Any]:
    numbers = (None, 0, 1, 5, 25, 35, 99, 1500, -1, 2**31, 1e30, 0.001)
    days = (None, "", "2026-11-12", "2026-02-31", "0001-01-01", "9999-12-31", "12/11", "x")
    role = {
        "name": chosen.text(2),
        "gender": chosen.of([None, *Gender]),
        "age_min": chosen.of((None, 0, 1, 20, 35, 999, -1)),
        "age_max": chosen.of((None, 0, 1, 20, 35, 999, -1)),
        "count": chosen.of((None, 0, 1, 2, 3, 10**9)),
        "requirements": [chosen.text(2) for _ in range(chosen.one(3))],
    }
    pay = {
        "kind": chosen.of(list(PayKind)),
        "amount": chosen.of(numbers),
        "amount_max": chosen.of(numbers),
        "currency": chosen.of((None, "SAR", "sar", "USD", "", "ريال")),
        "per": chosen.of((None, "day", "hour", "month", "project")),
    }
    contacts = [
        {"kind": chosen.of(list(ContactKind)), "value": chosen.of((chosen.text(1), *PIECES[6:11]))}
        for _ in range(chosen.one(3))
    ]
    call = {
        "title": chosen.text(2),
        "project_type": chosen.of(list(ProjectType)),
        "production_company": chosen.of((None, "", chosen.text(1))),
        "location_city": chosen.of((None, "", "Riyadh", "Jeddah", "x", chosen.text(1))),
        "country": chosen.of((None, "SA", "sa", "XX", "")),
        "roles": [role] * chosen.one(3),
        "deadline": chosen.of(days),
        "shoot_dates": chosen.of((None, {"start": chosen.of(days), "end": chosen.of(days)})),
        "compensation": pay,
        "contacts": contacts,
        "language": chosen.of(("ar", "en", "mixed")),
    }
    quotes = [{"field": chosen.of(_FIELDS), "quote": chosen.text(2)} for _ in range(chosen.one(4))]
    return {"is_casting_call": chosen.one() > 20, "reason": None, "call": call, "evidence": quotes}


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    target.__name__: target for target in (wire, folding, parsers, judged, offline, grounding, model, everything)
}
"""Every target by its name."""
