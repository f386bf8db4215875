"""`twin dead` and `twin replay` as they are typed, on a real broker and a real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from nats.js import JetStreamContext

from services.operator import dead_choice
from services.operator.moments import length, moment
from shared.broker.publish import JetStreamPublisher
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import Candidate, DeadLetter, Verdict
from shared.errors import Misconfigured
from shared.storage.dead_letters import LetterFilter, Outcome
from shared.storage.ledger import Entry, State
from shared.storage.mongo.audit import MongoAudit
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.dead_letters import MongoDeadLetters
from shared.storage.mongo.ledger import MongoLedger
from tests.services.operator.typed import Twin

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CALL = "مطلوب ممثلين شباب لمسلسل رمضاني يصور في الرياض، العمر 25-35، للتواصل واتساب 0500000001"


def letter(number: int, **values: Any) -> DeadLetter:
    defaults: dict[str, Any] = {
        "stage": "extractor",
        "reason": "model_refused",
        "detail": "it refuses \x1b[31m",
        "stack": "Traceback\n\tFile x",
        "payload": '{"message": {"group": {"id": "1@g.us"}}}',
        "message_id": f"m{number}",
        "failed_at": NOW + timedelta(minutes=number),
    }
    return DeadLetter(
        event_id=f"dead:extractor:CANDIDATES:{number}",
        subject="candidates",
        stream="CANDIDATES",
        sequence=number,
        **(defaults | values),
    )


@pytest.fixture
async def store(mongo: Mongo) -> MongoDeadLetters:
    """Three letters of the extractor's, the last for another reason."""
    made = MongoDeadLetters(mongo)
    for one in (letter(1), letter(2), letter(3, reason="too_large")):
        await made.add(one)
    return made


async def test_letters_are_listed_with_their_kinds_and_one_is_shown_whole(twin: Twin, store: MongoDeadLetters) -> None:
    answer = await twin("dead", "list", "--reason", "model_refused", "--limit", "1", "--json")
    assert [one["message_id"] for one in answer.json["letters"]] == ["m2"]
    assert answer.json["number"] == 2
    assert [(kind["reason"], kind["number"]) for kind in answer.json["kinds"]] == [
        ("model_refused", 2),
        ("too_large", 1),
    ]
    lines = (await twin("dead", "list", "--group", "1@g.us", "--until", "2026-11-21")).out
    assert lines.count("dead:extractor:CANDIDATES:") == 3
    shown = (await twin("dead", "show", letter(1).event_id)).out
    for said in ("model_refused", '"id": "1@g.us"', "    File x", "open with this reason  2", "delivered"):
        assert said in shown
    assert "\x1b" not in shown
    assert (await twin("dead", "show", "none")).code == 1


async def test_named_letters_are_sent_on_at_once_and_more_only_with_yes(
    twin: Twin, store: MongoDeadLetters, js: JetStreamContext, mongo: Mongo
) -> None:
    dry = await twin("dead", "replay", "--all", "--dry-run", "--json")
    assert (dry.code, len(dry.json["would_replay"])) == (0, 3)
    unsure = await twin("dead", "replay", "--reason", "model_refused")
    assert (unsure.code, "--yes" in unsure.err) == (2, True)
    assert await store.count_open() == 3
    assert (await js.stream_info("CANDIDATES")).state.messages == 0
    one = await twin("dead", "replay", letter(3).event_id)
    assert (one.code, one.out) == (0, "1 of 1 sent on\n")
    many = await twin("dead", "replay", "--since", "2025-11-20", "--rate", "1000", "--yes", "--json")
    assert (many.code, many.json["sent"]) == (0, 2)
    assert (await js.stream_info("CANDIDATES")).state.messages == 3
    again = await twin("dead", "replay", letter(3).event_id)
    assert (again.code, "not an open letter" in again.err) == (1, True)
    assert [deed.action for deed in await MongoAudit(mongo).recent("letter")] == ["replayed_all", "replayed_all"]


async def test_dropped_letters_are_closed(twin: Twin, store: MongoDeadLetters) -> None:
    assert (await twin("dead", "drop", letter(1).event_id)).out == "1 dropped\n"
    assert (await twin("dead", "drop", "--stage", "extractor", "--yes", "--json")).json == {"dropped": 2}
    assert await store.count(LetterFilter(outcome=Outcome.DROPPED)) == 3
    assert (await twin("dead", "drop", "--all", "--yes")).out == "no open letter is meant\n"


