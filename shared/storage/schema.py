"""Which form the stored data has, and whether this code can work with it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """What is being done to the whole database."""

    READY = "ready"
    RESTORING = "restoring"  # a back-up is being put in: what stands there is no whole yet


@dataclass(frozen=True, slots=True)
class Mark:
    """The database's word. `version`: the last step that was done; `oldest`: the oldest code that still reads it."""

    version: int
    oldest: int = 0
    stage: Stage = Stage.READY


def objection(mark: Mark | None, code: int) -> str | None:
    """Why code of this version must not work with a database of this mark, and what to do; None where it may."""
    if mark is None:
        return "the database was never set up: run `twin provision` first"
    if mark.stage is Stage.RESTORING:
        return "a restore of this database was not finished: run `twin restore` again"
    if mark.version < code:
        return f"the database is at version {mark.version}, this code needs {code}: run `twin provision` first"
    if mark.oldest > code:
        return (
            f"the database is at version {mark.version}, which needs code of version {mark.oldest} or newer;"
            f" this is {code}: run the newer release, or restore a back-up of before"
        )
    return None
