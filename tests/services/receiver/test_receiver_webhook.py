"""The webhook over fakes: who gets in, what is stored, what is answered."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import orjson
import pytest
import structlog
from starlette.types import Message

from services.receiver import handlers as handlers_module
from shared.broker.ports import Published
from shared.contracts.base import Event
from shared.contracts.messages import MessageDeleted, MessageEdited, RawMessage
from shared.contracts.pipeline import DeadLetter
from shared.errors import Permanent, Unavailable
from shared.observability import metrics

Make = Callable[..., Any]
THEIRS = "120363000000000002@g.us"


def counted(outcome: str) -> float:
    return metrics.REGISTRY.get_sample_value("twin_deliveries_total", {"outcome": outcome}) or 0.0


async def test_a_message_is_stored_and_the_answer_says_so(door: Any, some_delivery: Make, some_message: Make) -> None:
    before = counted("stored")
    response = await door.post(json=some_delivery(some_message("a")))
    assert response.status_code == 200
    assert response.json() == {"received": 1, "stored": 1, "duplicate": 0, "ignored": {}, "malformed": 0}
    (event,) = door.publisher.events
    assert isinstance(event, RawMessage)
    assert (event.event_id, event.group.name) == ("post:a", "كاستنج الرياض")
    assert counted("stored") == before + 1


async def test_the_same_delivery_again_is_counted_as_duplicate(
    door: Any, some_delivery: Make, some_message: Make
) -> None:
    body = some_delivery(some_message("a"), some_message("b"))
    await door.post(json=body)
    assert (await door.post(json=body)).json()["duplicate"] == 2
    assert len(door.publisher.events) == 2


async def test_everything_in_a_delivery_is_accounted_for(door: Any, some_delivery: Make, some_message: Make) -> None:
    body = some_delivery(
        some_message("a"),
        some_message("a"),
        some_message("b", chat=THEIRS),
        some_message("c", from_me=True),
        some_message("d", chat="966500000001@s.whatsapp.net"),
        some_message("e", timestamp="never"),
        "no message",
        some_message("f", type="sunspots", text=None),
    )
    answer = (await door.post(json=body)).json()
    assert answer == {
        "received": 8,
        "stored": 2,
        "duplicate": 1,
        "ignored": {"inactive_group": 1, "own_echo": 1, "private_chat": 1, "type:sunspots": 1},
        "malformed": 2,
    }
    letters = [event for event in door.publisher.events if isinstance(event, DeadLetter)]
    assert [letter.reason for letter in letters] == ["bad_timestamp", "not_an_object"]


async def test_edits_and_deletions_travel_as_events_of_their_own(
    door: Any, some_delivery: Make, some_message: Make
) -> None:
    edit = {"type": "edit", "target": "a", "edited_type": "text", "edited_content": {"body": "تم تغيير الموعد"}}
    body = some_delivery(
        some_message("x", type="action", action=edit),
        some_message("y", type="action", action={"type": "delete", "target": "b"}),
        messages_removed=["c"],
    )
    assert (await door.post(json=body)).json()["stored"] == 3
    assert [type(event) for event in door.publisher.events] == [MessageEdited, MessageDeleted, MessageDeleted]


async def test_the_gateways_test_and_unknown_events_are_fine(door: Any) -> None:
    for body, name in (
        ({}, "test"),
        ({"test": True}, "test"),
        ({"event": {"type": "statuses", "event": "post"}, "statuses": [{}]}, "event:statuses.post"),
        ({"event": {"type": "sun", "event": "spots"}}, "event:sun.spots"),
    ):
        response = await door.post(json=body)
        assert (response.status_code, response.json()["ignored"]) == (200, {name: 1})
    assert door.publisher.events == []


async def test_a_stranger_is_refused_and_nothing_of_his_is_kept(door: Any) -> None:
    before = counted("unauthorised")
    for headers in ({"x-webhook-secret": ""}, {"x-webhook-secret": "an-invented-secret-2"}):
        assert (await door.post(content=b"{broken", headers=headers)).status_code == 401
    door.headers = {}
    assert (await door.post(content=b"{broken")).status_code == 401
    assert door.publisher.events == []
    assert counted("unauthorised") == before + 3


async def test_a_signed_delivery_is_taken_and_a_forged_one_is_not(
    make_door: Make, some_delivery: Make, some_message: Make
) -> None:
    door = make_door(auth="hmac")
    await door.groups.refresh()
    body = orjson.dumps(some_delivery(some_message("a")))
    signature = hmac.new(b"an-invented-secret-1", body, hashlib.sha256).hexdigest()
    for value, content, status in (
        (signature, body, 200),
        ("sha256=" + signature, body, 200),
        (signature, body + b" ", 401),
        (signature[:-1], body, 401),
        ("", body, 401),
    ):
        response = await door.post(content=content, headers={"x-whapi-signature": value})
        assert response.status_code == status
    assert len(door.publisher.events) == 1


async def test_with_a_path_secret_only_its_path_exists(make_door: Make) -> None:
    door = make_door(path_secret=b"0123456789abcdef")
    right = "/webhooks/whapi/0123456789abcdef"
    assert (await door.post(path=right, json={})).status_code == 200
    unknown = await door.post(path="/nothing/here", json={})
    for path in ("/webhooks/whapi", right + "0", right[:-1], "/webhooks/whapi/%00", right + "/more"):
        response = await door.post(path=path, json={})
        assert (response.status_code, response.text) == (404, unknown.text)


async def test_without_a_path_secret_no_segment_is_accepted(door: Any) -> None:
    assert (await door.post(path="/webhooks/whapi/anything", json={})).status_code == 404


async def test_another_channel_is_refused(make_door: Make, some_delivery: Make, some_message: Make) -> None:
    door = make_door(channel_id="TEST-1")
    await door.groups.refresh()
    before = counted("wrong_channel")
    assert (await door.post(json=some_delivery(some_message("a"), channel_id="TEST-2"))).status_code == 403
    assert (await door.post(json=some_delivery(some_message("a"), channel_id=None))).status_code == 403
    assert door.publisher.events == []
    assert (await door.post(json=some_delivery(some_message("a")))).status_code == 200
    assert counted("wrong_channel") == before + 2


@pytest.mark.parametrize(
    ("content", "headers", "status", "reason"),
    [
        (b'{"messages": [NaN]}', {}, 400, "broken_json"),
        (b'{"messages": "\xff\xfe"}', {}, 400, "broken_json"),
        (b"[" * 50_000, {}, 400, "broken_json"),
        (b"[]", {}, 400, "not_an_object"),
        (b"{}", {"content-type": "text/plain"}, 400, "content_type"),
        (gzip.compress(b"{}", mtime=0), {"content-encoding": "gzip"}, 415, "content_encoding"),
    ],
)
async def test_what_cannot_be_read_is_refused_with_words_and_kept_once(
    door: Any, content: bytes, headers: dict[str, str], status: int, reason: str
) -> None:
    for _ in range(2):
        response = await door.post(content=content, headers=headers)
        assert response.status_code == status
        assert response.json()["error"]
    (letter,) = door.publisher.events
    assert isinstance(letter, DeadLetter)
    assert (letter.stage, letter.reason) == ("receiver", reason)


async def test_what_cannot_be_read_is_not_called_kept_while_the_broker_is_away(door: Any) -> None:
    door.publisher.error = Unavailable("away")
    assert (await door.post(content=b"{")).status_code == 503


async def test_nothing_is_confirmed_while_the_broker_is_away(
    door: Any, some_delivery: Make, some_message: Make
) -> None:
    door.publisher.error = Unavailable("away")
    response = await door.post(json=some_delivery(some_message("a")))
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    door.publisher.error = None
    assert (await door.post(json=some_delivery(some_message("a")))).json()["stored"] == 1


async def test_before_the_groups_are_known_messages_are_not_taken(
    make_door: Make, some_delivery: Make, some_message: Make
) -> None:
    door = make_door()
    assert (await door.post(json=some_delivery(some_message("a")))).status_code == 503
    assert (await door.post(json={"test": True})).status_code == 200
    await door.groups.refresh()
    assert (await door.post(json=some_delivery(some_message("a")))).status_code == 200


async def test_a_message_too_large_for_the_broker_is_kept_apart_and_the_rest_is_stored(
    door: Any, some_delivery: Make, some_message: Make
) -> None:
    real = door.publisher.publish

    async def publish(event: Event) -> Published:
        if event.event_id == "post:b":
            raise Permanent("larger than the broker takes", reason="too_large")
        result: Published = await real(event)
        return result

    door.publisher.publish = publish
    answer = (await door.post(json=some_delivery(*(some_message(id) for id in "abc")))).json()
    assert (answer["received"], answer["stored"] + answer["duplicate"], answer["malformed"]) == (3, 2, 1)
    kept = [event.event_id if isinstance(event, RawMessage) else event.reason for event in door.publisher.events]
    assert sorted(kept) == ["post:a", "post:c", "too_large"]


async def test_a_fault_of_ours_is_answered_500_and_the_delivery_is_kept(
    door: Any, some_delivery: Make, some_message: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(body: dict[str, Any]) -> None:
        raise ZeroDivisionError(body["messages"][0]["text"]["body"])

    monkeypatch.setattr(handlers_module, "inspect_delivery", fail)
    with structlog.testing.capture_logs() as logs:
        assert (await door.post(json=some_delivery(some_message("a")))).status_code == 500
    assert "مطلوب" not in str(logs)
    assert [event.reason for event in door.publisher.events] == ["unexpected"]


async def test_the_first_delivery_shows_the_names_of_its_headers_and_no_value(door: Any) -> None:
    with structlog.testing.capture_logs() as logs:
        await door.post(json={}, headers={"x-surprise": "a-value"})
        await door.post(json={})
    (record,) = [entry for entry in logs if entry["event"] == "receiver.first_delivery"]
    assert {"x-surprise", "x-webhook-secret"} <= set(record["headers"])
    assert "a-value" not in str(logs)
    assert "an-invented-secret-1" not in str(logs)


async def test_foreign_names_cannot_grow_the_metrics_without_end(door: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers_module, "_MOST_LABELS", 3)
    for number in range(6):
        await door.post(json={"event": {"type": f"odd{number}", "event": "post"}})

    def value(name: str) -> float | None:
        return metrics.REGISTRY.get_sample_value("twin_ignored_total", {"what": name})

    assert value("event:odd2.post") == 1
    assert value("event:odd3.post") is None
    assert value("other") == 3


class Pieces:
    """An ASGI request whose body comes in pieces; counts how many were asked for."""

    def __init__(self, *pieces: bytes, then: str = "end") -> None:
        self.asked = 0
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self._pieces = pieces
        self._then = then

    async def receive(self) -> Message:
        self.asked += 1
        if self.asked <= len(self._pieces):
            more = self.asked < len(self._pieces) or self._then != "end"
            return {"type": "http.request", "body": self._pieces[self.asked - 1], "more_body": more}
        if self._then == "hang":
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(self, sent: Message) -> None:
        if sent["type"] == "http.response.start":
            self.status, self.headers = sent["status"], dict(sent["headers"])

    async def through(self, door: Any, *headers: tuple[bytes, bytes]) -> int:
        given = [(b"content-type", b"application/json"), *headers]
        given += [(name.encode(), value.encode()) for name, value in door.headers.items()]
        await door.webhook({"type": "http", "headers": given, "path_params": {}}, self.receive, self.send)
        return self.status


async def test_a_body_without_length_is_read_to_the_limit_and_no_further(make_door: Make) -> None:
    door = make_door(max_body=1000)
    request = Pieces(*[b"x" * 300] * 10)
    assert await request.through(door) == 413
    assert (request.asked, request.headers[b"connection"]) == (4, b"close")
    assert await Pieces(b'{"a":"', b"x" * 992, b'"}').through(door) == 200


async def test_a_length_above_the_limit_is_refused_unread(make_door: Make) -> None:
    door = make_door(max_body=1000)
    for length, status in ((b"1001", 413), (b"9" * 18, 413), (b"9" * 400, 400), (b"-1", 400), (b"1e3", 400)):
        request = Pieces(b"{}")
        assert await request.through(door, (b"content-length", length)) == status
        assert request.asked == 0


async def test_of_a_stranger_nothing_is_read_where_the_header_decides(door: Any) -> None:
    door.headers = {}
    request = Pieces(b"{}")
    assert await request.through(door) == 401
    assert request.asked == 0


async def test_a_body_that_never_ends_runs_out_of_time(make_door: Make) -> None:
    assert await Pieces(b"{", then="hang").through(make_door(body_timeout_s=0.02)) == 408


async def test_a_sender_who_leaves_is_not_answered(door: Any) -> None:
    before = counted("gone")
    assert await Pieces(b"{", then="leave").through(door) == 0
    assert counted("gone") == before + 1
    assert door.publisher.events == []


async def test_all_bodies_together_have_a_limit_and_free_it_when_they_end(make_door: Make) -> None:
    door = make_door(max_buffered=1000)
    waiting = Pieces(b"x" * 900, then="hang")
    task = asyncio.create_task(waiting.through(door))
    while waiting.asked < 2:
        await asyncio.sleep(0)
    refused = Pieces(b"x" * 200)
    assert await refused.through(door) == 503
    assert refused.headers[b"retry-after"] == b"5"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await Pieces(b'{"a":"' + b"x" * 900 + b'"}').through(door) == 200
