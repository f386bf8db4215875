"""What the receiver decides about a body: is it JSON, whose is it, what of it is taken in, what is kept apart."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.receiver import logic
from shared.contracts.messages import Group, MessageDeleted, RawMessage
from shared.errors import Malformed, Unavailable
from shared.whapi.wire import Delivery, inspect_delivery

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OURS = "120363000000000001@g.us"


def message(id: str, *, chat: str = OURS, **more: Any) -> dict[str, Any]:
    piece = {"id": id, "type": "text", "chat_id": chat, "from_me": False, "timestamp": 1_790_000_000}
    return {**piece, "text": {"body": "مطلوب ممثلين"}, **more}


def delivered(*messages: Any, **more: Any) -> Delivery:
    return inspect_delivery(
        {"messages": list(messages), "event": {"type": "messages", "event": "post"}, "channel_id": "TEST-1", **more}
    )


def known(name: str | None) -> dict[str, Group]:
    return {OURS: Group(id=OURS, name=name)}


def parse(body: bytes, content_type: bytes = b"application/json", encoding: bytes = b"") -> dict[str, Any]:
    return logic.parse(body, content_type, encoding)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "broken_json"),
        (b"{", "broken_json"),
        (b'{"a": NaN}', "broken_json"),
        (b'{"a": Infinity}', "broken_json"),
        (b'{"a": 1e999}', "broken_json"),
        (b'{"a": "\xff"}', "broken_json"),
        (b'{"a": "\xed\xa0\x80"}', "broken_json"),
        (b'{"a": "\x01"}', "broken_json"),
        (b"{'a': 1}", "broken_json"),
        (b'{"a": 1} {"b": 2}', "broken_json"),
        (b"\xef\xbb\xbf{}", "broken_json"),
        ('{"a": 1}'.encode("utf-16"), "broken_json"),
        (b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", "broken_json"),
        (b'{"s": "\\ud83d", "a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "broken_json"),
        (b'{"s": "\\ud83d", "a": NaN}', "broken_json"),
        (b'{"s": "\\ud83d", "a": "\xff"}', "broken_json"),
        (b'{"s": "\\ud83d", "a": ' + b"9" * 5000 + b"}", "broken_json"),
        (b"[]", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b"null", "not_an_object"),
        (b"1", "not_an_object"),
    ],
)
def test_what_is_no_json_object_is_malformed_with_a_reason(body: bytes, reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(body)
    assert caught.value.reason == reason


def test_half_an_emoji_does_not_cost_the_delivery() -> None:
    assert parse(b'{"text": "a\\ud83d", "n": 1}') == {"text": "a\ud83d", "n": 1}
    assert parse(b'{"text": "\\uD83D\\uDE00"}') == {"text": "\U0001f600"}


def test_of_a_repeated_key_the_last_counts() -> None:
    assert parse(b'{"channel_id": "A", "channel_id": "B"}') == {"channel_id": "B"}


def test_the_content_type_must_be_json_and_the_body_uncompressed() -> None:
    for good in (b"application/json", b"Application/JSON; charset=utf-8", b" application/json ;x=y"):
        assert parse(b"{}", good) == {}
    for bad in (b"", b"text/plain", b"application/x-www-form-urlencoded", b"application/jsonp", b"text/json"):
        with pytest.raises(Malformed) as caught:
            parse(b"{}", bad)
        assert caught.value.reason == "content_type"
    assert parse(b"{}", encoding=b"identity") == {}
    for encoding in (b"gzip", b"deflate", b"br", b"gzip, identity"):
        with pytest.raises(Malformed) as caught:
            parse(b"{}", encoding=encoding)
        assert caught.value.reason == "content_encoding"


@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_malformed(body: bytes) -> None:
    with suppress(Malformed):
        assert isinstance(parse(body), dict)


def test_another_channel_is_refused_and_so_are_messages_without_one() -> None:
    refused = logic.of_another_channel
    assert not refused(delivered(message("a")), None)
    assert not refused(delivered(message("a")), "TEST-1")
    assert refused(delivered(message("a")), "TEST-2")
    assert refused(delivered(channel_id="TEST-1"), "TEST-2")
    assert refused(delivered(message("a"), channel_id=None), "TEST-1")
    assert refused(delivered(message("a"), channel_id=["TEST-1"]), "TEST-1")
    assert not refused(inspect_delivery({"test": True}), "TEST-1")


def test_only_active_groups_are_taken_in_and_the_rest_is_counted() -> None:
    foreign = message("b", chat="120363000000000002@g.us")
    intake = logic.take_in(delivered(message("a"), foreign, message("c", from_me=True)), known("كاستنج الرياض"))
    assert [event.message_id for event in intake.events] == ["a"]
    assert intake.ignored == {"inactive_group": 1, "own_echo": 1}


def test_what_somebody_had_erased_is_not_taken_in_again() -> None:
    erased = frozenset({"post:a", "edit:b:1"})
    intake = logic.take_in(delivered(message("a"), message("b")), known("n"), erased)
    assert [event.message_id for event in intake.events] == ["b"]
    assert intake.ignored == {"erased": 1}


def test_the_groups_name_is_filled_in_where_the_wire_lacks_it() -> None:
    intake = logic.take_in(delivered(message("a"), message("b", chat_name="Their name")), known("Our name"))
    assert [event.group.name for event in intake.events if event.group] == ["Our name", "Their name"]
    unnamed = logic.take_in(delivered(message("a")), known(None))
    assert [event.group.name for event in unnamed.events if event.group] == [None]


def test_a_deletion_that_names_no_group_passes_even_before_the_groups_are_known() -> None:
    body = {"messages_removed": ["a"], "event": {"type": "messages", "event": "delete"}, "channel_id": "TEST-1"}
    intake = logic.take_in(inspect_delivery(body), None)
    assert [type(event) for event in intake.events] == [MessageDeleted]


def test_messages_of_groups_wait_until_the_groups_are_known() -> None:
    with pytest.raises(Unavailable):
        logic.take_in(delivered(message("a")), None)
    assert logic.take_in(delivered(message("a", from_me=True)), None).ignored == {"own_echo": 1}


@pytest.mark.parametrize("body", [{}, {"hello": "world"}, {"test": True}, {"channel_id": "TEST-1", "sample": [1]}])
def test_an_object_without_event_and_messages_is_a_test(body: dict[str, Any]) -> None:
    assert logic.take_in(inspect_delivery(body), {}).ignored == {"test": 1}


def test_an_unknown_event_is_no_test() -> None:
    body = {"statuses": [{}], "event": {"type": "statuses", "event": "post"}}
    assert logic.take_in(inspect_delivery(body), {}).ignored == {"event:statuses.post": 1}


def test_the_same_content_gives_the_same_letter() -> None:
    first = logic.letter(b'{"a', "broken_json", "why", now=NOW, content_type=b"application/json")
    again = logic.letter(b'{"a', "broken_json", "why else", now=datetime(2027, 1, 1, tzinfo=UTC))
    assert first.event_id == again.event_id != logic.letter(b'{"b', "broken_json", "why", now=NOW).event_id
    assert (first.stage, first.reason, first.payload) == ("receiver", "broken_json", '{"a')
    assert first.headers == {"content-type": "application/json"}


@given(st.binary(max_size=400))
def test_a_letter_holds_any_bytes_as_text_that_encodes(body: bytes) -> None:
    kept = logic.letter(body, "broken_json", "why", now=NOW)
    assert "\x00" not in kept.payload
    assert orjson.loads(kept.model_dump_json())["payload"] == kept.payload


@pytest.mark.parametrize("filler", [b"\x01", b"\x00", b"\xff", "ش".encode(), b'"'])
def test_the_letter_of_a_huge_body_fits_into_the_broker_and_says_what_it_lacks(filler: bytes) -> None:
    body = filler * (5_000_000 // len(filler))
    kept = logic.letter(body, "broken_json", "why", now=NOW)
    assert len(kept.model_dump_json().encode()) < 1_000_000
    assert f"of {len(body)} bytes" in kept.detail
    assert kept.event_id != logic.letter(body + filler, "broken_json", "why", now=NOW).event_id


def test_each_malformed_piece_gets_a_letter_and_very_many_get_one() -> None:
    few = delivered(message("a"), 7, message("b", timestamp="never"))
    letters = logic.letters_of(few, b"whole", now=NOW)
    assert [(letter.reason, letter.detail) for letter in letters] == [
        ("not_an_object", "messages[1]"),
        ("bad_timestamp", "messages[2]"),
    ]
    assert orjson.loads(letters[1].payload)["id"] == "b"
    many = logic.letters_of(delivered(*range(logic.MAX_LETTERS + 1)), b"whole", now=NOW)
    assert [(letter.reason, letter.payload) for letter in many] == [("many_malformed", "whole")]


def test_the_raw_message_keeps_its_own_words() -> None:
    (event,) = logic.take_in(delivered(message("a")), known("n")).events
    assert isinstance(event, RawMessage)
    assert (event.event_id, event.text, event.channel_id) == ("post:a", "مطلوب ممثلين", "TEST-1")
