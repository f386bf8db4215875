"""What a person has left behind is found in any shape, and what stays keeps its own."""

from __future__ import annotations

import json

import pytest

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


def test_a_number_that_names_a_value_is_masked_as_well() -> None:
    payload = json.dumps({"reactions": {"966500000099@s.whatsapp.net": "👍", "966500000011@s.whatsapp.net": "👍"}})
    assert traces().holds({"payload": payload})
    after = traces().without({"payload": payload})
    assert not traces().holds(after)
    assert "966500000011@s.whatsapp.net" in after["payload"]


def test_what_a_dead_letter_says_of_its_payload_goes_with_it() -> None:
    """A stack and a validation's detail quote what they were given."""
    raw = {"id": "m", "from": "966500000099", "from_name": "هو", "text": {"body": "كلامه"}}
    letter = {"reason": "invalid", "detail": "text: 'كلامه'", "stack": "input_value={'body': 'كلامه'}", "headers": []}
    after = traces().without(letter | {"payload": json.dumps(raw)})
    assert after == letter | {"detail": "", "stack": "", "payload": json.dumps({"id": "m"})}
    another = letter | {"payload": json.dumps({"id": "m", "from": "966500000011"})}
    assert traces().without(another) == another


def test_of_a_payload_that_cannot_be_read_and_names_them_nothing_stays() -> None:
    """One that was cut off for its size: nobody can tell whose words stand in it."""
    whole = json.dumps({"from": "966500000099", "from_name": "هو", "text": {"body": "كلامه"}}, ensure_ascii=False)
    letter = {"reason": "invalid", "detail": "", "stack": "", "payload": whole[:-3]}
    assert traces().without(letter) == letter | {"payload": ""}
    assert traces().without(letter | {"payload": "{no one"}) == letter | {"payload": "{no one"}


@pytest.mark.parametrize("author", [None, "123456789012345@lid"])
def test_words_of_theirs_that_another_quotes_go_whoever_the_gateway_says_wrote_them(author: str | None) -> None:
    quoted = {"message_id": "m", "author": author, "text": "كلامه"}
    answer = {"message_id": "n", "text": "تم", "quoted": quoted, "sender": {"id": "966500000011"}}
    mine = traces("m")
    assert mine.holds(answer)
    after = mine.without(answer)
    assert after == answer | {"quoted": {"message_id": "m", "author": None, "text": None}}
    assert not mine.holds(after)


@pytest.mark.parametrize("sender", [None, {"id": "123456789012345@lid", "name": "هو"}])
def test_a_message_of_theirs_is_emptied_whoever_the_gateway_says_sent_it(sender: dict[str, str] | None) -> None:
    message = {"message_id": "m", "sender": sender, "text": "كلامه", "kind": "text"}
    mine = traces("m")
    after = mine.without({"message": message})
    assert after == {"message": {"message_id": "m", "sender": None, "text": "", "kind": "text"}}
    assert not mine.holds(after)


@pytest.mark.parametrize(("id", "author"), [("m", None), ("m", "123456789012345@lid"), ("another", "966500000099")])
def test_words_of_theirs_in_an_answer_in_the_gateway_s_spelling_go(id: str, author: str | None) -> None:
    context = {"quoted_id": id, "quoted_author": author, "quoted_type": "text", "quoted_content": {"body": "كلامه"}}
    raw = {"id": "n", "from": "966500000011", "text": {"body": "تم"}, "context": context}
    mine = traces("m")
    assert mine.holds(raw)
    after = mine.without(raw)
    assert after == raw | {"context": {"quoted_id": id, "quoted_type": "text"}}
    assert not mine.holds(after)


def test_whatever_else_holds_a_text_of_their_message_loses_it() -> None:
    note = {"what": "seen", "message_id": "m", "text": "كلامه", "number": 3}
    after = traces("m").without(note)
    assert after == note | {"text": ""}
    assert not traces("m").holds(after)
