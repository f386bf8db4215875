"""`twin account`: the one state in which every message ended that the streams and the gateway know of, and the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.operator import connections
from services.operator.answers import FOUND, JsonOption, finish, run, show, table
from services.operator.moments import length, moment
from services.poller.compare import Comparison
from services.poller.settings import PollerSettings
from services.publisher.reckoning.accountant import Accountant
from shared.broker import topology
from shared.broker.progress import CaughtUp
from shared.broker.publish import JetStreamPublisher
from shared.broker.stored import JetStreams
from shared.contracts.subjects import RAW_MESSAGES, ROUTES
from shared.settings import NatsSettings
from shared.storage.calls import Status
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.ledger import MongoLedger
from shared.storage.mongo.reckonings import MongoReckonings
from shared.storage.mongo.sources import MongoSources
from shared.storage.mongo.standings import MongoStandings
from shared.storage.reckonings import Missing, Reckoning, Sweep
from shared.storage.sources import SourceStatus
from shared.whapi.settings import WhapiSettings

if TYPE_CHECKING:
    from nats.js import JetStreamContext

_GRACE = "5m"
_SHOWN = 50
_LOOKS, _BETWEEN_S = 20, 0.25
_WORDS = {
    "no_entry": "the filter acknowledged it and recorded nothing",
    "no_reader": "a candidate that neither extractor nor publisher has",
    "no_call": "the ledger says that it became a call, and the desk has none",
    "not_noted": "the publisher acknowledged the deletion and did not note it",
    "not_sent": "consumers were not told of this decision",
    "not_in_stream": "it counts as sent and is not in the consumers' stream",
}


@dataclass(frozen=True, slots=True)
class Sums:
    """Messages by stream, on their way by stage (stream/reader), in the ledger by state, and calls by status."""

    streams: Mapping[str, int]
    in_flight: Mapping[str, int]
    ledger: Mapping[str, int]
    calls: Mapping[str, int]

    @property
    def settled(self) -> bool:
        """Whether nothing is on its way."""
        return not any(self.in_flight.values())


@dataclass(frozen=True, slots=True)
class Answer:
    """What the command found. `sweep` is None where the gateway was not asked."""

    reckoning: Reckoning
    sums: Sums
    sweep: Sweep | None

    @property
    def is_bad(self) -> bool:
        """Whether anything ended nowhere, or a group could not be compared."""
        return bool(self.reckoning.unaccounted or (self.sweep and self.sweep.errors))


def account(
    since: Annotated[
        str | None,
        typer.Option(help="Only what came in since a day (2026-11-01) or so long ago (90m, 24h, 7d); else all."),
    ] = None,
    grace: Annotated[str, typer.Option(help="How old something must be to count as missing (90s, 5m, 1h).")] = _GRACE,
    gateway: Annotated[
        bool, typer.Option("--gateway", help="Also compare with what the gateway lists for each active group.")
    ] = False,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Fetch what only the gateway has, as the poller would. Implies --gateway.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say for every message where it ended; exit code 1 when something ended nowhere."""
    now = _now()
    patience = length(grace, option="grace")
    found = run(drawn_up(now, moment(since, now, option="since"), patience, gateway=gateway or fetch, fetch=fetch))
    show(document(found), lines(found, fetched=fetch), as_json=as_json)
    if found.is_bad:
        finish(FOUND)


async def drawn_up(now: datetime, since: datetime | None, grace: timedelta, *, gateway: bool, fetch: bool) -> Answer:
    """The account as it stands now. What the gateway has is compared first: what is fetched is then under way."""
    async with connections.broker() as js, connections.database() as mongo:
        sweep = await compared(js, mongo, since, grace, fetch=fetch) if gateway else None
        kept = timedelta(days=NatsSettings.load().max_age_days)
        accountant = Accountant(JetStreams(lambda: js), MongoStandings(mongo), kept=kept)
        reckoning = await accountant.draw_up(now, since=since, grace=grace, whole=since is None)
        return Answer(reckoning, await summed(js, mongo), sweep)


