"""Who may do what on the broker: one user a service, with the subjects that its routes need and nothing more.

Made from the one table of routes, so that a new message brings its rights with it. The broker refuses everything that
is not listed: the filter cannot publish to `approved`, read another's consumer or listen to another's answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.broker.stored import reading_name
from shared.broker.topology import ATTEMPTS_BUCKET, consumers, services_of_routes
from shared.contracts.subjects import APPROVED, DEAD, RAW_MESSAGES, ROUTES

OPERATOR: Final = "operator"
"""The user of `twin`: it makes the streams, so it may do everything."""

OVERSEER: Final = "publisher"
"""The service whose status page shows how far every reader is behind, and since when."""

COMPARER: Final = "poller"
"""The service that compares the gateway's lists with what came in: what waits for the filter has come in."""

_ATTEMPTS_STREAM = f"KV_{ATTEMPTS_BUCKET}"


@dataclass(frozen=True, slots=True)
class Rights:
    """A user of the broker with the subjects that it may publish to and subscribe to."""

    user: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def inbox_of(user: str) -> str:
    """Where this user's answers arrive: under its own name, since whoever may listen there reads its mail."""
    return f"_INBOX.{user}"


def all_rights(readers: Sequence[str]) -> list[Rights]:
    """The rights of every user: the services, the operator, these outside readers of approved calls."""
    users = [_service(name) for name in services_of_routes()]
    users.append(Rights(OPERATOR, (">",), (">",)))
    return users + [_outside(name) for name in readers]


def _service(name: str) -> Rights:
    subjects = [f"dead.{name}" if route is DEAD else route.subject for route in ROUTES if name in route.senders]
    streams = {route.stream for route in ROUTES if name in (*route.senders, *route.readers)}
    subjects += [f"$JS.API.STREAM.INFO.{stream}" for stream in sorted(streams)]
    own = [(spec.stream, spec.durable) for spec in consumers() if spec.durable == name]
    for stream, durable in own:
        subjects += _reading(stream, durable)
    if own:  # what kills its process is counted there
        subjects += [
            f"$JS.API.STREAM.INFO.{_ATTEMPTS_STREAM}",
            f"$JS.API.STREAM.MSG.GET.{_ATTEMPTS_STREAM}",
            f"$KV.{ATTEMPTS_BUCKET}.*.{name}.*",
        ]
    if name == OVERSEER:
        every = sorted({route.stream for route in ROUTES})
        subjects += [f"$JS.API.CONSUMER.INFO.{stream}.*" for stream in every]
        subjects += [f"$JS.API.STREAM.MSG.GET.{stream}" for stream in every]
        for stream in every:  # to account for every message it reads what the streams hold
            subjects += _account(stream, reading_name(name))
    if name == COMPARER:
        subjects += [f"$JS.API.CONSUMER.INFO.{RAW_MESSAGES.stream}.{reader}" for reader in RAW_MESSAGES.readers]
    return Rights(name, tuple(dict.fromkeys(subjects)), (f"{inbox_of(name)}.>",))


def _outside(name: str) -> Rights:
    subjects = (f"$JS.API.STREAM.INFO.{APPROVED.stream}", *_reading(APPROVED.stream, name))
    return Rights(name, subjects, (f"{inbox_of(name)}.>",))


def _account(stream: str, consumer: str) -> tuple[str, ...]:
    """What a reading asks of the broker: a consumer of this one name, made for it and taken away again."""
    return (
        f"$JS.API.CONSUMER.CREATE.{stream}.{consumer}",
        f"$JS.API.CONSUMER.DELETE.{stream}.{consumer}",
        f"$JS.API.CONSUMER.INFO.{stream}.{consumer}",
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}",
    )


def _reading(stream: str, durable: str) -> tuple[str, ...]:
    """What one durable consumer's reader asks of the broker. It cannot make, change or remove the consumer."""
    return (
        f"$JS.API.CONSUMER.INFO.{stream}.{durable}",
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}",
        f"$JS.ACK.{stream}.{durable}.>",
        f"$JS.ACK.*.*.{stream}.{durable}.>",  # the same with the broker's domain and account in front
    )
