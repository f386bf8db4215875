"""From a dead letter to the desk: what died is sent on once more after the repair, and comes exactly once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.operator.stack import SANDBOX
from services.publisher.desk import Desk
from shared.contracts.ids import call_id
from shared.storage.calls import Status
from shared.storage.dead_letters import LetterFilter, Outcome
from shared.storage.ledger import State
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.dead_letters import MongoDeadLetters
from shared.storage.mongo.ledger import MongoLedger
from tests.pipeline.conftest import Stack, text_message
from tests.pipeline.test_four_scenarios import call_text


async def answer(stack: Stack, *arguments: str, expect: int = 0) -> Any:
    """The document of a `twin` command on this stack."""
    return (await stack.twin(*arguments, "--json", expect=expect)).json


async def poisoned(stack: Stack, *ids: str) -> None:
    """Posts calls while the model refuses every question and the extractor keeps what it refuses apart."""
    stack.environment |= {"SANDBOX_LLM_REFUSALS": "1", "OPENAI_API_KEY": "sandbox-key"}
    stack.start([SANDBOX])
    await stack.ready([SANDBOX])
    await stack.restart(
        "extractor",
        EXTRACTOR_ENGINE="openai",
        EXTRACTOR_ON_BAD_ANSWER="dead",
        OPENAI_BASE_URL=f"{stack.url(SANDBOX)}/v1",
    )
    text, _ = call_text()
    for number, id in enumerate(ids):
        await stack.post(text_message(id, text.replace("25-35", f"{25 + number}-{40 + number}")))
        assert (await stack.entry(id)).state is State.DEAD


async def test_a_repaired_stage_gets_its_dead_messages_back_and_each_call_is_at_the_desk_once(stack: Stack) -> None:
    await poisoned(stack, "poison-1")
    letters, calls = MongoDeadLetters(stack.mongo), MongoCalls(stack.mongo)
    listed = await answer(stack, "dead", "list", "--stage", "extractor")
    assert listed["number"] == 1
    [letter] = listed["letters"]
    assert (letter["message_id"], letter["outcome"]) == ("poison-1", "open")

    await stack.restart("extractor", EXTRACTOR_ENGINE="offline")
    assert (await answer(stack, "dead", "replay", "--all", "--yes"))["sent"] == 1
    assert (await stack.entry("poison-1", beyond=(State.CANDIDATE, State.DEAD))).state is State.CALL
    call = await calls.get(call_id("poison-1"))
    assert call is not None
    assert (call.status, call.version) == (Status.PENDING, 1)

    # Once more: the letter is settled; even its message sent again by force changes nothing at the desk.
    await answer(stack, "dead", "replay", letter["event_id"], expect=1)
    [_, again] = await stack.stream("CANDIDATES")
    await stack.js.publish("candidates", again, stream="CANDIDATES")
    await stack.quiet()
    assert await calls.get(call_id("poison-1")) == call
    assert [await letters.count(LetterFilter(outcome=one)) for one in (Outcome.OPEN, Outcome.REPLAYED)] == [0, 1]


async def test_a_replay_leaves_what_a_reviewer_decided(stack: Stack) -> None:
    await poisoned(stack, "poison-2")
    await stack.restart("extractor", EXTRACTOR_ENGINE="offline")
    [candidate] = await stack.stream("CANDIDATES")
    await stack.js.publish("candidates", candidate, stream="CANDIDATES")  # it came through meanwhile
    await stack.entry("poison-2", beyond=(State.CANDIDATE, State.DEAD))
    calls = MongoCalls(stack.mongo)
    call = await calls.get(call_id("poison-2"))
    assert call is not None
    desk = Desk(calls, MongoLedger(stack.mongo), lambda: datetime.now(UTC), lambda _call: None)
    approved = await desk.approve(call.id, call.version, "sara")
    await stack.approved(1)
    assert (await answer(stack, "dead", "replay", "--stage", "extractor", "--yes"))["sent"] == 1
    await stack.quiet()
    after = await calls.get(call.id)
    assert after is not None
    assert (after.status, after.version, after.revision) == (Status.APPROVED, approved.version, approved.revision)
    assert len(await stack.approved(1)) == 1


async def test_what_the_filter_stopped_is_judged_anew_and_reaches_the_desk_once(stack: Stack) -> None:
    strict = {"FILTER_SURELY_NOT": "20", "FILTER_SURELY": "20", "FILTER_THRESHOLD": "20", "FILTER_CHECK_SHARE": "0"}
    await stack.restart("filter", **strict)
    text, _ = call_text()
    await stack.post(text_message("stopped-1", text), text_message("chat-1", "صباح الخير يا جماعة"))
    assert [(await stack.entry(id)).state for id in ("stopped-1", "chat-1")] == [State.REJECTED, State.REJECTED]
    for name in strict:
        del stack.environment[name]
    await stack.restart("filter")

    plan = await answer(stack, "replay", "--from", "raw", "--since", "1h", "--dry-run")
    assert (plan["read"], plan["same"], plan["sent"]) == (2, 1, 0)
    assert [(one["id"], one["does"]) for one in plan["changes"]] == [("stopped-1", "goes on")]
    await stack.quiet()
    assert (await stack.entry("stopped-1")).state is State.REJECTED, "a dry run does nothing"
    assert (await answer(stack, "replay", "--from", "raw", "--since", "1h", "--yes"))["sent"] == 1
    entry = await stack.entry("stopped-1", beyond=(State.REJECTED, State.CANDIDATE))
    assert entry.state is State.CALL
    call = await MongoCalls(stack.mongo).get(call_id("stopped-1"))
    assert call is not None
    await stack.quiet()

    for stream in ("raw", "candidates", "extracted"):
        plan = await answer(stack, "replay", "--from", stream, "--since", "1h", "--yes")
        assert (plan["sent"], plan["changes"]) == (0, []), stream
    assert await MongoCalls(stack.mongo).get(call.id) == call
