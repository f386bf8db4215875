"""What the broker's client says when something fails, in words that tell an operator what to do."""

from __future__ import annotations

from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError, ServiceUnavailableError

from shared.errors import Unavailable


def failure_of(error: BaseException) -> str | None:
    """What went wrong at the broker, where it or its client is the cause of this error; None for every other."""
    cause = error if isinstance(error, NatsError) else error.__cause__ if isinstance(error, Unavailable) else None
    if isinstance(cause, ServiceUnavailableError):
        return "it keeps no streams, or has no leader now"
    if isinstance(cause, NotFoundError):
        return f"{cause.description}: run `twin provision`"
    return f"{type(cause).__name__} {cause}".rstrip() if isinstance(cause, NatsError) else None
