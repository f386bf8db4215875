"""Where a message ended: the pure part."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from services.publisher.reckoning import ends
from services.publisher.reckoning.ends import Arrived, Flight, Lacking
from shared.contracts.ids import call_id
from shared.storage.calls import Status
from shared.storage.ledger import State
from shared.storage.standings import Owed, Standing

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LANDED = Flight(filtered=10, deleted=10, ids=frozenset())


def one(kind: str = ends.MESSAGE, seq: int = 5, id: str = "m1") -> Arrived:
    return Arrived(kind, id, "g@g.us", seq, NOW)


def standing(state: State, call: str | None = None) -> Standing:
    return Standing("m1", state, "g@g.us", NOW, call)


@pytest.mark.parametrize("state", [state for state in State if state not in (State.CANDIDATE, State.CALL)])
def test_a_message_ends_where_the_ledger_says(state: State) -> None:
    assert ends.end_of(one(), standing(state), {}, LANDED, dead=False) == str(state)


def test_a_call_ends_where_the_desk_says() -> None:
    became = standing(State.CALL, "c1")
    assert ends.end_of(one(), became, {"c1": Status.WITHDRAWN}, LANDED, dead=False) == "call_withdrawn"
    assert ends.end_of(one(), became, {}, LANDED, dead=False) is Lacking.CALL
    unnamed = standing(State.CALL)
    assert ends.end_of(one(), unnamed, {call_id("m1"): Status.PENDING}, LANDED, dead=False) == "call_pending"


@pytest.mark.parametrize(("entry", "lacking"), [(None, Lacking.ENTRY), (standing(State.CANDIDATE), Lacking.READER)])
def test_what_nobody_has_is_missing_unless_it_is_on_its_way_or_dead(entry: Standing | None, lacking: Lacking) -> None:
    assert ends.end_of(one(), entry, {}, LANDED, dead=False) is lacking
    assert ends.end_of(one(seq=11), entry, {}, LANDED, dead=False) == ends.IN_FLIGHT
    assert ends.end_of(one(), entry, {}, Flight(10, 10, frozenset({"m1"})), dead=False) == ends.IN_FLIGHT
    letter = Flight(10, 10, frozenset({"dead:filter:RAW:5"}))
    assert ends.end_of(one(), entry, {}, letter, dead=False) == ends.IN_FLIGHT
    assert ends.end_of(one(), entry, {}, LANDED, dead=True) == "dead"


def test_a_deletion_is_noted_on_its_way_dead_or_missing() -> None:
    deletion = one(ends.DELETION, seq=8)
    assert ends.end_of_deletion(deletion, True, LANDED, dead=False) == "noted"
    assert ends.end_of_deletion(deletion, False, LANDED, dead=False) is Lacking.NOTE
    assert ends.end_of_deletion(deletion, False, Flight(99, 7, frozenset()), dead=False) == ends.IN_FLIGHT
    assert ends.end_of_deletion(deletion, False, LANDED, dead=True) == "dead"


def test_an_event_is_sent_when_the_consumers_stream_has_it() -> None:
    def owed(*, sent: bool, at: datetime = NOW) -> Owed:
        return Owed("c1:1", "c1", "g@g.us", 1, at, sent)

    long_ago = NOW - timedelta(days=40)
    assert ends.end_of_event(owed(sent=True), True, NOW) == "sent"
    assert ends.end_of_event(owed(sent=False), True, NOW) is Lacking.SENDING
    assert ends.end_of_event(owed(sent=True), False, NOW) is Lacking.STREAM
    assert ends.end_of_event(owed(sent=True, at=long_ago), False, NOW) is None


@pytest.mark.parametrize(
    ("payload", "kind", "id"),
    [
        ({"type": "message.posted", "message_id": "m1", "event_id": "post:m1"}, ends.MESSAGE, "m1"),
        ({"type": "message.edited", "message_id": "m1", "event_id": "edit:m1:ff"}, ends.EDIT, "edit:m1:ff"),
        ({"type": "message.deleted", "message_id": "m1", "event_id": "delete:m1"}, ends.DELETION, call_id("m1")),
        ({"type": "message.posted"}, ends.MESSAGE, "RAW:7"),
        ({"type": "message.posted", "message_id": 5}, ends.MESSAGE, "RAW:7"),
        (["not", "ours"], ends.MESSAGE, "RAW:7"),
    ],
)
def test_what_arrived_is_known_by_the_ledgers_id_or_else_by_its_place(payload: Any, kind: str, id: str) -> None:
    found = ends.arrived(orjson.dumps(payload), 7, NOW)
    assert (found.kind, found.id, found.seq, found.time) == (kind, id, 7, NOW)


def test_what_is_no_json_at_all_is_known_by_its_place() -> None:
    assert ends.arrived(b"\xff{", 9, NOW).id == "RAW:9"
    assert ends.entry_in(b"\xff{") is None
    assert ends.event_id_in(b"[]") is None


@pytest.mark.parametrize(
    ("payload", "id"),
    [
        ({"message": {"message_id": "m1"}}, "m1"),
        ({"message": {"message_id": "m1"}, "edit_id": "edit:m1:ff"}, "edit:m1:ff"),
        ({"message_id": "m2"}, "m2"),
        ({"message_id": None}, None),
    ],
)
def test_the_entry_behind_a_candidate_or_a_letter_is_found(payload: Any, id: str | None) -> None:
    assert ends.entry_in(orjson.dumps(payload)) == id


def test_the_group_is_told_where_the_payload_names_it() -> None:
    body = {"type": "message.posted", "message_id": "m1", "group": {"id": "1@g.us"}}
    assert ends.arrived(orjson.dumps(body), 1, NOW).group_id == "1@g.us"
    assert ends.arrived(orjson.dumps(body | {"group": None}), 1, NOW).group_id == ""
