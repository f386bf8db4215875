from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.ids import deleted_id, edited_id, posted_id
from shared.contracts.messages import RAW_EVENT, MessageDeleted, MessageEdited, RawMessage, Via
from shared.whapi.wire import Delivery, inspect_delivery, inspect_page, read_delivery, read_page

FIXTURES = Path(__file__).parents[2] / "fixtures" / "whapi"
GROUP = "120363411000000001@g.us"
ORIGINAL = "Ab12Cd34Ef56-Gh78Ij90-Kl11Mn"


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def inspect(name: str) -> Delivery:
    return inspect_delivery(fixture(name))


def only_post(name: str) -> RawMessage:
    delivery = inspect(name)
    assert not delivery.malformed
    (event,) = delivery.events
    assert isinstance(event, RawMessage)
    return event


def only_edit(name: str) -> MessageEdited:
    (event,) = inspect(name).events
    assert isinstance(event, MessageEdited)
    return event


def test_a_text_message_is_read_whole() -> None:
    message = only_post("messages_post__text")
    assert message.event_id == posted_id(ORIGINAL)
    assert message.message_id == ORIGINAL
    assert message.channel_id == "HERON-7Q2KD"
    assert (message.group.id, message.group.name) == (GROUP, "فرص تمثيل - تجربة")
    assert message.sender is not None
    assert (message.sender.id, message.sender.kind) == ("966500000101", "phone")
    assert message.sender.name == "مكتب الساحل للإنتاج"
    assert message.sent_at == datetime.fromtimestamp(1795160400, UTC)
    assert message.text == fixture("messages_post__text")["messages"][0]["text"]["body"]
    assert (message.kind, message.via, message.media, message.quoted) == ("text", Via.WEBHOOK, None, None)


def test_the_delivery_says_its_event_and_channel() -> None:
    delivery = inspect("messages_post__text")
    assert (delivery.event_name, delivery.channel_id, delivery.pieces) == ("messages.post", "HERON-7Q2KD", 1)
    assert not delivery.ignored


def test_messages_come_out_in_the_order_of_the_delivery() -> None:
    assert [event.message_id for event in inspect("messages_post__several_in_order").events] == ["m-1", "m-2", "m-3"]


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("link_preview", "link_preview", "Audition form, Riyadh commercial:\nhttps://forms.example.sa/riyadh"),
        ("image_caption", "image", "مطلوب أطفال ٦-١٠ لإعلان في الرياض"),
        ("image_without_caption", "image", ""),
        ("video_caption", "video", "تجارب أداء مسلسل رمضان"),
        ("gif_caption", "gif", "GIF with words"),
        ("document_both_file_names", "document", "تفاصيل الأدوار"),
        ("voice", "voice", ""),
        ("poll", "poll", "أي يوم يناسبكم لتجارب الأداء؟\nالأحد\nالاثنين"),
        ("unknown_type", "hologram", ""),
        ("unknown_type_with_words", "Casting Card!", "words in a type of next year"),
        ("no_type", "unknown", ""),
        ("text_without_body", "text", ""),
    ],
)
def test_each_type_gives_its_own_words(name: str, kind: str, text: str) -> None:
    message = only_post(f"messages_post__{name}")
    assert (message.kind, message.text) == (kind, text)


