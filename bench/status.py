"""The status page over a ledger of a hundred thousand entries, and what keeping its totals costs."""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from pydantic import SecretStr

from bench.figures import judged, spread
from services.operator import embedded
from services.publisher.accounts import Accounts
from services.publisher.backlog import Backlog
from services.publisher.desk import Desk
from services.publisher.logic import received
from services.publisher.office import furnished
from services.publisher.presence import Live, Presence
from services.publisher.web.parts import Options, Parts
from services.publisher.web.site import build
from shared.broker.ports import RecordingPublisher
from shared.broker.resend import RecordingResender
from shared.broker.topology import Lag
from shared.contracts.calls import CastingCall
from shared.contracts.ids import call_id, posted_id
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import Engine, ExtractedCall, Verdict
from shared.settings import MongoSettings
from shared.storage.calls import Call
from shared.storage.ledger import Entry, State
from shared.storage.mongo import indexes
from shared.storage.mongo.accounts import MongoAccounts
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.claims import MongoClaims
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.dead_letters import MongoDeadLetters
from shared.storage.mongo.ledger import MongoLedger
from shared.storage.mongo.sources import MongoSources
from shared.storage.mongo.totals import MongoTotals
from shared.storage.sources import Source, SourceStatus

STORED = 100_000
CALLS = 2_000
BATCH = 100
GROUPS = 12
DAYS = 30
ROUNDS = 25
_FATES = (
    *[(State.REJECTED, "sure_noise")] * 5,
    (State.NO_TEXT, "no_text"),
    (State.DUPLICATE, "sure_call"),
    (State.NOT_A_CALL, "scored_call"),
)
_PASSWORD = "a password for the bench"


class Bench:
    """A publisher's site on a real database that holds a month."""

    def __init__(self, mongo: Mongo) -> None:
        self.mongo = mongo
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.ledger, self.totals, self.calls = MongoLedger(mongo), MongoTotals(mongo), MongoCalls(mongo)
        nowhere = (RecordingPublisher(), RecordingResender())
        self.office, self.follower = furnished(mongo, _no_lags, *nowhere)

    async def fill(self, stored: int, calls: int) -> None:
        """A month of messages in twelve groups, and its calls."""
        for number in range(GROUPS):
            await MongoSources(self.mongo).add(
                Source(f"{number}@g.us", f"Group {number}", SourceStatus.ACTIVE, self.now - timedelta(days=DAYS))
            )
        step = timedelta(days=DAYS) / (stored / BATCH)
        for number in range(stored // BATCH):
            at = self.now - number * step
            await self.ledger.record([_entry(number * BATCH + n, at) for n in range(BATCH)])
        for number in range(calls):
            await self.calls.insert(_call(number, self.now - number * timedelta(days=DAYS) / calls))

    def site(self) -> tuple[httpx.AsyncClient, Accounts]:
        """A client of the site, and its accounts."""
        now = lambda: datetime.now(UTC)  # noqa: E731
        desk = Desk(self.calls, self.ledger, now, lambda _call: None)
        accounts, live = Accounts(MongoAccounts(self.mongo), clock=now), Live()
        presence, letters = Presence(MongoClaims(self.mongo), live, now), MongoDeadLetters(self.mongo)
        options = Options(session_secret="s" * 40)
        parts = Parts(
            desk, self.calls, Backlog(self.calls, now), self.ledger, letters, accounts, now, options, live, presence,
            _nowhere, self.office,
        )  # fmt: skip
        transport = httpx.ASGITransport(build(parts))
        return httpx.AsyncClient(transport=transport, base_url="http://desk.bench"), accounts


async def run(*, stored: int = STORED, calls: int = CALLS, rounds: int = ROUNDS) -> dict[str, Any]:
    """All figures."""
    with tempfile.TemporaryDirectory() as folder:
        server = embedded.start_mongo(Path(folder) / "mongo")
        mongo = Mongo(MongoSettings(url=SecretStr(embedded.mongo_url(server.port)), timeout_s=60))
        try:
            await indexes.provision(mongo)
            return await _figures(Bench(mongo), stored, calls, rounds)
        finally:
            await mongo.close()
            server.stop()


async def _figures(bench: Bench, stored: int, calls: int, rounds: int) -> dict[str, Any]:
    await bench.fill(stored, calls)
    caught_up = await _timed(lambda: _all(bench))
    first = await _timed(bench.office.board.refresh)
    client, accounts = bench.site()
    await accounts.add("boss", _PASSWORD, "admin")
    async with client:
        signed = await client.post("/api/v1/session", json={"name": "boss", "password": _PASSWORD})
        signed.raise_for_status()
        pages, renewals, follows = [], [], []
        for number in range(rounds):
            await bench.ledger.record([_entry(stored + number, bench.now)])
            await bench.ledger.settle(f"m{number}", State.CALL, stage="publisher", detail={"call_id": "c"})
            follows.append(await _timed(lambda: _all(bench)))
            renewals.append(await _timed(bench.office.board.refresh))
            pages.append(await _timed(lambda: _page(client)))
    scan = await _timed(bench.ledger.count_by_state)
    exact = sum(sum(hour.counts.values()) for hour in await bench.totals.since(bench.now - timedelta(days=DAYS + 1)))
    return {
        "page_ms": spread(pages) | judged(round(median(pages), 1), 100, at_least=False),
        "renewal_ms": spread(renewals) | judged(round(median(renewals), 1), 100, at_least=False),
        "follow_one_change_ms": spread(follows),
        "first_reading_ms": round(first, 1),
        "catching_up_from_nothing_s": round(caught_up / 1000, 1),
        "a_scan_instead_ms": round(scan, 1),
        "counted_of_stored": f"{exact} of {stored + rounds}",
        "stored": stored,
        "calls": calls,
    }


async def _all(bench: Bench) -> None:
    while await bench.totals.follow(datetime.now(UTC)):
        pass


async def _page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/admin/digital-twin-status")
    answer.raise_for_status()
    assert re.search(r"Received</b>", answer.text)


async def _timed(work: Callable[[], Awaitable[Any]]) -> float:
    begun = time.perf_counter()
    await work()
    return (time.perf_counter() - begun) * 1000


async def _no_lags() -> Sequence[Lag]:
    return []


async def _nowhere(_message: RawMessage) -> None:
    return


def _entry(number: int, at: datetime) -> Entry:
    state, rule = _FATES[number % len(_FATES)]
    return Entry(
        id=f"m{number}",
        claim=f"RAW:{number}",
        state=state,
        group_id=f"{number % GROUPS}@g.us",
        sent_at=at,
        seen_at=at,
        via="webhook",
        rule=rule,
        score=0.3,
        text="السلام عليكم، كيف الحال يا جماعة الخير؟ " * 3,
    )


def _call(number: int, at: datetime) -> Call:
    group = Group(id=f"{number % GROUPS}@g.us")
    message = RawMessage(
        event_id=posted_id(f"c{number}"), message_id=f"c{number}", group=group, sent_at=at, text="مطلوب ممثل " * 30
    )
    event = ExtractedCall(
        event_id=f"call:c{number}",
        call_id=call_id(f"c{number}"),
        message=message,
        verdict=Verdict(passed=True, rule="sure_call", score=2.0),
        call=CastingCall(title="ممثل لفيلم قصير"),
        engine=Engine(name="offline"),
    )
    return received(event, at + timedelta(seconds=40))


if __name__ == "__main__":
    import json

    print(json.dumps(asyncio.run(run()), indent=2))
