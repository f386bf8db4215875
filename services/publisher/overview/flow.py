"""A day's messages as a flow: how many entered each stage, how many went on, and what became of all others. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from services.publisher.overview.outcomes import Outcome
from shared.storage.calls import Status
from shared.storage.ledger import State
from shared.storage.totals import Fate

Kind = Literal["dropped", "waiting", "failed"]


@dataclass(frozen=True, slots=True)
class Drop:
    """Messages that did not go on. `name`: a rule, a reason or a state, as in the interface's words."""

    name: str
    number: int
    kind: Kind = "dropped"


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage that so many entered; what is left after the drops entered the next."""

    name: str
    number: int
    drops: tuple[Drop, ...] = ()


def flow_of(counts: Mapping[Fate, int], calls: Iterable[Outcome]) -> tuple[Stage, ...]:
    """The flow of the messages with these fates, whose calls became these.

    The stages before the desk count messages and edits, the desk counts calls: an edit of a known call, and a message
    whose call has yet to arrive, are named as drops in between.
    """
    total = sum(counts.values())
    by_filter = _filter_drops(counts)
    passed = total - sum(drop.number for drop in by_filter)
    by_extractor = _extractor_drops(counts)
    became = passed - sum(drop.number for drop in by_extractor)
    rows = list(calls)
    beside = (Drop("known_call", became - len(rows)),) if became > len(rows) else ()
    by_desk = _desk_drops(rows)
    published = len(rows) - sum(drop.number for drop in by_desk)
    return (
        Stage("received", total, by_filter),
        Stage("candidates", passed, (*by_extractor, *beside)),
        Stage("calls", len(rows), by_desk),
        Stage("published", published),
    )


def _filter_drops(counts: Mapping[Fate, int]) -> tuple[Drop, ...]:
    rules: Counter[str] = Counter()
    copies = dead = 0
    for fate, number in counts.items():
        if fate.state in (State.REJECTED, State.NO_TEXT, State.TOO_OLD):
            rules[f"rule.{fate.rule or fate.state}"] += number
        elif fate.state is State.DUPLICATE and fate.stage == "filter":
            copies += number
        elif fate.state is State.DEAD and fate.stage != "extractor":
            dead += number
    return (*_named(rules), *_some("copy", copies), *_some("dead.filter", dead, "failed"))


def _extractor_drops(counts: Mapping[Fate, int]) -> tuple[Drop, ...]:
    states: Counter[str] = Counter()
    for fate, number in counts.items():
        if fate.stage == "extractor" or fate.state is State.CANDIDATE:
            states[str(fate.state)] += number
    return (
        *_some("not_a_call", states[State.NOT_A_CALL]),
        *_some("copy", states[State.DUPLICATE]),
        *_some("in_work", states[State.CANDIDATE], "waiting"),
        *_some("dead.extractor", states[State.DEAD], "failed"),
    )


def _desk_drops(rows: Iterable[Outcome]) -> tuple[Drop, ...]:
    reasons: Counter[str] = Counter()
    pending = 0
    for row in rows:
        if row.status is Status.PENDING:
            pending += 1
        elif row.status is Status.REJECTED:
            reasons[f"reason.{row.reason or 'other'}"] += 1
    return (*_some("pending", pending, "waiting"), *_named(reasons))


def _named(counts: Counter[str]) -> tuple[Drop, ...]:
    return tuple(Drop(name, number) for name, number in counts.most_common())


def _some(name: str, number: int, kind: Kind = "dropped") -> tuple[Drop, ...]:
    return (Drop(name, number, kind),) if number else ()