@pytest.mark.parametrize(
    ("name", "counted"),
    [
        ("messages_post__unknown_type", "type:hologram"),
        ("messages_post__unknown_type_with_words", "type:casting_card"),
        ("messages_post__no_type", "type:unnamed"),
        ("messages_post__own_echo", "own_echo"),
        ("messages_post__private_chat", "private_chat"),
        ("messages_post__private_lid_chat", "private_chat"),
        ("messages_post__newsletter", "newsletter"),
        ("messages_post__reaction", "reaction"),
        ("messages_post__vote", "vote"),
        ("messages_post__system", "type:system"),
        ("messages_post__empty_array", "empty"),
        ("messages_post__null_array", "empty"),
        ("messages_patch__text_same", "update_without_new_text"),
        ("messages_patch__poll_vote", "vote"),
        ("messages_patch__own_message", "own_echo"),
        ("messages_delete__removed_all", "removed_all"),
        ("statuses_post__read", "event:statuses.post"),
        ("groups_put__participants", "event:groups.put"),
        ("channel_post__health", "event:channel.post"),
        ("unknown_event__sunspots", "event:sun_spots.post"),
        ("no_event__empty_body", "empty"),
        ("no_event__test", "test"),
    ],
)
def test_what_is_left_out_or_not_known_is_counted_by_name(name: str, counted: str) -> None:
    delivery = inspect(name)
    assert dict(delivery.ignored) == {counted: 1}
    assert not delivery.malformed
    assert len(delivery.events) == (1 if counted.startswith("type:") and counted != "type:system" else 0)


def test_stories_are_left_out_under_both_names() -> None:
    assert dict(inspect("messages_post__status_story").ignored) == {"story": 2}


def test_a_lid_stays_a_lid() -> None:
    sender = only_post("messages_post__lid_sender").sender
    assert sender is not None
    assert (sender.id, sender.kind) == ("198273640000001@lid", "lid")


def test_a_person_has_one_spelling() -> None:
    assert only_post("messages_post__suffixed_sender").sender == only_post("messages_post__text").sender


def test_a_missing_sender_is_no_sender() -> None:
    assert only_post("messages_post__no_sender").sender is None


def test_a_missing_group_name_is_left_open() -> None:
    assert only_post("messages_post__no_group_name").group.name is None


def test_quotes_and_forwards_are_told() -> None:
    message = only_post("messages_post__quoted_and_forwarded")
    assert message.forwarded
    assert message.quoted is not None
    assert (message.quoted.message_id, message.quoted.text) == ("Qq-Ww-Ee", "كاستنج أمس")
    assert message.quoted.author == "966500000103"


def test_media_is_kept_by_reference() -> None:
    media = only_post("messages_post__image_caption").media
    assert media is not None
    assert (media.id, media.kind, media.size) == ("jpeg-0a1b2c3d-1", "image", 90210)
    assert media.link == "https://media.example.invalid/0a1b.jpg"


def test_a_file_that_is_not_ready_has_no_id() -> None:
    media = only_post("messages_post__image_without_caption").media
    assert media is not None
    assert media.id is None


def test_both_spellings_of_a_file_name_are_read() -> None:
    new, old = (only_post(f"messages_post__document_{name}").media for name in ("both_file_names", "old_file_name"))
    assert new is not None and new.file_name == "أدوار.pdf"
    assert old is not None and (old.file_name, old.size) == ("roles.pdf", None)


def test_the_two_views_of_an_edit_are_one_event() -> None:
    action, patch = only_edit("messages_post__edit"), only_edit("messages_patch__text_changed")
    assert action == patch
    assert action.event_id == edited_id(ORIGINAL, action.text)
    assert action.edited_at == datetime.fromtimestamp(1795160700, UTC)
    assert "٢٥-٤٠" in action.text


def test_an_edit_is_found_in_an_update_that_holds_its_trigger_alone() -> None:
    assert only_edit("messages_patch__only_trigger") == only_edit("messages_post__edit")


def test_an_edited_caption_is_an_edit() -> None:
    edit = only_edit("messages_post__edit_of_caption")
    assert (edit.message_id, "٢٥-٤٠" in edit.text) == ("Im-1", True)


def test_the_three_views_of_a_deletion_have_one_id() -> None:
    views = [inspect(name).events[0] for name in ("messages_post__delete", "messages_patch__deleted")]
    removed, other = inspect("messages_delete__removed").events
    assert {event.event_id for event in (*views, removed)} == {deleted_id(ORIGINAL)}
    assert all(isinstance(event, MessageDeleted) and event.group and event.group.id == GROUP for event in views)
    assert isinstance(removed, MessageDeleted) and removed.group is None and removed.deleted_at is None
    assert other.message_id == "Zz-2"


