"""What a step is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.storage.mongo.connect import Mongo


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the stored form. `run` returns how many documents it changed.

    It may be cut off anywhere and is then run again from its beginning, also while services work: so each of its writes
    may happen twice, and it holds no more than a few hundred documents at a time. It only adds ("expand"), so that the
    release before goes on beside it. One that takes away ("contract") comes a release later, and says in `oldest` which
    version of the code no longer needs what it removes: older code then refuses to start.
    """

    number: int
    name: str
    run: Callable[[Mongo], Awaitable[int]]
    oldest: int = 0
