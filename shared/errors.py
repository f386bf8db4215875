"""The errors that decide what happens to a message.

    TwinError
    ├── Transient        the cause is outside and passes: the message is delivered again later, never dead-lettered
    │   ├── Unavailable      broker, database, gateway or model does not answer
    │   ├── RateLimited      the other side says "slow down"; carries how long to wait
    │   └── BudgetSpent      our own limit is reached; carries how long to wait
    ├── Permanent        trying again cannot help: the message becomes a dead letter with the reason
    │   └── Malformed        the payload is not what the contract says
    └── Misconfigured    an operator has to act: a service says so and does not start; where it runs, messages wait

`shared.broker.settle` is the one place that turns these into ack, nak or a dead letter. Any other exception is taken
as Transient until its last allowed delivery, then as Permanent.
"""

from __future__ import annotations


class TwinError(Exception):
    """The root; never raised itself."""


class Transient(TwinError):
    """The cause is outside and passes. `retry_after` is the wait in seconds that the other side asked for, if any."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(Transient):
    """Broker, database, gateway or model does not answer."""


class RateLimited(Transient):
    """The other side refuses for now (HTTP 429 and the like)."""


class BudgetSpent(Transient):
    """One of our own limits (requests, tokens, cost) is reached until its window ends."""


class Permanent(TwinError):
    """Trying again cannot help. `reason` is a short constant name (a metric label), the message says the rest."""

    def __init__(self, message: str, *, reason: str = "permanent") -> None:
        super().__init__(message)
        self.reason = reason


class Malformed(Permanent):
    """The payload is not what its contract says."""

    def __init__(self, message: str, *, reason: str = "malformed") -> None:
        super().__init__(message, reason=reason)


class Misconfigured(TwinError):
    """An operator has to act; the message says what to set or do."""
