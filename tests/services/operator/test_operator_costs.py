"""`twin costs`: the bill, and what a published call has cost."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.operator import cli
from services.operator.costs import Bill, bill_since, document, first_day, lines
from services.publisher import logic
from shared.contracts.calls import CastingCall
from shared.contracts.ids import call_id
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import Engine, ExtractedCall, Verdict
from shared.errors import Misconfigured
from shared.settings import MongoSettings
from shared.storage.costs import Spent
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.costs import MongoCosts
from shared.storage.mongo.sources import MongoSources
from shared.storage.sources import Source, SourceStatus

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def spent(day: date, source: str, cost: float, **more: Any) -> Spent:
    return Spent(day, source, "extractor", "gpt-4o-mini", 1, 0, 900, 100, cost, 800, **more)


async def put(mongo: Mongo, id: str, group: str, *, queued: datetime, approved: bool) -> None:
    message = RawMessage(event_id=f"post:{id}", message_id=id, group=Group(id=group), sent_at=queued, text="x")
    event = ExtractedCall(
        event_id=f"extracted:{id}",
        call_id=call_id(id),
        message=message,
        verdict=Verdict(passed=True, rule="scored"),
        call=CastingCall(title="t"),
        engine=Engine(name="openai"),
    )
    call = logic.received(event, queued)
    await MongoCalls(mongo).insert(call)
    if approved:
        assert await MongoCalls(mongo).save(logic.approve(call, "rana", NOW), over=call.version)


@pytest.fixture
async def bill(mongo: Mongo) -> Bill:
    costs = MongoCosts(mongo)
    for one in (
        spent(DAY, "a@g.us", 0.25),
        spent(DAY, "a@g.us", 0.25),
        spent(date(2026, 11, 21), "b@g.us", 0.5),
        Spent(date(2026, 11, 21), "c@g.us", "extractor", "gpt-4o-mini", reused=3),
        spent(date(2026, 11, 1), "a@g.us", 9.0),
    ):
        await costs.add(one)
    await MongoSources(mongo).add(Source(id="a@g.us", name="Riyadh casting", status=SourceStatus.ACTIVE, added_at=NOW))
    await put(mongo, "m1", "a@g.us", queued=NOW - timedelta(hours=20), approved=True)
    await put(mongo, "m2", "b@g.us", queued=NOW, approved=True)
    await put(mongo, "m3", "b@g.us", queued=NOW, approved=False)
    await put(mongo, "m4", "a@g.us", queued=NOW - timedelta(days=9), approved=True)
    return await bill_since(mongo, DAY)


async def test_the_bill_counts_every_source_and_day_and_what_a_published_call_cost(bill: Bill) -> None:
    answer = document(bill)
    assert (answer["total"]["cost_usd"], answer["total"]["questions"], answer["total"]["reused"]) == (1.0, 3, 3)
    assert (answer["published_calls"], answer["cost_usd_per_published_call"]) == (2, 0.5)
    sources = {one["source"]: one for one in answer["by_source"]}
    assert (sources["a@g.us"]["name"], sources["a@g.us"]["cost_usd"], sources["a@g.us"]["published_calls"]) == (
        "Riyadh casting",
        0.5,
        1,
    )
    assert (sources["c@g.us"]["reused"], sources["c@g.us"]["cost_usd"]) == (3, 0)
    assert {day: one["cost_usd"] for day, one in answer["by_day"].items()} == {"2026-11-20": 0.5, "2026-11-21": 0.5}
    assert answer["by_stage"]["extractor"]["mean_latency_ms"] == 800
    assert list(answer["by_model"]) == ["gpt-4o-mini"]


async def test_people_read_it_with_the_names_of_the_groups(bill: Bill) -> None:
    text = "\n".join(lines(bill))
    assert "since 2026-11-20: 1.00000 US dollars, 0.50000 US dollars for each of 2 published calls" in text
    assert "Riyadh casting" in text


def test_without_a_published_call_there_is_no_rate() -> None:
    empty = Bill(DAY, [], {}, {})
    assert document(empty)["cost_usd_per_published_call"] is None
    assert "no call published yet" in lines(empty)[0]


@pytest.mark.parametrize(("words", "day"), [("30d", date(2026, 10, 21)), ("2026-11-01", date(2026, 11, 1))])
def test_since_is_a_day_or_a_number_of_days(words: str, day: date) -> None:
    assert first_day(words, DAY) == day


@pytest.mark.parametrize("words", ["soon", "d", "99999999999d", "2026-13-01"])
def test_since_something_else_is_wrong_use(words: str) -> None:
    with pytest.raises(Misconfigured, match="--since"):
        first_day(words, DAY)


def test_the_command_answers_with_one_document(
    bill: Bill, mongo_settings: MongoSettings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in os.environ if name.startswith("MONGO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MONGO_URL", mongo_settings.url.get_secret_value())
    monkeypatch.setenv("MONGO_DATABASE", mongo_settings.database)
    with pytest.raises(SystemExit) as ended:
        cli.main(["costs", "--since", "2026-11-20", "--json"])
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out)["total"]["cost_usd"] == 1.0
