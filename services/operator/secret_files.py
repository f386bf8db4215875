"""`twin secrets`: the files from which compose.yaml gives each service the secrets that it needs."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from services.operator.answers import JsonOption, show

_FILL_IN = ("whapi_token", "openai_api_key")


def make(
    folder: Annotated[Path, typer.Argument(help="Where compose.yaml looks for them.")] = Path("secrets"),
    mongo_url: Annotated[
        str | None, typer.Option(help="Address of the database, where it is not compose.yaml's own.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make the secret files that are not there yet; those that are stay as they are."""
    made = make_files(folder, mongo_url=mongo_url)
    lines = [f"{folder / name} made" for name in made] or ["all there already"]
    lines += [f"fill in {folder / name}" for name in _FILL_IN if not (folder / name).read_text().strip()]
    show({"folder": str(folder), "made": made}, lines, as_json=as_json)


def make_files(folder: Path, *, mongo_url: str | None = None) -> list[str]:
    """Makes what is missing, returns the names. The folder is its owner's alone; containers read the files."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    made = []
    for name, make_value in _files(folder, mongo_url).items():
        path = folder / name
        if not path.exists():
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "w") as file:
                file.write(make_value())
            path.chmod(0o444)
            made.append(name)
    return made


def _files(folder: Path, mongo_url: str | None) -> dict[str, Callable[[], str]]:
    def address() -> str:
        password = (folder / "mongo_password").read_text().strip()
        return mongo_url or f"mongodb://twin:{password}@mongo:27017/?authSource=admin&directConnection=true"

    return {
        "mongo_password": lambda: secrets.token_hex(24),
        "mongo_url": address,
        "receiver_secret": lambda: secrets.token_urlsafe(32),
        "publisher_session_secret": lambda: secrets.token_urlsafe(48),
        "whapi_token": lambda: "",
        "openai_api_key": lambda: "",
    }
