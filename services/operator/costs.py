"""`twin costs`: what the model was paid, by day, source and model, and what one published call has cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import typer

from services.operator import connections
from services.operator.answers import JsonOption, run, show, table
from shared.errors import Misconfigured
from shared.storage.calls import Summary
from shared.storage.costs import Spent
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.costs import MongoCosts
from shared.storage.mongo.sources import MongoSources

_DAYS = 30


@dataclass(frozen=True, slots=True)
class Bill:
    """The sums since a UTC day. `published` counts the calls queued since then that consumers were given, by source."""

    since: date
    spent: Sequence[Spent]
    published: dict[str, int]
    names: dict[str, str]

    @property
    def total(self) -> Spent:
        """Everything together."""
        return added(self.spent)

    @property
    def per_published_call(self) -> float | None:
        """US dollars, with all that was spent on what was never published; None without a published call."""
        calls = sum(self.published.values())
        return self.total.cost_usd / calls if calls else None

    def by(self, key: Callable[[Spent], str]) -> dict[str, Spent]:
        """The sums by what `key` tells of them."""
        groups: dict[str, list[Spent]] = {}
        for one in self.spent:
            groups.setdefault(key(one), []).append(one)
        return {name: added(found) for name, found in groups.items()}


def costs(
    since: Annotated[str, typer.Option(help="First UTC day (YYYY-MM-DD), or how many days back (30d).")] = f"{_DAYS}d",
    as_json: JsonOption = False,
) -> None:
    """What the model was paid, and what a published call costs."""
    bill = run(_bill(first_day(since, datetime.now(UTC).date())))
    show(document(bill), lines(bill), as_json=as_json)


def first_day(words: str, today: date) -> date:
    """The day that is meant; Misconfigured where it is none."""
    try:
        if words.endswith("d"):
            return today - timedelta(days=int(words[:-1]))
        return date.fromisoformat(words)
    except (ValueError, OverflowError):
        raise Misconfigured(f"--since {words}: give a day (2026-11-01) or a number of days (30d)") from None


async def _bill(since: date) -> Bill:
    async with connections.database() as mongo:
        return await bill_since(mongo, since)


async def bill_since(mongo: Mongo, since: date) -> Bill:
    """The bill from this day on: one read of the day sums, one of the calls that have changed since."""
    moment = datetime(since.year, since.month, since.day, tzinfo=UTC)
    spent = await MongoCosts(mongo).since(since)
    calls = await MongoCalls(mongo).updated_since(moment)
    names = {source.id: source.name for source in await MongoSources(mongo).all()}
    return Bill(since, spent, published(calls, moment), names)


def published(calls: Iterable[Summary], since: datetime) -> dict[str, int]:
    """How many calls that were queued since then have been published, by source."""
    found: dict[str, int] = {}
    for call in calls:
        if call.published is not None and call.queued_at >= since:
            found[call.group_id] = found.get(call.group_id, 0) + 1
    return found


def added(sums: Iterable[Spent]) -> Spent:
    """The sum of sums; its names mean nothing."""
    total = Spent(date.min, "", "", "")
    for one in sums:
        total = replace(
            total,
            questions=total.questions + one.questions,
            reused=total.reused + one.reused,
            input_tokens=total.input_tokens + one.input_tokens,
            output_tokens=total.output_tokens + one.output_tokens,
            cost_usd=total.cost_usd + one.cost_usd,
            latency_ms=total.latency_ms + one.latency_ms,
        )
    return total


def document(bill: Bill) -> dict[str, Any]:
    """The bill for a program."""
    sources = sorted({*bill.by(lambda one: one.source), *bill.published})
    by_source = bill.by(lambda one: one.source)
    return {
        "since": bill.since.isoformat(),
        "total": _figures(bill.total),
        "published_calls": sum(bill.published.values()),
        "cost_usd_per_published_call": bill.per_published_call,
        "by_source": [
            {"source": source, "name": bill.names.get(source), "published_calls": bill.published.get(source, 0)}
            | _figures(by_source.get(source, added(())))
            for source in sources
        ],
        "by_day": {name: _figures(one) for name, one in bill.by(lambda one: one.day.isoformat()).items()},
        "by_stage": {name: _figures(one) for name, one in bill.by(lambda one: one.stage).items()},
        "by_model": {name: _figures(one) for name, one in bill.by(lambda one: one.model).items()},
    }


def _figures(spent: Spent) -> dict[str, Any]:
    figures = {name: value for name, value in asdict(spent).items() if name not in ("day", "source", "stage", "model")}
    figures["cost_usd"] = round(figures["cost_usd"], 6)
    mean = figures.pop("latency_ms") / spent.questions if spent.questions else 0.0
    return figures | {"mean_latency_ms": round(mean, 1)}


def lines(bill: Bill) -> list[str]:
    """The bill for people."""
    each = bill.per_published_call
    calls = sum(bill.published.values())
    rate = "no call published yet" if each is None else f"{each:.5f} US dollars for each of {calls} published calls"
    heads = ("questions", "reused", "tokens sent", "received", "US dollars", "mean ms")
    by_source = bill.by(lambda one: one.source)
    sources = [
        (bill.names.get(source, source), bill.published.get(source, 0), *_cells(by_source.get(source, added(()))))
        for source in sorted({*by_source, *bill.published}, key=lambda at: -_cost(by_source.get(at)))
    ]
    return [
        f"since {bill.since}: {bill.total.cost_usd:.5f} US dollars, {rate}",
        "",
        *table(("source", "published", *heads), sources),
        "",
        *table(("day", *heads), [(day, *_cells(one)) for day, one in bill.by(lambda one: one.day.isoformat()).items()]),
        "",
        *table(
            ("stage and model", *heads),
            [(name, *_cells(one)) for name, one in bill.by(lambda one: f"{one.stage} {one.model}").items()],
        ),
    ]


def _cost(spent: Spent | None) -> float:
    return spent.cost_usd if spent else 0.0


def _cells(spent: Spent) -> tuple[Any, ...]:
    figures = _figures(spent)
    sent, received = figures["input_tokens"], figures["output_tokens"]
    dollars, mean = f"{spent.cost_usd:.5f}", f"{figures['mean_latency_ms']:g}"
    return spent.questions, spent.reused, sent, received, dollars, mean
