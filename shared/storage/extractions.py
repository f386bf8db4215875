"""What a model was paid to answer, kept by the words it was asked about: a copy of a message is not paid for again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Kept:
    """One paid answer. `answer` is JSON in the shape of the model's answer; None where it gave nothing usable."""

    answer: str | None
    paid_by: str  # event id of the candidate that was asked about
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    latency_ms: float = 0.0
    unsupported: tuple[str, ...] = ()  # fields of which the message that paid did not hold what the answer says


class Extractions(Protocol):
    """The port of the kept answers. A key names the words, the days they mean, the model and the prompt."""

    async def get(self, key: str) -> Kept | None:
        """The answer under this key, if it is still kept."""
        ...

    async def put(self, key: str, kept: Kept, *, until: datetime) -> None:
        """Keeps an answer until then, in place of an earlier one."""
        ...
