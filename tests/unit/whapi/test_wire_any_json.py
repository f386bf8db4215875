"""The reader takes any JSON at all: nothing raises, nothing gets lost, and every event can travel."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.messages import RAW_EVENT
from shared.whapi.wire import (
    inspect_delivery,
    inspect_page,
    read_delivery,
    read_error,
    read_group,
    read_groups,
    read_health,
    read_limits,
    read_page,
    webhook_registration,
)

ANY_TEXT = st.text(st.characters(), max_size=12)  # lone surrogates and NUL included
KEYS = st.sampled_from(
    [
        "id",
        "type",
        "chat_id",
        "from",
        "from_me",
        "from_name",
        "chat_name",
        "timestamp",
        "text",
        "body",
        "caption",
        "image",
        "poll",
        "title",
        "options",
        "action",
        "target",
        "edited_content",
        "context",
        "quoted_id",
        "quoted_content",
        "forwarding_score",
        "trigger",
        "before_update",
        "after_update",
        "link",
        "file_size",
        "messages",
        "messages_updates",
        "messages_removed",
        "messages_removed_all",
        "event",
        "method",
        "channel_id",
        "groups",
        "status",
        "error",
    ]
)
WORDS = st.sampled_from(
    [
        "text",
        "image",
        "poll",
        "action",
        "edit",
        "delete",
        "120363411000000001@g.us",
        "9665@s.whatsapp.net",
        "a-b-c",
        "post",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | ANY_TEXT
    | WORDS
    | st.sampled_from([1795160400, "1795160400", 2**80])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | ANY_TEXT, inner, max_size=8),
    max_leaves=40,
)
MESSAGE = st.fixed_dictionaries(
    {},
    optional={
        "id": WORDS | JSON,
        "type": WORDS | JSON,
        "chat_id": st.just("120363411000000001@g.us") | JSON,
        "timestamp": st.just(1795160400) | JSON,
        "text": st.fixed_dictionaries({"body": ANY_TEXT}) | JSON,
        "image": JSON,
        "poll": JSON,
        "action": st.fixed_dictionaries(
            {"type": WORDS, "target": WORDS | JSON, "edited_content": st.fixed_dictionaries({"body": ANY_TEXT}) | JSON}
        ),
        "from": JSON,
        "from_me": st.just(False) | JSON,
        "from_name": JSON,
        "context": JSON,
    },
)
UPDATE = st.fixed_dictionaries(
    {"id": WORDS | JSON}, optional=dict.fromkeys(("trigger", "before_update", "after_update"), MESSAGE)
)
BODY = st.fixed_dictionaries(
    {},
    optional={
        "messages": st.lists(MESSAGE | JSON, max_size=4) | JSON,
        "messages_updates": st.lists(UPDATE | JSON, max_size=3) | JSON,
        "messages_removed": st.lists(WORDS | JSON, max_size=3) | JSON,
        "messages_removed_all": JSON,
        "event": JSON,
        "channel_id": JSON,
    },
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(KEYS | ANY_TEXT, JSON, max_size=8) | BODY)
def test_any_body_is_read(body: dict[str, Any]) -> None:
    delivery = inspect_delivery(body)
    assert read_delivery(body) == delivery.events
    for event in delivery.events:
        assert RAW_EVENT.validate_json(event.model_dump_json()) == event
        event.event_id.encode("ascii")
    for piece in delivery.malformed:
        piece.payload.encode()
    unknown = sum(count for name, count in delivery.ignored.items() if name.startswith("type:") or name == "other")
    assert delivery.pieces <= len(delivery.events) + len(delivery.malformed) + sum(delivery.ignored.values())
    assert len(delivery.events) + len(delivery.malformed) <= delivery.pieces
    assert unknown <= delivery.pieces


@settings(max_examples=60, deadline=None)
@given(JSON | BODY)
def test_any_answer_is_read(body: Any) -> None:
    assert read_page(body) == inspect_page(body).events
    read_groups(body)
    read_group(body)
    read_error(body).encode()
    read_limits(body)
    assert isinstance(read_health(body).advice, str)
    webhooks = webhook_registration(body, "https://twin.example.sa/webhooks/whapi")["webhooks"]
    assert webhooks[-1]["url"] == "https://twin.example.sa/webhooks/whapi"


def test_a_piece_nested_beyond_all_reason_is_kept_apart() -> None:
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"id": deep}
    (piece,) = inspect_delivery({"messages": [deep]}).malformed
    assert json.loads(piece.payload) == {"unwritable": "dict"}
    while deep:  # taken apart by hand: freeing it at once would exhaust the stack of some interpreters
        deep = deep.get("id", {})
