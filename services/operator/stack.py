"""The process list: which programs make up the stack, with which settings, and where each is reached."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from services.operator.embedded import mongo_url
from services.operator.folder import StackFolder, is_free
from services.operator.runner import Program
from shared.errors import Misconfigured

SERVICES = ("receiver", "poller", "filter", "extractor", "publisher")
SANDBOX = "sandbox"
DESK_PATH = "/review"
GENERATED = ("RECEIVER_SECRET", "PUBLISHER_SESSION_SECRET", "RETENTION_KEY")
"""Secrets that `twin up` makes once and keeps in its folder where nobody set them."""

_PRINTED = ("NATS_URL", "NATS_USER", "NATS_PASSWORD", "MONGO_URL", "MONGO_DATABASE", "WHAPI_URL", "WHAPI_TOKEN")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service listens. A server on all addresses is reached on this machine's own."""

    service: str
    host: str
    port: int

    @property
    def url(self) -> str:
        """Its address for a client on this machine."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104 (compared, not bound)
        return f"http://{host}:{self.port}"


def place_of(service: str) -> Place:
    """Where this service listens by the settings in the environment. Misconfigured where they are wrong."""
    address = import_module(f"services.{service}.settings").Address.load()
    return Place(service, address.host, address.port)


def require_free(places: Iterable[Place]) -> None:
    """Returns when each service can have its port; Misconfigured with the setting to change where one is taken."""
    taken = [
        f"port {place.port} of {place.host} is taken: stop what listens there, or set {place.service.upper()}_PORT"
        for place in places
        if not is_free(place.host, place.port)
    ]
    if taken:
        raise Misconfigured("\n".join(taken))


def stack_environment(folder: StackFolder, given: Mapping[str, str], *, planned: bool = False) -> dict[str, str]:
    """The settings that make the services one stack, where `given` does not decide otherwise.

    A broker or database that is given is used; else the embedded one, on its own port. `planned` leaves ports alone
    that the running stack may hold.
    """
    port = folder.planned_port if planned else folder.port
    environment = dict(given)
    if not environment.get("NATS_URL"):
        environment["NATS_URL"] = f"nats://127.0.0.1:{port('nats')}"
    if not environment.get("MONGO_URL"):
        environment["MONGO_URL"] = mongo_url(port("mongo"))
    environment.setdefault("MONGO_DATABASE", "takeone_twin")
    environment.setdefault("LOG_FORMAT", "console")
    files = Path(environment["SECRETS_DIR"]) if environment.get("SECRETS_DIR") else None
    for name in GENERATED:
        if files is None or not (files / name.lower()).exists():
            environment.setdefault(name, folder.secret(name))
    return environment


def programs(services: Iterable[str], environment: Mapping[str, str]) -> list[Program]:
    """One process a service, each with the same environment, ready once its health says so."""
    return [
        Program(
            name=service,
            command=(sys.executable, "-m", "shared.serving", service),
            environment=environment,
            ready_url=f"{place_of(service).url}/health/ready",
        )
        for service in services
    ]


def connection_lines(environment: Mapping[str, str], services: Iterable[str]) -> list[str]:
    """KEY=VALUE lines for another program: the servers, the secret of deliveries, each service's address."""
    lines = [f"{name}={environment[name]}" for name in (*_PRINTED, *GENERATED[:1]) if environment.get(name)]
    places = {service: place_of(service) for service in services}
    lines += [f"{service.upper()}_URL={place.url}" for service, place in places.items()]
    if "publisher" in places:
        lines.append(f"DESK_URL={places['publisher'].url}{DESK_PATH}")
    return lines
