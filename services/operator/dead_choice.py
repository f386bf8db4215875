"""Which letters a command of `twin dead` is about, and whether it may go on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.operator import connections
from services.operator.answers import FOUND, WRONG_USE, finish, show
from services.operator.moments import window
from services.operator.stack import SERVICES
from shared.errors import Misconfigured
from shared.storage.dead_letters import LetterFilter, Outcome
from shared.storage.mongo.dead_letters import MongoDeadLetters

AT_ONCE = 10_000
"""As many letters are named, sent and settled by one command."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The letters that a command is about: open ones, and what was asked for and is not there or settled."""

    ids: Sequence[str]
    unknown: Sequence[str] = ()
    rest: int = 0  # how many more would be meant than are taken at once


def filter_of(
    stage: str | None,
    reason: str | None,
    message: str | None,
    group: str | None,
    since: str | None,
    until: str | None,
    outcome: str,
) -> LetterFilter:
    """The letters that these options mean. Misconfigured where one cannot be understood."""
    now = datetime.now(UTC)
    if outcome != "any" and outcome not in set(map(str, Outcome)):
        raise Misconfigured(f"--outcome {outcome}: one of {', '.join(Outcome)}, any")
    if stage is not None and stage not in SERVICES:
        raise Misconfigured(f"--stage {stage}: one of {', '.join(SERVICES)}")
    begin, end = window(since, until, now)
    return LetterFilter(
        outcome=None if outcome == "any" else Outcome(outcome),
        stage=stage,
        reason=reason,
        message_id=message,
        group=group,
        since=begin,
        until=end,
    )


async def chosen_of(ids: Sequence[str] | None, wanted: LetterFilter, *, every: bool) -> Chosen:
    """The letters by their ids, or by the filter. Misconfigured where it is not said which."""
    narrowed = wanted != LetterFilter()
    if ids and (narrowed or every):
        raise Misconfigured("give letters' ids, or filters, not both")
    if not ids and not narrowed and not every:
        raise Misconfigured("which letters? Give ids, filters, or --all")
    async with connections.database() as mongo:
        store = MongoDeadLetters(mongo)
        if not ids:
            found = await store.ids(wanted, limit=AT_ONCE)
            return Chosen(found, rest=await store.count(wanted) - len(found) if len(found) == AT_ONCE else 0)
        kept = {id: await store.kept(id) for id in dict.fromkeys(ids)}
    unknown = [id for id, one in kept.items() if one is None or one.outcome is not Outcome.OPEN]
    return Chosen([id for id in kept if id not in unknown], unknown)


def agreed(what: str, chosen: Chosen, *, named: bool, dry_run: bool, yes: bool, as_json: bool) -> bool:
    """Whether to go on: nothing is done in a dry run, nor to more letters than were named without --yes."""
    for id in chosen.unknown:
        sys.stderr.write(f"twin: {id!r} is not an open letter; `twin dead list --outcome any` lists them all\n")
    if chosen.rest:
        oldest = f"these are the oldest {len(chosen.ids)}"
        sys.stderr.write(f"twin: {oldest}; {chosen.rest} more would be meant: type it again afterwards\n")
    if not chosen.ids:
        show({"chosen": 0}, ["no open letter is meant"], as_json=as_json)
        finish(FOUND if chosen.unknown else 0)
        return False
    if dry_run or not (named or yes):
        lines = [f"would {what} {len(chosen.ids)}:", *(f"  {_printable(id)}" for id in chosen.ids[:20])]
        if len(chosen.ids) > 20:
            lines.append(f"  … and {len(chosen.ids) - 20} more")
        show({f"would_{what}": list(chosen.ids)}, lines, as_json=as_json)
        if not dry_run:
            sys.stderr.write("twin: nothing was done; say --yes to do it\n")
            finish(WRONG_USE)
        return False
    return True


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