async def compared(
    js: JetStreamContext, mongo: Mongo, since: datetime | None, grace: timedelta, *, fetch: bool
) -> Sweep:
    """What the gateway lists of the active groups, compared with what is known here."""
    settings: PollerSettings = PollerSettings.load()
    back = settings.span.back if since is None else _now() - since
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(connections.gateway())
        sources = MongoSources(mongo)
        comparison = Comparison(
            sources,
            client,
            MongoStandings(mongo),
            JetStreamPublisher(lambda: js) if fetch else None,
            caught_up=_patient(CaughtUp(lambda: js, RAW_MESSAGES.stream, RAW_MESSAGES.readers[0], _now)),
            span=replace(settings.span, back=back, grace=max(grace, timedelta(minutes=1))),
            requests_per_hour=WhapiSettings.load().requests_per_hour,
            clock=_now,
        )
        sweep, _ = await comparison.of(await sources.all(SourceStatus.ACTIVE))
        if fetch:
            await MongoReckonings(mongo).add_sweep(sweep)
    return sweep


def _patient(caught_up: CaughtUp) -> Callable[[], Awaitable[datetime | None]]:
    """The same, asked for some seconds: a filter that works is behind for a moment only."""

    async def asked() -> datetime | None:
        for _ in range(_LOOKS):
            if found := await caught_up():
                return found
            await asyncio.sleep(_BETWEEN_S)
        return None

    return asked


async def summed(js: JetStreamContext, mongo: Mongo) -> Sums:
    """The sums of streams, readers, ledger and desk, without a window."""
    calls = MongoCalls(mongo)
    by_status = {str(status): len(await calls.standing(status)) for status in Status}
    ledger = await MongoLedger(mongo).count_by_state()
    lags = await topology.lags(js)
    names = sorted({route.stream for route in ROUTES})
    streams = {name: (await js.stream_info(name)).state.messages for name in names}
    return Sums(streams, {f"{lag.stream}/{lag.durable}": lag.pending + lag.unacked for lag in lags}, ledger, by_status)


def document(found: Answer) -> dict[str, Any]:
    """The answer for a program."""
    reckoning = asdict(found.reckoning)
    return {
        **{name: reckoning[name] for name in ("at", "since", "took_s", "messages", "edits", "deletions", "events")},
        "total": found.reckoning.total,
        "under_way": found.reckoning.under_way,
        "unaccounted": found.reckoning.unaccounted,
        "missing": reckoning["missing"],
        "gateway": asdict(found.sweep) if found.sweep else None,
        **asdict(found.sums),
        "settled": found.sums.settled,
    }


def lines(found: Answer, *, fetched: bool = False) -> list[str]:
    """The answer for people."""
    reckoning, sums = found.reckoning, found.sums
    told = table(("stream", "messages"), list(sums.streams.items()))
    told += ["", *table(("on its way", "messages"), list(sums.in_flight.items()))]
    told += ["", *table(("ledger", "messages"), [*sums.ledger.items(), ("sum", sum(sums.ledger.values()))])]
    told += ["", *table(("calls", "number"), list(sums.calls.items()))]
    for name in ("messages", "edits", "deletions", "events"):
        if ended := getattr(reckoning, name):
            heading = "decisions told to consumers" if name == "events" else name
            told += ["", *table((heading, "number"), [*ended.items(), ("sum", sum(ended.values()))])]
    if found.sweep:
        told += ["", *_gateway_lines(found.sweep, fetched=fetched)]
    told.append("")
    if reckoning.missing:
        rows = [_row(one) for one in reckoning.missing[:_SHOWN]]
        told += [*table(("since", "what", "id", "group", "what is missing"), rows), ""]
        told.append(f"UNACCOUNTED: {reckoning.unaccounted} (the life of one: twin trace ID)")
    else:
        told.append(f"all accounted for: {reckoning.total} messages, edits and deletions")
    if reckoning.under_way:
        told.append(f"{reckoning.under_way} more came in so lately that they may only be under way")
    return told


def _gateway_lines(sweep: Sweep, *, fetched: bool) -> Sequence[str]:
    became = "fetched" if fetched else "not fetched (--fetch does)"
    told = [f"gateway: {sweep.groups} groups, {sweep.listed} messages listed, {sweep.found} known nowhere, {became}"]
    told += [f"gateway: {number} × {error}" for error, number in sweep.errors.items()]
    if sweep.messages:
        rows = [(one.at, one.kind, one.id, one.group_id) for one in sweep.messages[:_SHOWN]]
        told += table(("sent", "what", "id", "group"), rows)
    return told


def _row(one: Missing) -> tuple[Any, ...]:
    return one.at, one.kind, one.id, one.group_id, _WORDS.get(one.what, one.what)


def _now() -> datetime:
    return datetime.now(UTC)
