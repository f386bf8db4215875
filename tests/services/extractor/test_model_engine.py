"""The model engine: what is kept, what waits, what falls back to the parsers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.extractor import prompt
from services.extractor.answer import Answer, AnswerCall, AnswerContact
from services.extractor.engines import ModelEngine, OfflineEngine, Policy
from services.extractor.ports import Answered, BadAnswer, NeedsOperator, Usage
from services.extractor.prompt import ChatMessage
from shared.contracts.calls import CastingCall, ContactKind, Flag
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import Candidate, Engine, Extraction, Verdict
from shared.errors import BudgetSpent, RateLimited, Transient, Unavailable
from shared.observability import metrics
from shared.storage.costs import Spent
from shared.storage.memory.costs import MemoryCosts
from shared.storage.memory.extractions import MemoryExtractions

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
USAGE = Usage(1000, 100, 0.00021)
YES = Answered(Answer(is_casting_call=True, call=AnswerCall(title="مطلوب ممثل")), USAGE)
NO = Answered(Answer(is_casting_call=False, reason="news"), USAGE)
OFFLINE = Extraction(
    call=CastingCall(title="parsers"), flags=(Flag(name="scam:fee"),), engine=Engine(name="offline", version="9")
)


class Scripted:
    """A model that does what it is told, question by question."""

    name = "gpt-4o-mini"

    def __init__(self, *outcomes: Answered | Exception) -> None:
        self.outcomes = list(outcomes)
        self.asked: list[Sequence[ChatMessage]] = []
        self.sources: list[str] = []

    async def ask(self, messages: Sequence[ChatMessage], *, source: str) -> Answered:
        """The next outcome."""
        self.asked.append(messages)
        self.sources.append(source)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class House:
    """An engine over a scripted model, with a clock that is turned by hand."""

    def __init__(self, *outcomes: Answered | Exception, policy: Policy | None = None) -> None:
        self.now = START
        self.model = Scripted(*outcomes)
        self.kept = MemoryExtractions()
        self.costs = MemoryCosts()
        self.engine = self.build(policy)

    def build(self, policy: Policy | None = None) -> ModelEngine:
        """Another process with the same stores."""
        return ModelEngine(
            self.model,
            OfflineEngine(lambda _text, _sent_at: OFFLINE),
            self.kept,
            self.costs,
            policy or Policy(),
            clock=lambda: self.now,
            fence=lambda: "f00d",
        )


def candidate(
    id: str = "m1", text: str = "مطلوب ممثل", *, group: str = "g@g.us", sent_at: datetime = START, check: bool = False
) -> Candidate:
    message = RawMessage(event_id=f"post:{id}", message_id=id, group=Group(id=group), sent_at=sent_at, text=text)
    verdict = Verdict(passed=not check, rule="scored")
    return Candidate(event_id=f"candidate:{id}", message=message, verdict=verdict, check=check)


def flags(extraction: Extraction) -> set[str]:
    return {flag.name for flag in extraction.flags}


async def test_the_models_reading_carries_its_bill_and_the_parsers_flags() -> None:
    house = House(YES)
    extraction = await house.engine.extract(candidate())
    assert extraction.call is not None
    assert extraction.call.title == "مطلوب ممثل"
    assert flags(extraction) == {"scam:fee"}
    used = extraction.engine
    assert (used.name, used.model, used.input_tokens, used.cost_usd) == ("openai", "gpt-4o-mini", 1000, 0.00021)
    assert "\nf00d\nمطلوب ممثل\nf00d" in house.model.asked[0][1].content


async def test_a_message_is_paid_for_once_also_after_a_crash() -> None:
    house = House(NO)
    first = await house.engine.extract(candidate())
    again = await house.build().extract(candidate())
    assert again == first
    assert len(house.model.asked) == 1


async def test_an_unreadable_answer_leaves_it_to_the_parsers_with_a_flag_and_its_bill() -> None:
    house = House(BadAnswer("no", reason="model_refused", usage=USAGE))
    extraction = await house.engine.extract(candidate())
    assert extraction.call == OFFLINE.call
    assert flags(extraction) == {"scam:fee", "model_failed"}
    assert (extraction.engine.name, extraction.engine.version, extraction.engine.input_tokens) == ("offline", "9", 1000)
    assert await house.engine.extract(candidate()) == extraction
    assert len(house.model.asked) == 1
    await house.engine.ready()


async def test_an_unreadable_answer_may_be_made_a_dead_letter() -> None:
    house = House(BadAnswer("no", reason="model_refused"), policy=Policy(on_bad_answer="dead"))
    with pytest.raises(BadAnswer):
        await house.engine.extract(candidate())


@pytest.mark.parametrize(
    "trouble", [Unavailable("away"), RateLimited("slow", retry_after=1), BudgetSpent("spent"), NeedsOperator("key")]
)
async def test_while_the_model_is_away_messages_wait_and_it_is_left_alone(trouble: Transient) -> None:
    house = House(trouble, YES)
    with pytest.raises(type(trouble)):
        await house.engine.extract(candidate())
    house.now += timedelta(seconds=2)
    with pytest.raises(type(trouble)) as caught:
        await house.engine.extract(candidate("m2", "مطلوبة ممثلة"))
    assert caught.value.retry_after == 3
    assert len(house.model.asked) == 1
    with pytest.raises(type(trouble)):
        await house.engine.ready()
    house.now += timedelta(seconds=3)
    assert (await house.engine.extract(candidate())).call is not None
    await house.engine.ready()


async def test_it_is_left_alone_for_as_long_as_it_asks() -> None:
    house = House(RateLimited("slow", retry_after=60), YES)
    with pytest.raises(RateLimited):
        await house.engine.extract(candidate())
    house.now += timedelta(seconds=59)
    with pytest.raises(RateLimited):
        await house.engine.extract(candidate())
    house.now += timedelta(seconds=1)
    await house.engine.extract(candidate())


async def test_a_refused_question_does_not_lengthen_the_wait() -> None:
    house = House(Unavailable("away"), YES)
    for _ in range(4):
        with pytest.raises(Unavailable):
            await house.engine.extract(candidate())
        house.now += timedelta(seconds=1)
    house.now += timedelta(seconds=1)
    assert (await house.engine.extract(candidate())).call is not None


async def test_the_parsers_may_stand_in_while_the_model_is_away() -> None:
    house = House(Unavailable("away"), YES, policy=Policy(when_unavailable="offline"))
    for id in ("m1", "m2"):
        extraction = await house.engine.extract(candidate(id))
        assert extraction.call == OFFLINE.call
        assert flags(extraction) == {"scam:fee", "model_away"}
        assert extraction.engine.name == "offline"
    assert len(house.model.asked) == 1
    await house.engine.ready()
    assert house.kept.answers == {}


async def test_a_long_message_is_cut_for_the_model_and_flagged() -> None:
    house = House(YES, policy=Policy(max_chars=600))
    extraction = await house.engine.extract(candidate(text="م" * 601))
    assert "shortened" in flags(extraction)
    assert house.model.asked[0][1].content.count("م") == 600


async def test_a_spent_budget_obeys_the_same_setting_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    house = House(
        BudgetSpent("the day's limit is reached", retry_after=3600), policy=Policy(when_unavailable="offline")
    )
    extraction = await house.engine.extract(candidate())
    assert (extraction.call, flags(extraction)) == (OFFLINE.call, {"scam:fee", "budget_spent"})
    assert metrics.MODEL_AWAY._value.get() == 1
    assert "extractor.model_away" in capsys.readouterr().out
    waiting = House(BudgetSpent("the day's limit is reached", retry_after=3600))
    with pytest.raises(BudgetSpent):
        await waiting.engine.extract(candidate())
    with pytest.raises(BudgetSpent):
        await waiting.engine.ready()


async def test_a_copy_in_another_group_costs_nothing_and_is_held_against_its_own_words() -> None:
    asked = AnswerCall(title="مطلوب ممثل", contacts=[AnswerContact(kind=ContactKind.PHONE, value="0500000172")])
    house = House(Answered(Answer(is_casting_call=True, call=asked), USAGE))
    first = await house.engine.extract(candidate("m1", "مطلوب ممثل\n0500000172"))
    copy = await house.engine.extract(
        candidate("m2", "Forwarded\n🔥 مطلـــوب ممثل ٠٥٠٠٠٠٠١٧٢\nhttps://chat.whatsapp.com/AbCd", group="other@g.us")
    )
    assert first.call is not None and copy.call is not None
    assert copy.call.contacts == first.call.contacts
    assert copy.evidence["contacts.0"].text == "٠٥٠٠٠٠٠١٧٢"
    assert (copy.engine.cached, copy.engine.input_tokens, copy.engine.cost_usd) == (True, 0, 0)
    assert (first.engine.cached, first.engine.cost_usd) == (False, 0.00021)
    assert house.model.sources == ["g@g.us"]
    (spent,) = await house.costs.since(START.date())
    assert spent == Spent(START.date(), "other@g.us", "extractor", "gpt-4o-mini", reused=1)


async def test_copies_at_the_same_moment_are_paid_for_once() -> None:
    house = House(YES)
    both = await asyncio.gather(*(house.engine.extract(candidate(id)) for id in ("m1", "m2", "m3")))
    assert len(house.model.asked) == 1
    assert sorted(reading.engine.cached for reading in both) == [False, True, True]


async def test_the_same_words_on_a_day_on_which_they_mean_another_are_read_anew() -> None:
    house = House(YES, YES, NO)
    await house.engine.extract(candidate("m1", "مطلوب ممثل بكرة"))
    await house.engine.extract(candidate("m2", "مطلوب ممثل بكرة", sent_at=START + timedelta(days=1)))
    await house.engine.extract(candidate("m3", "مطلوب ممثل 5 ديسمبر"))
    again = await house.engine.extract(candidate("m4", "مطلوب ممثل 5 ديسمبر", sent_at=START + timedelta(days=3)))
    assert len(house.model.asked) == 3
    assert again.engine.cached


async def test_an_answer_that_a_copy_does_not_hold_is_asked_for_again() -> None:
    house = House(YES, NO)
    message = candidate("m1", "مطلوب ممثل 12 يوم")
    await house.engine.extract(message)
    ((key, (kept, until)),) = house.kept.answers.items()
    false = Answer(is_casting_call=True, call=AnswerCall(title="مطلوب ممثل", deadline="2031-01-31"))
    await house.kept.put(key, replace(kept, answer=false.model_dump_json()), until=until)
    copy = await house.engine.extract(candidate("m2", "مطلوب ممثل 12 يوم"))
    assert len(house.model.asked) == 2
    assert not copy.engine.cached


async def test_an_invention_that_was_dropped_once_does_not_make_every_copy_cost() -> None:
    false = AnswerCall(title="مطلوب ممثل", deadline="2031-01-31")
    house = House(Answered(Answer(is_casting_call=True, call=false), USAGE))
    for id in ("m1", "m2"):
        extraction = await house.engine.extract(candidate(id))
        assert extraction.call is not None and extraction.call.deadline is None
        assert "unsupported:deadline" in flags(extraction)
    assert len(house.model.asked) == 1


async def test_another_prompt_or_model_does_not_use_the_answers_of_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(YES, YES, YES)
    await house.engine.extract(candidate())
    monkeypatch.setattr(prompt, "VERSION", "next")
    await house.build().extract(candidate("m2"))
    monkeypatch.setattr(house.model, "name", "gpt-4o")
    await house.build().extract(candidate("m3"))
    assert len(house.model.asked) == 3


async def test_an_answer_is_kept_for_as_long_as_the_setting_says() -> None:
    house = House(YES, policy=Policy(keep=timedelta(days=3)))
    await house.engine.extract(candidate())
    ((_, until),) = house.kept.answers.values()
    assert until == START + timedelta(days=3)


async def test_a_rejection_to_check_never_costs_a_question() -> None:
    house = House()
    extraction = await house.engine.extract(candidate(check=True))
    assert (extraction.call, extraction.engine.name) == (OFFLINE.call, "offline")
    assert house.model.asked == []
