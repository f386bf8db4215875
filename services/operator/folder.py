"""The folder of a stack (`.twin`): what it must find again at its next start, and what others need to reach it now."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from services.operator.embedded import free_port
from shared.errors import Permanent

DEFAULT = Path(".twin")


class StackFolder:
    """One stack's folder. Everything secret in it is readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def nats(self) -> Path:
        """The broker's data."""
        return self.path / "nats"

    @property
    def mongo(self) -> Path:
        """The database's data."""
        return self.path / "mongo"

    def make(self) -> None:
        """Makes the folder, closed to others, and keeps it out of version control."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        ignore = self.path / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")

    @contextmanager
    def held(self) -> Iterator[None]:
        """The block runs the stack of this folder; Permanent when another process does already."""
        self.make()
        with (self.path / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Permanent(
                    f"a stack runs in {self.path} already (process {self._running_pid() or 'unknown'}):"
                    " stop it, or choose another folder with --data"
                ) from None
            try:
                yield
            finally:
                (self.path / "running.json").unlink(missing_ok=True)

    def port(self, name: str) -> int:
        """The port that this server had last time if it is free now, else another free one; remembered."""
        ports = self._read("ports.json")
        port = ports.get(name)
        if not isinstance(port, int) or not is_free("127.0.0.1", port):
            port = free_port()
        ports[name] = port
        self._write("ports.json", ports)
        return port

    def planned_port(self, name: str) -> int:
        """As `port`, but the remembered port is not looked at: it may be in use by this very stack."""
        known = self._read("ports.json").get(name)
        return known if isinstance(known, int) else self.port(name)

    def secret(self, name: str) -> str:
        """A random value that is made once and then stays the same."""
        kept = self._read("secrets.json")
        if name not in kept:
            kept[name] = secrets.token_urlsafe(24)
            self._write("secrets.json", kept)
        return str(kept[name])

    def announce(self, environment: Mapping[str, str]) -> None:
        """Tells other programs how to reach the stack that runs now."""
        self._write("running.json", {"pid": os.getpid(), "environment": dict(environment)})

    def running(self) -> dict[str, str] | None:
        """What `announce` told, while the stack runs; None when none does."""
        environment = self._read("running.json").get("environment")
        if not isinstance(environment, dict) or not self._is_held():
            return None
        return {str(key): str(value) for key, value in environment.items()}

    def _is_held(self) -> bool:
        """Whether a process holds the lock: a kill frees it, whatever files it leaves."""
        try:
            with (self.path / "lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False

    def _running_pid(self) -> int | None:
        pid = self._read("running.json").get("pid")
        return pid if isinstance(pid, int) else None

    def _read(self, name: str) -> dict[str, object]:
        try:
            found = json.loads((self.path / name).read_text())
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, name: str, values: Mapping[str, object]) -> None:
        self.make()
        fresh = self.path / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(values, file, indent=2)
        fresh.replace(self.path / name)


def is_free(host: str, port: int) -> bool:
    """Whether a server may listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