@pytest.mark.parametrize("what", ["replay", "drop"])
async def test_more_letters_than_are_taken_at_once_are_not_passed_over_in_silence(
    twin: Twin, store: MongoDeadLetters, js: JetStreamContext, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(dead_choice, "AT_ONCE", 2)
    first = await twin("dead", what, "--all", "--yes")
    assert await store.count_open() == 1
    assert first.err == "twin: these are the oldest 2; 1 more would be meant: type it again afterwards\n"
    second = await twin("dead", what, "--all", "--yes")
    assert (second.code, second.err) == (0, "")
    assert await store.count_open() == 0


@pytest.mark.parametrize(
    "words",
    [
        ("dead", "replay"),
        ("dead", "replay", "x", "--stage", "filter"),
        ("dead", "list", "--since", "yesterday"),
        ("dead", "list", "--outcome", "lost"),
        ("dead", "list", "--stage", "nowhere"),
        ("dead", "list", "--since", "1h", "--until", "2h"),
        ("dead", "replay", "--since", "2026-11-02", "--until", "2026-11-01", "--yes"),
        ("dead", "drop", "--since", "1h", "--until", "1h", "--yes"),
        ("replay", "--from", "raw", "--since", "soon"),
        ("replay", "--from", "raw", "--since", "1h", "--until", "2h", "--yes"),
    ],
    ids=" ".join,
)
async def test_what_cannot_be_understood_is_one_sentence_and_exit_code_2(twin: Twin, words: tuple[str, ...]) -> None:
    answer = await twin(*words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("twin: ")


async def test_a_replay_from_candidates_says_what_it_would_ask_and_never_pays_unasked(
    twin: Twin, js: JetStreamContext, mongo: Mongo
) -> None:
    now = datetime.now(UTC)
    message = RawMessage(event_id="post:m1", message_id="m1", group=Group(id="1@g.us"), sent_at=now, text=CALL)
    event = Candidate(event_id="candidate:m1", message=message, verdict=Verdict(passed=True, rule="sure_call"))
    await JetStreamPublisher(lambda: js).publish(event)
    await MongoLedger(mongo).record([Entry("m1", "RAW:1", State.NOT_A_CALL, "1@g.us", now, now, "webhook")])
    words = ("replay", "--from", "candidates", "--since", "1h")
    dry = await twin(*words, "--dry-run", OPENAI_API_KEY="sk-test")
    assert dry.code == 0
    assert "m1  not_a_call → call: goes on" in dry.out
    assert "would ask gpt-4o-mini about 1 of them" in dry.out
    refused = await twin(*words, "--yes", OPENAI_API_KEY="sk-test")
    assert (refused.code, "--engine configured" in refused.err) == (2, True)
    assert (await js.stream_info("CANDIDATES")).state.messages == 1
    done = await twin(*words, "--yes", "--json")
    assert (done.code, done.json["sent"]) == (0, 1)
    assert (await js.stream_info("CANDIDATES")).state.messages == 2


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("90m", NOW - timedelta(minutes=90)),
        ("2w", NOW - timedelta(weeks=2)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T08:30+03:00", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_a_day_a_time_or_how_long_ago(words: str, meant: datetime) -> None:
    assert moment(words, NOW, option="since") == meant


def test_no_time_is_refused_with_the_option_s_name() -> None:
    assert moment(None, NOW, option="since") is None
    for words in ("", "-1d", "123456d", "99999w", "2026-13-01"):
        with pytest.raises(Misconfigured, match="--until"):
            moment(words, NOW, option="until")


@pytest.mark.parametrize(("words", "meant"), [("90s", timedelta(seconds=90)), (" 5m", timedelta(minutes=5))])
def test_a_length_of_time_is_a_number_with_its_unit(words: str, meant: timedelta) -> None:
    assert length(words, option="grace") == meant


@pytest.mark.parametrize("words", ["", "5", "-5s", "m", "1.5h", "2026-11-01", "99999w"])
def test_what_is_no_length_of_time_is_refused_with_the_option_s_name(words: str) -> None:
    with pytest.raises(Misconfigured, match=r"--grace .*length of time"):
        length(words, option="grace")
