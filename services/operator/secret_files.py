"""`twin secrets`: the files from which compose.yaml gives each service the secrets that it needs."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from services.operator.answers import JsonOption, show
from services.operator.broker_users import DEFAULT_READERS, ReaderOption, passwords_file, readers_of
from shared.broker.permissions import all_rights

PASSWORDS = "nats_passwords"
"""The file of all passwords that nats-server includes; made from the others anew each time."""

_FILL_IN = ("whapi_token", "openai_api_key")
_ADDRESSES = ("mongo_url", "mongo_operator_url")
_DIRECT = "?authSource=admin&directConnection=true"


def make(
    folder: Annotated[Path, typer.Argument(help="Where compose.yaml looks for them.")] = Path("secrets"),
    mongo_url: Annotated[
        str | None, typer.Option(help="Address of the database, where it is not compose.yaml's own.")
    ] = None,
    reader: ReaderOption = None,
    cluster: Annotated[bool, typer.Option("--cluster", help="For the three members of compose.cluster.yaml.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the secret files that are not there yet; those that are stay as they are."""
    made = make_files(folder, mongo_url=mongo_url, readers=readers_of(reader), cluster=cluster)
    lines = [f"{folder / name} made" for name in made] or ["all there already"]
    lines += [f"fill in {folder / name}" for name in _FILL_IN if not (folder / name).read_text().strip()]
    other = [name for name in _ADDRESSES if not _is_as_asked(folder, name, mongo_url, cluster=cluster)]
    lines += [
        f"{folder / name} names another database than asked for and stays: remove it and type this again"
        for name in other
    ]
    show({"folder": str(folder), "made": made, "other": other}, lines, as_json=as_json)


def make_files(
    folder: Path,
    *,
    mongo_url: str | None = None,
    readers: Sequence[str] = DEFAULT_READERS,
    cluster: bool = False,
) -> list[str]:
    """Makes what is missing, returns the names. The folder is its owner's alone; containers read the files.

    `cluster`: the addresses of the database name the three members of compose.cluster.yaml, which also share a key.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    made = []
    users = [rights.user for rights in all_rights(readers)]
    for name, make_value in _files(folder, mongo_url, users, cluster=cluster).items():
        path = folder / name
        if not path.exists():
            _write(path, make_value())
            made.append(name)
    passwords = passwords_file({user: _read(folder, f"nats_password_{user}") for user in users})
    if not (folder / PASSWORDS).exists() or (folder / PASSWORDS).read_text() != passwords:
        (folder / PASSWORDS).unlink(missing_ok=True)
        _write(folder / PASSWORDS, passwords)
        made.append(PASSWORDS)
    return made


def _is_as_asked(folder: Path, name: str, mongo_url: str | None, *, cluster: bool) -> bool:
    """Whether the address of the database in this file is what was asked for; one of your own may be a cluster's."""
    address = _read(folder, name)
    return address == mongo_url.strip() if mongo_url is not None else not (cluster and address.endswith(_DIRECT))


def _cluster() -> str:
    """What the brokers of a cluster know one another by, and where: an include of nats-server's configuration."""
    password = secrets.token_hex(24)
    routes = ", ".join(f'"nats://cluster:{password}@{node}:6222"' for node in ("nats", "nats-2", "nats-3"))
    return f'authorization {{ user: "cluster", password: "{password}" }}\nroutes: [{routes}]\n'


def _write(path: Path, value: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "w") as file:
        file.write(value)
    path.chmod(0o444)


def _read(folder: Path, name: str) -> str:
    return (folder / name).read_text().strip()


def _files(folder: Path, mongo_url: str | None, users: Sequence[str], *, cluster: bool) -> dict[str, Callable[[], str]]:
    places = "mongo:27017,mongo-2:27017,mongo-3:27017" if cluster else "mongo:27017"
    options = "?authSource=admin&replicaSet=twin" if cluster else _DIRECT

    def address(user: str, password: str) -> Callable[[], str]:
        return lambda: mongo_url or f"mongodb://{user}:{_read(folder, password)}@{places}/{options}"

    return {
        "mongo_password": lambda: secrets.token_hex(24),  # of the database's own administrator
        "mongo_app_password": lambda: secrets.token_hex(24),
        "mongo_operator_password": lambda: secrets.token_hex(24),
        "mongo_url": address("twin", "mongo_app_password"),
        "mongo_operator_url": address("twin_operator", "mongo_operator_password"),
        "mongo_key": lambda: secrets.token_hex(256),  # what the members of a replica set know one another by
        "nats_cluster": _cluster,
        "receiver_secret": lambda: secrets.token_urlsafe(32),
        "publisher_session_secret": lambda: secrets.token_urlsafe(48),
        "retention_key": lambda: secrets.token_hex(32),
        "whapi_token": lambda: "",
        "openai_api_key": lambda: "",
        **{f"nats_password_{user}": lambda: secrets.token_hex(24) for user in users},
    }
