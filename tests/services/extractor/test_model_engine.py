"""The model engine: what is kept, what waits, what falls back to the parsers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from services.extractor.answer import Answer, AnswerCall
from services.extractor.engines import ModelEngine, OfflineEngine, Policy
from services.extractor.ports import Answered, BadAnswer, NeedsOperator, Usage
from services.extractor.prompt import ChatMessage
from shared.contracts.calls import CastingCall, Flag
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import Candidate, Engine, Extraction, Verdict
from shared.errors import BudgetSpent, RateLimited, Transient, Unavailable
from shared.storage.memory.extractions import MemoryExtractions

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
USAGE = Usage(1000, 100, 0.00021)
YES = Answered(Answer(is_casting_call=True, call=AnswerCall(title="دور")), USAGE)
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

    async def ask(self, messages: Sequence[ChatMessage]) -> Answered:
        """The next outcome."""
        self.asked.append(messages)
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
        self.engine = self.build(policy)

    def build(self, policy: Policy | None = None) -> ModelEngine:
        """Another process with the same stores."""
        return ModelEngine(
            self.model,
            OfflineEngine(lambda _text, _sent_at: OFFLINE),
            self.kept,
            policy or Policy(),
            clock=lambda: self.now,
            fence=lambda: "f00d",
        )


def candidate(id: str = "m1", text: str = "مطلوب ممثل") -> Candidate:
    message = RawMessage(event_id=f"post:{id}", message_id=id, group=Group(id="g@g.us"), sent_at=START, text=text)
    return Candidate(event_id=f"candidate:{id}", message=message, verdict=Verdict(passed=True, rule="scored"))


def flags(extraction: Extraction) -> set[str]:
    return {flag.name for flag in extraction.flags}


async def test_the_models_reading_carries_its_bill_and_the_parsers_flags() -> None:
    house = House(YES)
    extraction = await house.engine.extract(candidate())
    assert extraction.call is not None
    assert extraction.call.title == "دور"
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
        await house.engine.extract(candidate("m2"))
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
    assert house.kept.readings == {}


async def test_a_long_message_is_cut_for_the_model_and_flagged() -> None:
    house = House(YES, policy=Policy(max_chars=600))
    extraction = await house.engine.extract(candidate(text="م" * 601))
    assert "shortened" in flags(extraction)
    assert house.model.asked[0][1].content.count("م") == 600
