"""`twin account`: what the streams hold, what the ledger says became of it, and what is missing in between."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from services.operator import connections
from services.operator.answers import FOUND, JsonOption, finish, run, show, table
from shared.broker import topology
from shared.contracts.subjects import ROUTES
from shared.storage.calls import Status
from shared.storage.ledger import State
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.ledger import MongoLedger

if TYPE_CHECKING:
    from nats.js import JetStreamContext

_READINGS = 8
_BETWEEN_S = 0.5


@dataclass(frozen=True, slots=True)
class Sums:
    """Messages by stream, on their way by stage (stream/reader), in the ledger by state, and calls by status."""

    streams: dict[str, int]
    in_flight: dict[str, int]
    ledger: dict[str, int]
    calls: dict[str, int]

    @property
    def settled(self) -> bool:
        """Whether nothing is on its way."""
        return not any(self.in_flight.values())

    @property
    def unaccounted(self) -> dict[str, int]:
        """What should be somewhere and is not: candidates that nobody works on, calls that the desk does not have."""
        # An entry is a candidate from before it is sent on until the desk has it: all three readers may hold it.
        holders = ("RAW/filter", "CANDIDATES/extractor", "EXTRACTED/publisher")
        candidates = self.ledger[State.CANDIDATE] - sum(self.in_flight.get(holder, 0) for holder in holders)
        calls = self.ledger[State.CALL] - sum(self.calls.values()) - self.in_flight.get("EXTRACTED/publisher", 0)
        found = {"candidates without a reader": candidates, "calls that the desk lacks": calls}
        return {what: number for what, number in found.items() if number > 0}


def account(as_json: JsonOption = False) -> None:
    """Compare streams, ledger and calls; exit code 1 when something is unaccounted for."""
    sums = run(confirmed())
    lines = table(("stream", "messages"), list(sums.streams.items()))
    lines += ["", *table(("on its way", "messages"), list(sums.in_flight.items()))]
    lines += ["", *table(("ledger", "messages"), [*sums.ledger.items(), ("sum", sum(sums.ledger.values()))])]
    lines += ["", *table(("calls", "number"), list(sums.calls.items()))]
    lines += [
        "",
        *([f"UNACCOUNTED: {number} {what}" for what, number in sums.unaccounted.items()] or ["all accounted for"]),
    ]
    document = asdict(sums) | {"settled": sums.settled, "unaccounted": sums.unaccounted}
    show(document, lines, as_json=as_json)
    if sums.unaccounted:
        finish(FOUND)


async def confirmed() -> Sums:
    """The sums, read again while something seems missing: what moves meanwhile may be counted at neither place."""
    async with connections.broker() as js, connections.database() as mongo:
        sums = await summed(js, mongo)
        for _ in range(_READINGS):
            if not sums.unaccounted:
                break
            await asyncio.sleep(_BETWEEN_S)
            sums = await summed(js, mongo)
        return sums


async def summed(js: JetStreamContext, mongo: Mongo) -> Sums:
    """The sums of one reading."""
    calls = MongoCalls(mongo)
    by_status = {str(status): len(await calls.standing(status)) for status in Status}
    ledger = await MongoLedger(mongo).count_by_state()
    lags = await topology.lags(js)
    names = sorted({route.stream for route in ROUTES})
    streams = {name: (await js.stream_info(name)).state.messages for name in names}
    return Sums(streams, {f"{lag.stream}/{lag.durable}": lag.pending + lag.unacked for lag in lags}, ledger, by_status)
