"""How a command answers: one JSON document for programs, plain lines for people, an exit code that says how it went."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine, Sequence
from dataclasses import asdict, is_dataclass
from typing import Annotated, Any, TypeVar

import orjson
import typer
from pydantic import BaseModel

from shared.errors import Misconfigured, TwinError
from shared.observability.masking import without, without_credentials
from shared.settings import known_secrets

T = TypeVar("T")

FINE = 0
FOUND = 1
"""It found what it looks for (unaccounted, failing), or could not do what it was asked."""
WRONG_USE = 2

JsonOption = Annotated[bool, typer.Option("--json", help="Answer with one JSON document on standard output.")]


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of asynchronous work."""
    return asyncio.run(work)


def show(value: Any, lines: Sequence[str], *, as_json: bool) -> None:
    """The answer on standard output: `value` as JSON, or the lines."""
    if as_json:
        sys.stdout.write(json_text(value))
    else:
        for line in lines:
            sys.stdout.write(line + "\n")
    sys.stdout.flush()


def json_text(value: Any) -> str:
    """The value as a JSON document that people can read, with a line's end."""
    document = orjson.dumps(value, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    return document.decode("utf-8", "surrogatepass") + "\n"


def finish(code: int) -> None:
    """Ends the command with this exit code."""
    if code:
        raise typer.Exit(code)


def explain(error: TwinError) -> int:
    """Says on standard error what is wrong and returns the exit code: 2 for wrong settings, 1 for all else."""
    sys.stderr.write(f"twin: {without_credentials(without(known_secrets(), str(error)))}\n")
    return WRONG_USE if isinstance(error, Misconfigured) else FOUND


def table(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Rows in columns under their headings; the last column is as wide as it likes."""
    cells = [[_cell(value) for value in row] for row in (headings, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    return ["  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "-"
    if hasattr(value, "astimezone"):
        return str(value.astimezone().strftime("%Y-%m-%d %H:%M:%S"))
    # A text from outside may hold line breaks and terminal controls.
    return "".join(char if char.isprintable() else " " for char in str(value))


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)
