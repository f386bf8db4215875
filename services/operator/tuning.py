"""`twin filter`: the filter's thresholds, words and model, changed while it runs, with every version kept."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from services.filter.app import policy_of
from services.filter.judging import BOUNDS, tuned
from services.filter.settings import FilterSettings
from services.operator import connections
from services.operator.answers import JsonOption, run, show, table
from shared.errors import Misconfigured, Unavailable
from shared.storage.mongo.tunings import MongoTunings
from shared.storage.tunings import Tuning, Tunings

_TRIES = 5
_SHIPPED = Tuning(version=0, at=datetime(1970, 1, 1, tzinfo=UTC), by="release")

NoteOption = Annotated[str, typer.Option(help="Why; kept with the version.")]
Change = Callable[[Tuning], Tuning]


def show_(
    version: Annotated[int | None, typer.Argument(help="An earlier version; the one in force if left out.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the tuning in force: thresholds, words added and removed, whether it brings a model."""
    tuning = run(_with_store(lambda store: _wanted(store, version)))
    settings: FilterSettings = FilterSettings.load()
    policy = asdict(policy_of(settings))
    lines = [f"version {tuning.version} by {tuning.by}: {tuning.note or '-'}"] if tuning.version else ["as shipped"]
    rows = [(name, tuning.thresholds.get(name, policy[name]), name in tuning.thresholds or "-") for name in BOUNDS]
    lines += ["", *table(("threshold", "value", "tuned"), rows)]
    words = [(name, "added", entry) for name, entries in sorted(tuning.added.items()) for entry in entries]
    words += [(name, "removed", entry) for name, entries in sorted(tuning.removed.items()) for entry in entries]
    lines += ["", *table(("list", "", "entry"), words)] if words else []
    lines += ["", "a model of its own"] if tuning.model else []
    show(_document(tuning), lines, as_json=as_json)


def set_(
    changes: Annotated[list[str], typer.Argument(help="name=value; name= gives back the setting's own value.")],
    note: NoteOption = "",
    as_json: JsonOption = False,
) -> None:
    """Set thresholds: threshold, surely, surely_not, share, min_chars."""
    given = dict(_threshold(change) for change in changes)

    def change(tuning: Tuning) -> Tuning:
        merged = {**tuning.thresholds, **given}
        return replace(tuning, thresholds={name: value for name, value in merged.items() if value is not None})

    _made(change, note, as_json=as_json)


def words_add(
    name: Annotated[str, typer.Argument(metavar="LIST", help="A word list, as in services/filter/lists.")],
    entries: Annotated[list[str], typer.Argument(help="Entries, written as in its file.")],
    note: NoteOption = "",
    as_json: JsonOption = False,
) -> None:
    """Add entries to a word list; an entry that was removed comes back."""
    _made(lambda tuning: moved(tuning, name, entries, "added", "removed"), note, as_json=as_json)


def words_remove(
    name: Annotated[str, typer.Argument(metavar="LIST", help="A word list, as in services/filter/lists.")],
    entries: Annotated[list[str], typer.Argument(help="Entries, written as in its file.")],
    note: NoteOption = "",
    as_json: JsonOption = False,
) -> None:
    """Remove entries from a word list; an entry that was added goes again."""
    _made(lambda tuning: moved(tuning, name, entries, "removed", "added"), note, as_json=as_json)


def history(as_json: JsonOption = False) -> None:
    """List all versions, the newest first."""

    async def work(store: Tunings) -> list[Tuning]:
        found = [await store.get(version) for version in await store.versions()]
        return [tuning for tuning in found if tuning is not None]

    found = run(_with_store(work))
    rows = [
        (
            one.version,
            one.at,
            one.by,
            " ".join(f"{name}={value:g}" for name, value in one.thresholds.items()),
            sum(map(len, one.added.values())),
            sum(map(len, one.removed.values())),
            "yes" if one.model else "-",
            one.note,
        )
        for one in found
    ]
    headings = ("version", "at", "by", "thresholds", "added", "removed", "model", "note")
    show([_document(one) for one in found], table(headings, rows) if rows else ["as shipped"], as_json=as_json)


def revert(
    version: Annotated[int, typer.Argument(min=0, help="The version to go back to; 0 is what is shipped.")],
    as_json: JsonOption = False,
) -> None:
    """Make an earlier version the newest again (as a new version: the history stays whole)."""

    async def work(store: Tunings) -> Tuning:
        earlier = await _wanted(store, version)
        return await made(store, lambda _: earlier, note=f"back to version {version}")

    _told(run(_with_store(work)), as_json=as_json)


async def made(store: Tunings, change: Change, *, note: str, by: str | None = None) -> Tuning:
    """Keeps what `change` makes of the tuning in force as a new version, and returns it.

    Misconfigured, and nothing is kept, when the filter could not use it; Unavailable while others keep changing it.
    """
    settings: FilterSettings = FilterSettings.load()
    for _ in range(_TRIES):
        latest = await _wanted(store, None)
        new = replace(
            change(latest), version=latest.version + 1, at=datetime.now(UTC), by=by or getpass.getuser(), note=note
        )
        tuned(new, policy_of(settings))
        if await store.add(new):
            return new
    raise Unavailable("the filter's tuning is being changed by others all the time: try again")


def moved(tuning: Tuning, name: str, entries: list[str], into: str, out_of: str) -> Tuning:
    """The tuning with these entries of a list added (or removed); where the opposite was said, that is taken back."""
    said: dict[str, Mapping[str, tuple[str, ...]]] = {"added": tuning.added, "removed": tuning.removed}
    before = said[out_of].get(name, ())
    there = said[into].get(name, ())
    new = tuple(entry for entry in dict.fromkeys(entries) if entry not in before and entry not in there)
    said[into] = _with_entries(said[into], name, (*there, *new))
    said[out_of] = _with_entries(said[out_of], name, tuple(entry for entry in before if entry not in entries))
    return replace(tuning, added=said["added"], removed=said["removed"])


def _with_entries(
    lists: Mapping[str, tuple[str, ...]], name: str, entries: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    return {key: value for key, value in {**lists, name: entries}.items() if value}


def _threshold(change: str) -> tuple[str, float | None]:
    name, equals, value = change.partition("=")
    try:
        number = float(value) if value.strip() else None
    except ValueError:
        number, equals = None, ""
    if not equals or name.strip() not in BOUNDS:
        raise Misconfigured(f"{change!r} is not name=number with a name of {', '.join(BOUNDS)}")
    return name.strip(), number


async def _wanted(store: Tunings, version: int | None) -> Tuning:
    """This version, or the highest one; what is shipped is version 0."""
    if version is None:
        version = max(await store.versions(), default=0)
    found = await store.get(version) if version else _SHIPPED
    if found is None:
        raise Misconfigured(f"there is no version {version}: `twin filter history` lists them")
    return found


async def _with_store(work: Callable[[Tunings], Any]) -> Any:
    async with connections.database() as mongo:
        return await work(MongoTunings(mongo))


def _made(change: Change, note: str, *, as_json: bool) -> None:
    _told(run(_with_store(lambda store: made(store, change, note=note))), as_json=as_json)


def _told(tuning: Tuning, *, as_json: bool) -> None:
    show(
        _document(tuning),
        [f"version {tuning.version} is kept; running filters take it over in seconds"],
        as_json=as_json,
    )


def _document(tuning: Tuning) -> dict[str, Any]:
    """The tuning as plain values; of a model only that there is one (it has thousands of lines)."""
    return asdict(tuning) | {"model": bool(tuning.model)}
