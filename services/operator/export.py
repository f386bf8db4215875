"""`twin export`: everything that is held of a person, as it is kept, for whoever asks what we have of them."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.operator import connections
from services.operator.answers import JsonOption, json_text, run, show, table
from services.operator.erasing import STREAMS, traces_of
from services.operator.forget import Given, asked_for
from services.operator.remains import is_held, json_of
from services.operator.traces import Traces
from shared.arabic.mentions import Person
from shared.broker.stored import stored
from shared.errors import Misconfigured, Permanent
from shared.storage.holdings import Holdings
from shared.storage.mongo.holdings import MongoHoldings

if TYPE_CHECKING:
    from nats.js import JetStreamContext


def export(
    given: Given,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Write the JSON document to this file, readable by you alone.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print everything that is held of a person: messages, calls that name them, reviews, dead letters, caches."""
    if out is not None and (out.is_dir() or not out.absolute().parent.is_dir()):
        raise Misconfigured(f"--out {out}: give a file in a folder that is there")
    document = run(exported(asked_for(given)))
    lines = table(("kept in", "documents"), [(name, len(found)) for name, found in document["documents"].items()])
    lines += ["", *table(("stream", "messages"), list(document["streams"].items()))]
    if out is not None:
        _write(out, document)
        lines += ["", f"written to {out}: read it before you hand it on, messages of others stand in it too"]
        document = {"written_to": str(out)} | {"streams": document["streams"]}
    elif not as_json:
        lines += ["", "the documents themselves: --json, or -o FILE"]
    show(document, lines, as_json=as_json)


async def exported(person: Person) -> dict[str, Any]:
    """The documents by collection, and how many messages each stream holds."""
    async with connections.broker() as js, connections.database() as mongo:
        holdings = MongoHoldings(mongo)
        traces = await traces_of(holdings, person)
        documents = {name: await _held(holdings, name, traces) for name in await holdings.collections()}
        return {
            "documents": {name: found for name, found in documents.items() if found},
            "streams": {stream: number for stream in STREAMS if (number := await _count(js, stream, traces))},
        }


async def _held(holdings: Holdings, name: str, traces: Traces) -> list[dict[str, Any]]:
    return [document async for document in holdings.every(name) if is_held(name, document, traces)]


async def _count(js: JetStreamContext, stream: str, traces: Traces) -> int:
    counts: Counter[str] = Counter()
    async with aclosing(stored(js, stream)) as messages:
        async for message in messages:
            counts[stream] += traces.holds(json_of(message))
    return counts[stream]


def _write(path: Path, document: dict[str, Any]) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)  # before anything stands in it: one that was there may be open to all
            file.truncate()
            file.write(json_text(document))
    except OSError as error:
        raise Permanent(f"{path} cannot be written: {error}") from error
