"""What the stand-in model answers. Pure.

The shape, before it is fitted to the schema of the request:

    {"is_casting_call": bool, "reason": str | null, "call": {the fields of shared.contracts.calls.CastingCall} | null,
     "evidence": [{"field": "deadline" | "roles.0" | "contacts.0" | …, "quote": "words of the message"}]}
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

Answer = Callable[[str], dict[str, Any]]
"""From what was asked (all user turns) to the answer in the shape above. A test may plug in its own."""

_SOUNDS_LIKE_A_CALL = re.compile(
    r"مطلوب|كاستنج|كاستينج|تجارب أداء|\bcasting\b|\baudition|\bactors? needed\b", re.IGNORECASE
)
_FIELDS = {"contact": "contacts.0", "contacts": "contacts.0", "role": "roles.0", "roles": "roles.0"}
_EMPTY: dict[str, Any] = {
    "title": "",
    "project_type": "other",
    "production_company": None,
    "location_city": None,
    "country": None,
    "roles": [],
    "deadline": None,
    "shoot_dates": None,
    "compensation": {"kind": "unspecified", "amount": None, "amount_max": None, "currency": None, "per": None},
    "contacts": [],
    "language": "ar",
}


def from_gold(golds: Mapping[str, dict[str, Any] | None]) -> Answer:
    """Answers with the gold of the corpus where the text is known, and with a modest guess where it is not."""

    def answer(asked: str) -> dict[str, Any]:
        text = known_text(asked, golds)
        if text is None:
            return _guess(asked)
        gold = golds[text]
        return _not_a_call() if gold is None else _call(gold)

    return answer


def known_text(asked: str, texts: Collection[str]) -> str | None:
    """The longest known text that stands in the prompt, as it is or escaped as JSON."""
    plain = [text for text in texts if text and text in asked]
    return max(plain or [text for text in texts if text and json.dumps(text)[1:-1] in asked], key=len, default=None)


def fitted(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> Any:
    """The value in the schema's shape: fields that it does not have go, missing ones become null or empty."""
    root = schema if root is None else root
    if "$ref" in schema:
        return fitted(value, _resolved(str(schema["$ref"]), root), root)
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        if value is None and any(choice.get("type") == "null" for choice in choices):
            return None
        real = [choice for choice in choices if choice.get("type") != "null"]
        return fitted(value, real[0], root) if real else value
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if value is None and "null" in kinds:
        return None
    if "object" in kinds or "properties" in schema:
        given = value if isinstance(value, dict) else {}
        return {name: fitted(given.get(name), part, root) for name, part in schema.get("properties", {}).items()}
    if "array" in kinds:
        return [fitted(item, schema.get("items", {}), root) for item in (value if isinstance(value, list) else [])]
    if "enum" in schema:
        return value if value in schema["enum"] else schema["enum"][-1]
    return {"string": "", "boolean": False, "integer": 0, "number": 0}.get(str(kinds[0])) if value is None else value


def tokens(text: str) -> int:
    """About as many tokens as a real model would count."""
    return max(1, len(text) // 3)


def _resolved(reference: str, root: Mapping[str, Any]) -> Mapping[str, Any]:
    node: Any = root
    for part in reference.removeprefix("#/").split("/"):
        node = node.get(part, {}) if isinstance(node, dict) else {}
    return node if isinstance(node, dict) else {}


def _call(gold: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: gold[name] for name in _EMPTY if gold.get(name) is not None}
    quotes = gold.get("evidence") or {}
    evidence = [{"field": _FIELDS.get(field, field), "quote": quote} for field, quote in quotes.items() if quote]
    return {"is_casting_call": True, "reason": None, "call": _EMPTY | fields, "evidence": evidence}


def _not_a_call() -> dict[str, Any]:
    return {
        "is_casting_call": False,
        "reason": "nobody is sought to appear, voice or host",
        "call": None,
        "evidence": [],
    }


def _guess(asked: str) -> dict[str, Any]:
    lines = [line.strip() for line in asked.splitlines() if _SOUNDS_LIKE_A_CALL.search(line)]
    return _call({"title": lines[-1][:120]}) if lines else _not_a_call()
