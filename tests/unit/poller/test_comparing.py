"""What a comparison with the gateway decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.poller import comparing
from services.poller.comparing import Span
from shared.contracts.ids import call_id, deleted_id, edited_id, posted_id
from shared.contracts.messages import Group, MessageDeleted, MessageEdited, RawEvent, RawMessage
from shared.storage.sources import Answer, Source, SourceStatus

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
GROUP = Group(id="120363000000000001@g.us")
SPAN = Span(every=6 * HOUR, back=48 * HOUR, grace=5 * MINUTE, max_age=timedelta(days=7))


def source(id: str = "a", **values: Any) -> Source:
    read = {"last_poll_at": NOW - MINUTE, "due_at": NOW + MINUTE}
    return Source(id, id, SourceStatus.ACTIVE, NOW - 90 * HOUR, **(read | values))


def due(*sources: Source) -> list[str]:
    return [one.id for one in comparing.due(sources, NOW, SPAN.every)]


def message(id: str, at: datetime = NOW - HOUR) -> RawMessage:
    return RawMessage(event_id=posted_id(id), message_id=id, group=GROUP, sent_at=at, text="x")


def test_a_group_is_due_when_it_was_not_compared_for_so_long() -> None:
    assert due(source(compared_at=NOW - 6 * HOUR)) == ["a"]
    assert due(source(compared_at=NOW - 5 * HOUR)) == []
    assert due(source()) == ["a"]


@pytest.mark.parametrize(
    "polled",
    [
        {"last_poll_at": None},
        {"due_at": None},
        {"due_at": NOW},
        {"last_error": "Unavailable: away"},
    ],
)
def test_a_group_that_the_poll_has_not_caught_up_with_waits_unless_somebody_asks(polled: dict[str, Any]) -> None:
    assert due(source(**polled)) == []
    assert due(source(**polled, ask_at=NOW)) == ["a"]


def test_those_that_are_asked_for_come_first_and_then_the_longest_not_compared() -> None:
    long_ago, ago = source("long", compared_at=NOW - 9 * HOUR), source("ago", compared_at=NOW - 7 * HOUR)
    asked = source("asked", compared_at=NOW - HOUR, ask_at=NOW - MINUTE)
    assert due(ago, long_ago, asked) == ["asked", "long", "ago"]


def test_a_question_is_open_until_the_gateway_was_asked_after_it() -> None:
    assert source(ask_at=NOW).asked
    assert source(ask_at=NOW, compared_at=NOW - MINUTE).asked
    assert not source(ask_at=NOW, compared_at=NOW).asked
    assert not source().asked


def test_the_window_leaves_out_what_may_be_late_and_what_is_too_old() -> None:
    found = comparing.window(source(), NOW, SPAN)
    assert (found.start, found.end, found.oldest) == (NOW - 48 * HOUR, NOW - 5 * MINUTE, NOW - timedelta(days=7))


def test_a_silent_group_is_asked_back_to_its_last_message_but_never_beyond_the_oldest() -> None:
    silent = source(ask_at=NOW, last_message_at=NOW - 72 * HOUR)
    assert comparing.window(silent, NOW, SPAN).start == NOW - 72 * HOUR
    recent = source(ask_at=NOW, last_message_at=NOW - HOUR)
    assert comparing.window(recent, NOW, SPAN).start == NOW - 48 * HOUR
    very = source(ask_at=NOW, last_message_at=NOW - timedelta(days=30))
    assert comparing.window(very, NOW, SPAN).start == NOW - timedelta(days=7)


def test_what_stands_nowhere_is_unknown_and_what_is_young_may_be_late() -> None:
    edit = MessageEdited(event_id=edited_id("b", "y"), message_id="b", group=GROUP, edited_at=NOW - HOUR, text="y")
    deletion = MessageDeleted(event_id=deleted_id("c"), message_id="c")
    events: list[RawEvent] = [message("a"), message("known"), message("young", NOW), edit, deletion]
    assert comparing.unknown(events, {"known"}, NOW - 5 * MINUTE) == [events[0], edit, deletion]
    assert comparing.unknown(events, {"a", "known", edit.event_id, call_id("c")}, NOW - 5 * MINUTE) == []


def test_what_is_found_is_told_with_its_group_and_time() -> None:
    told = comparing.listed(message("a"), source("g"), NOW)
    assert (told.kind, told.id, told.group_id, told.at) == ("message", "a", "g", NOW - HOUR)
    deletion = MessageDeleted(event_id=deleted_id("c"), message_id="c")
    assert comparing.listed(deletion, source("g"), NOW).at == NOW


def test_the_answer_says_whether_anything_was_found() -> None:
    assert comparing.answer_of(2) is Answer.FOUND
    assert comparing.answer_of(0) is Answer.QUIET
