"""What a person has left behind is found in any shape, and what stays keeps its own."""

from __future__ import annotations

import json

from services.operator.traces import Traces
from shared.arabic.mentions import MASK, Person
from shared.contracts.ids import call_id

ME = Person(numbers=("+966500000099",))
OTHER = {"kind": "phone", "value": "+966500000011"}


def traces(*own: str) -> Traces:
    found = Traces(ME)
    found.add(*own, own=True)
    return found


def test_a_mention_is_found_however_deep_and_masked() -> None:
    value = {"a": [{"b": ("نص", {"c": "اتصل 0500000099"})}], "n": 7, "none": None}
    assert traces().holds(value)
    assert traces().without(value) == {"a": [{"b": ["نص", {"c": f"اتصل {MASK * 10}"}]}], "n": 7, "none": None}
    assert not traces().holds(traces().without(value))


def test_a_contact_that_is_the_person_is_left_out_and_others_stay() -> None:
    mine = {"kind": "whatsapp", "value": "+966500000099"}
    assert traces().without({"contacts": [mine, OTHER]}) == {"contacts": [OTHER]}


def test_a_message_of_theirs_is_emptied() -> None:
    message = {"message_id": "m", "sender": {"id": "966500000099", "name": "هو"}, "text": "كلامه", "kind": "text"}
    emptied = traces().without({"message": message, "call_id": "c"})
    assert emptied == {"message": {"message_id": "m", "sender": None, "text": "", "kind": "text"}, "call_id": "c"}


def test_an_answer_to_them_keeps_its_own_words() -> None:
    quoted = {"message_id": "m", "author": "966500000099@s.whatsapp.net", "text": "كلامه"}
    answer = traces().without({"text": "تم", "quoted": quoted, "sender": {"id": "966500000011"}})
    assert answer["text"] == "تم"
    assert answer["quoted"] == {"message_id": "m", "author": None, "text": None}


def test_a_message_in_the_gateway_s_spelling_keeps_its_address_alone() -> None:
    raw = {"id": "m", "type": "text", "from": 966500000099, "from_name": "هو", "text": {"body": "كلامه"}}
    assert traces().without({"messages": [raw]}) == {"messages": [{"id": "m", "type": "text"}]}


def test_digits_hidden_in_the_escapes_of_a_json_text_are_found() -> None:
    payload = json.dumps({"text": "٠٥٠٠٠٠٠٠٩٩", "contacts": [OTHER]})
    assert "٠" not in payload
    assert traces().holds({"payload": payload})
    assert json.loads(traces().without({"payload": payload})["payload"]) == {"text": MASK * 10, "contacts": [OTHER]}


def test_words_of_theirs_are_known_by_the_message_they_stand_in() -> None:
    mine = traces("m")
    published = {"call_id": call_id("m"), "origin": {"text": "كلامه"}}
    assert mine.holds(published)
    assert mine.holds({"message": {"message_id": "m", "text": "كلامه"}})
    assert not mine.holds({"call_id": call_id("m"), "origin": {"text": ""}}), "the withdrawal itself"
    assert not mine.holds({"type": "message.deleted", "message_id": "m"})
    assert not mine.holds({"message_id": "another", "text": "كلام"})


def test_documents_belong_by_the_ids_in_their_names() -> None:
    mine = traces("m", "edit:m:1")
    mine.add("named", own=False)
    assert mine.belongs({"_id": "x", "paid_by": "candidate:m"}, named=False)
    assert mine.belongs({"_id": "x", "paid_by": "candidate:edit:m:1"}, named=False)
    assert mine.belongs({"_id": call_id("m")}, named=False)
    assert not mine.belongs({"_id": "named"}, named=False)
    assert mine.belongs({"_id": "named"}, named=True)
    assert not mine.belongs({"_id": "mm", "message_id": "another"}, named=True)
    assert mine.events() == ["edit:m:1", "post:m", "post:named"]
