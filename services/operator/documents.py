"""`twin docs`: the files that are generated from the code, and whether they are still true."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from services.operator import asyncapi, broker_users, catalogue
from services.operator.answers import FOUND, JsonOption, finish, show

ROOT = Path(__file__).resolve().parents[2]

GENERATED: dict[str, Callable[[], str]] = {
    ".env.example": catalogue.env_example,
    "docs/settings.md": catalogue.settings_page,
    "docs/asyncapi.yaml": asyncapi.asyncapi_text,
    "docs/schemas/approved.json": asyncapi.approved_schema_text,
    "deploy/nats-users.conf": broker_users.default_users_file,
}


def docs(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit code 1 when a file is stale.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the generated files: settings, .env.example, AsyncAPI, schema of an approved call, the broker's users."""
    changed = stale()
    if check:
        show({"stale": changed}, [], as_json=as_json)
        if changed:
            sys.stderr.write(f"twin: stale: {', '.join(changed)}; run `make docs`\n")
            finish(FOUND)
        return
    for name in changed:
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(GENERATED[name](), encoding="utf-8")
    show({"written": changed}, [f"written: {name}" for name in changed] or ["nothing has changed"], as_json=as_json)


def stale() -> list[str]:
    """The generated files that are not what the code says now."""
    return [name for name, make in GENERATED.items() if _read(ROOT / name) != make()]


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
