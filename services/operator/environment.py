"""Where a command finds its settings: the environment, then the stack that runs in the folder, then `.env`."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from dotenv import dotenv_values

from services.operator.folder import StackFolder

DOTENV = Path(".env")


def read_dotenv(path: Path = DOTENV) -> dict[str, str]:
    """The settings of a `.env` file, empty values left out; nothing where there is no such file."""
    if not path.is_file():
        return {}
    return {key: value for key, value in dotenv_values(path, interpolate=False).items() if value}


def adopt(folder: StackFolder, environment: MutableMapping[str, str] = os.environ) -> None:
    """Adds to the environment what it lacks, so that a command speaks to the stack that runs here, without exports.

    A running stack goes before `.env`: it was started with that file's settings, or is a demo that must not touch what
    the file names.
    """
    running = folder.running()
    complete(environment, running if running is not None else read_dotenv())


def complete(environment: MutableMapping[str, str], values: Mapping[str, str]) -> None:
    """Sets those of the values that the environment does not have."""
    for key, value in values.items():
        if not environment.get(key):
            environment[key] = value
