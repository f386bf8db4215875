"""Words that say that a call is over, and words that only look like it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.filter.arrival import Arrival
from services.filter.endings import Said, added, ending_of, says_over
from shared.arabic.normalise import fold_text
from shared.contracts.ids import edited_id, posted_id
from shared.contracts.messages import Group, MessageEdited, Quoted, RawMessage
from shared.contracts.pipeline import EndKind
from shared.storage.ledger import Entry, State

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
GROUP = Group(id="1@g.us")


@pytest.mark.parametrize(
    "text",
    [
        "اكتفينا شكرا للجميع",
        "تمّ الإكتفاء ✅",
        "العدد اكتمل الله يعطيكم العافيه",
        "خلاص اكتمل",
        "وتم الاكتفاء يا شباب",
        "اكتفيناااا 🙏🏻",
        "مكتمل",
        "Closed",
        "we're full, thank you all!",
        "Position filled",
        "all roles have been filled, thanks",
        "no longer needed thx",
    ],
)
def test_plain_words_say_that_it_is_over(text: str) -> None:
    assert says_over(fold_text(text)) is Said.WHOLE


@pytest.mark.parametrize(
    "text",
    ["اكتفينا من الرجال، باقي بنات", "roles filled except one girl", "تم إغلاق التقديم على دور الطالب", "اكتفينا بنات"],
)
def test_a_part_is_not_the_whole(text: str) -> None:
    assert says_over(fold_text(text)) is Said.PART


@pytest.mark.parametrize(
    "text",
    [
        "هل اكتمل العدد؟",
        "ما اكتفينا لسه",
        "لسه ما قفلنا التقديم",
        "اذا اكتمل العدد نبلغكم",
        "casting not closed yet",
        "we will close once we are full",
        "is it closed?",
        "done ✅",
        "الطريق مغلق من جهة الموقع اليوم",
        "صباح الخير",
        "",
        "اكتفينا " + "بكلام طويل " * 30,
    ],
)
def test_questions_denials_conditions_and_other_things_say_nothing(text: str) -> None:
    assert says_over(fold_text(text)) is Said.NOTHING


def test_only_what_an_edit_added_counts() -> None:
    before = "مطلوب ممثلين\nالتقديم حتى يكتمل العدد"
    assert added(before, f"❌ تم الاكتفاء ❌\n{before}") is Said.WHOLE
    assert added(f"تم الاكتفاء\n{before}", f"تم الاكتفاء\n{before}\nالرياض") is Said.NOTHING


def reply(text: str, quoted: str | None = "call") -> Arrival:
    return Arrival.of(
        RawMessage(
            event_id=posted_id("r"),
            message_id="r",
            group=GROUP,
            sent_at=NOW,
            text=text,
            quoted=Quoted(message_id=quoted) if quoted else None,
        ),
        None,
    )


def entry(id: str, state: State, text: str = "") -> Entry:
    return Entry(id=id, claim="RAW:1", state=state, group_id=GROUP.id, sent_at=NOW, seen_at=NOW, via="poll", text=text)


def test_a_reply_is_about_the_message_that_it_quotes() -> None:
    found = ending_of(reply("اكتفينا"), entry("r", State.REJECTED), None, fold_text("اكتفينا"))
    assert found is not None
    assert (found.kind, found.about, found.wholly, found.event_id) == (EndKind.FILLED, "call", True, "ending:r")
    unsaid = ending_of(reply("اكتفينا", None), entry("r", State.REJECTED), None, fold_text("اكتفينا"))
    assert unsaid is not None
    assert unsaid.about is None


@pytest.mark.parametrize("state", [State.CANDIDATE, State.TOO_OLD])
def test_a_call_and_an_old_message_give_no_sign(state: State) -> None:
    assert ending_of(reply("اكتفينا"), entry("r", state), None, fold_text("اكتفينا")) is None


@pytest.mark.parametrize(
    ("was", "is_now", "text", "kind"),
    [
        (State.CALL, State.REJECTED, "شكرا للجميع", EndKind.REWORDED),
        (State.CALL, State.REJECTED, "اكتفينا", EndKind.FILLED),
        (State.CALL, State.CANDIDATE, "اكتفينا\nمطلوب ممثل في جدة", EndKind.FILLED),
        (State.CALL, State.CANDIDATE, "مطلوب ممثل في جدة", None),
        (State.REJECTED, State.REJECTED, "شكرا", None),
    ],
)
def test_an_edit_of_a_call_that_is_none_any_more_gives_a_sign(
    was: State, is_now: State, text: str, kind: EndKind | None
) -> None:
    edit_id = edited_id("call", text)
    original = entry("call", was, "مطلوب ممثل في الرياض")
    event = MessageEdited(event_id=edit_id, message_id="call", group=GROUP, edited_at=NOW, text=text)
    found = ending_of(Arrival.of(event, original), entry(edit_id, is_now, text), original, fold_text(text))
    assert (found.kind if found else None) is kind
    if found:
        assert (found.about, found.edit_id, found.message.text) == ("call", edit_id, text)
