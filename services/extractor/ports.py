"""What the extractor asks of an engine, and an engine of a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.extractor.answer import Answer
from services.extractor.prompt import ChatMessage
from shared.contracts.pipeline import Candidate, Extraction
from shared.errors import Permanent, Unavailable


class Engine(Protocol):
    """Reads a message."""

    @property
    def name(self) -> str:
        """The engine's name, for logs and figures."""
        ...

    async def extract(self, candidate: Candidate) -> Extraction:
        """What stands in the message. Transient when it cannot be read now, Permanent when it never can."""
        ...

    async def ready(self) -> None:
        """Returns when messages can be read now; raises with the reason when they have to wait."""
        ...


@dataclass(frozen=True, slots=True)
class Usage:
    """What some requests to the model took."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        """Both together."""
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cost_usd + other.cost_usd,
        )


@dataclass(frozen=True, slots=True)
class Answered:
    """A readable answer, and what it took with all tries."""

    answer: Answer
    usage: Usage


class BadAnswer(Permanent):
    """The model answered, but with nothing that can be used; asking again brings the same. `usage`: what it took."""

    def __init__(self, message: str, *, reason: str, usage: Usage = Usage()) -> None:
        super().__init__(message, reason=reason)
        self.usage = usage


class NeedsOperator(Unavailable):
    """The endpoint turns us away until somebody acts: the key, the account's credit, the model's name."""


class Model(Protocol):
    """A language model that gives structured answers."""

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    async def ask(self, messages: Sequence[ChatMessage], *, source: str) -> Answered:
        """Its answer; what it costs is put down to `source`, a group's id.

        Transient when it gives none now (also when a budget is spent), BadAnswer when it is useless.
        """
        ...