@pytest.mark.parametrize(
    ("name", "reasons", "good"),
    [
        ("messages_post__one_broken_among_good", {1: "bad_timestamp", 2: "not_an_object"}, 2),
        ("messages_post__absurd_timestamps", dict.fromkeys(range(5), "bad_timestamp"), 0),
        ("messages_post__bad_ids", dict.fromkeys(range(6), "bad_id"), 0),
        ("messages_post__edit_without_text", {0: "no_edited_text"}, 0),
        ("messages_post__no_chat", {0: "no_chat"}, 0),
        ("messages_post__array_is_text", {0: "not_a_list"}, 0),
        ("messages_delete__removed_bad_id", {1: "bad_id", 2: "bad_id"}, 1),
    ],
)
def test_a_broken_piece_is_kept_apart_and_the_rest_goes_on(name: str, reasons: dict[int, str], good: int) -> None:
    delivery = inspect(name)
    assert {piece.index: piece.reason for piece in delivery.malformed} == reasons
    assert len(delivery.events) == good
    body = fixture(name)
    part = next(iter(body))
    pieces = body[part] if isinstance(body[part], list) else [body[part]]
    assert [json.loads(piece.payload) for piece in delivery.malformed] == [pieces[index] for index in reasons]
    assert {piece.part for piece in delivery.malformed} == {part}


def test_seconds_and_milliseconds_as_numbers_and_as_text_are_one_time() -> None:
    events = read_delivery(fixture("messages_post__timestamps_of_all_kinds"))
    assert {event.sent_at for event in events if isinstance(event, RawMessage)} == {
        datetime.fromtimestamp(1795160400, UTC)
    }
    assert len(events) == 4


def test_nul_and_lone_surrogates_become_replacement_characters() -> None:
    message = only_post("messages_post__nul_and_lone_surrogates")
    assert message.text == "دور\ufffdبطولة \ufffd واحد"
    assert message.sender is not None and message.sender.name == "A B\ufffd"
    assert RAW_EVENT.validate_json(message.model_dump_json()) == message


def test_a_surrogate_pair_in_two_halves_becomes_its_character() -> None:
    body = fixture("messages_post__text")
    body["messages"][0]["text"]["body"] = "\ud83c" + "\udfac"
    (event,) = read_delivery(body)
    assert isinstance(event, RawMessage) and event.text == "🎬"


def test_the_event_name_is_read_under_its_documented_key_too() -> None:
    assert inspect("messages_post__event_key_named_method").event_name == "messages.post"


def test_the_old_default_subscription_is_read() -> None:
    assert only_post("messages_put__text") == only_post("messages_post__text")


def test_foreign_names_cannot_fill_the_counter() -> None:
    body = fixture("messages_post__text")
    message = body["messages"][0]
    body["messages"] = [message | {"id": f"m-{n}", "type": f"type{n}"} for n in range(500)]
    delivery = inspect_delivery(body)
    assert len(delivery.ignored) == 21
    assert delivery.ignored["other"] == 480
    assert len(delivery.events) == 500


def test_a_page_gives_the_same_events_as_the_webhook() -> None:
    body = fixture("rest_messages__page")
    page = inspect_page(body, channel_id="HERON-7Q2KD")
    assert dict(page.ignored) == {"own_echo": 1}
    assert page.pieces == 3
    as_webhook = read_delivery({"messages": body["messages"], "channel_id": "HERON-7Q2KD"})
    assert page.events == [event.model_copy(update={"via": Via.POLL}) for event in as_webhook]
    assert read_page(body, channel_id="HERON-7Q2KD") == page.events


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.json")), ids=lambda path: path.stem)
@pytest.mark.parametrize("read", [read_delivery, read_page])
def test_every_fixture_gives_events_that_travel(path: Path, read: Callable[[dict[str, Any]], list[Any]]) -> None:
    for event in read(json.loads(path.read_text(encoding="utf-8"))):
        assert RAW_EVENT.validate_json(event.model_dump_json()) == event
