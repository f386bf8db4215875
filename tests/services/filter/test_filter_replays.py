"""What the filter does with a message that somebody sends once more on purpose, on memory and on real stores."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from nats.js import JetStreamContext

from shared.broker.resend import JetStreamResender, replay_headers
from shared.contracts.messages import RawMessage
from shared.contracts.pipeline import Candidate, Verdict
from shared.errors import Unavailable
from shared.storage.ledger import State
from tests.services.filter.test_filter_handlers import CALL, NOW, Desk, desk, posted

__all__ = ["desk"]  # the fixture


def kinder(message: RawMessage, _now: datetime, _folded: str) -> Verdict:
    """Today's judge: it lets through what yesterday's stopped."""
    return Verdict(passed=True, rule="kinder")


async def replay(desk: Desk, js: JetStreamContext, message: RawMessage, run: str, of: str = "RAW:1") -> None:
    """Sends it once more, as `twin` does, and has the filter handle it."""
    headers = replay_headers({}, run=run, of=of, arrived_at=NOW)
    payload = message.model_dump_json().encode()
    await JetStreamResender(lambda: js).resend("raw.messages", "RAW", payload, headers, f"{run}:{message.message_id}")
    await desk.handle(1)


async def test_a_message_that_died_is_judged_and_goes_on(desk: Desk, js: JetStreamContext) -> None:
    await desk.sender.publish(posted("m1"))
    desk.out.error = Unavailable("killed between recording and publishing")
    [raw] = await desk.fetch(1)
    with pytest.raises(Unavailable):
        await desk.handlers.on_batch([raw])
    await raw.ack()
    await desk.ledger.settle("m1", State.DEAD, stage="dead", detail={"letter": "x", "stage": "filter"})
    desk.out.error = None
    await replay(desk, js, posted("m1"), "dead-1")
    assert await desk.state("m1") is State.CANDIDATE
    [candidate] = [event for event in desk.out.events if isinstance(event, Candidate)]
    assert (candidate.event_id, candidate.replay) == ("candidate:m1:dead-1", "dead-1")
    entry = await desk.ledger.get("m1")
    assert entry is not None
    assert entry.stages["replay"]["was"] == "dead"
    assert "dead" not in entry.stages
    assert entry.sightings == []


async def test_a_message_that_never_was_recorded_is_recorded_under_its_first_claim(
    desk: Desk, js: JetStreamContext
) -> None:
    await desk.sender.publish(posted("other"))
    await desk.handle(1)
    await replay(desk, js, posted("m1", CALL + " في جدة"), "dead-1", of="RAW:77")
    entry = await desk.ledger.get("m1")
    assert entry is not None
    assert (entry.claim, entry.state) == ("RAW:77", State.CANDIDATE)


async def test_the_replay_of_a_second_delivery_is_one_more_sighting(desk: Desk, js: JetStreamContext) -> None:
    await desk.sender.publish(posted("m1"))
    await desk.handle(1)
    await replay(desk, js, posted("m1"), "dead-1", of="RAW:5")
    assert desk.candidates() == ["m1"]
    entry = await desk.ledger.get("m1")
    assert entry is not None
    assert [seen["claim"] for seen in entry.sightings] == ["RAW:5"]


async def test_a_rejection_that_passes_today_goes_on_and_one_that_does_not_stays(
    desk: Desk, js: JetStreamContext
) -> None:
    chat = posted("m1", "صباح الخير")
    await desk.sender.publish(chat)
    await desk.handle(1)
    before = await desk.ledger.get("m1")
    await replay(desk, js, chat, "r1")
    assert await desk.ledger.get("m1") == before
    desk.handlers = desk.build(kinder)
    await replay(desk, js, chat, "r2")
    entry = await desk.ledger.get("m1")
    assert entry is not None
    assert (entry.state, entry.rule, entry.stages["replay"]["rule"]) == (State.CANDIDATE, "kinder", "word")
    assert desk.candidates() == ["m1"]


@pytest.mark.parametrize("state", [State.CALL, State.NOT_A_CALL, State.DUPLICATE])
async def test_what_later_stages_settled_is_never_judged_anew(desk: Desk, js: JetStreamContext, state: State) -> None:
    await desk.sender.publish(posted("m1"))
    await desk.handle(1)
    await desk.ledger.settle("m1", state, stage="publisher", detail={"duplicate_of": "m0"})
    desk.out.events.clear()
    await replay(desk, js, posted("m1"), "r1")
    assert desk.candidates() == []
    assert await desk.state("m1") is state


async def test_the_words_of_another_message_make_a_replay_a_copy(desk: Desk, js: JetStreamContext) -> None:
    await desk.sender.publish(posted("m1", "صباح الخير"))
    await desk.handle(1)
    desk.handlers = desk.build(kinder)
    await desk.sender.publish(posted("m2", "صباح الخير", group="2@g.us"))
    await desk.handle(1)
    await replay(desk, js, posted("m1", "صباح الخير"), "r1")
    entry = await desk.ledger.get("m1")
    assert entry is not None
    assert (entry.state, entry.duplicate_of) == (State.DUPLICATE, "m2")
    assert [copy.id for copy in await desk.ledger.copies_of("m2")] == ["m1"]


async def test_a_replay_is_as_old_as_the_message_was_when_it_came(desk: Desk, js: JetStreamContext) -> None:
    seen: list[datetime] = []

    def noting(message: RawMessage, now: datetime, folded: str) -> Verdict:
        seen.append(now)
        return kinder(message, now, folded)

    desk.handlers = desk.build(noting)
    desk.now = NOW + timedelta(days=30)
    await replay(desk, js, posted("m1"), "r1")
    assert seen == [NOW]
