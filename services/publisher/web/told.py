"""What an admin's page says of what was just done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from fastapi import Request


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence by its key; `secret` is shown once, and nowhere kept."""

    kind: Literal["info", "danger"]
    key: str
    values: Mapping[str, str]
    secret: str = ""


def told_in(request: Request, room: str, known: Collection[str]) -> Told | None:
    """What the address says was done, if it is one of these."""
    did = request.query_params.get("did", "")
    return Told("info", f"{room}.told.{did}", {}) if did in known else None
