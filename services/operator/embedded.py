"""The broker and the database as processes of our own: for the demo, the tests and a small installation without Docker.

Both come from Python packages (the extra `embedded`). The broker syncs every write to disk, as the database does, so
that a power cut loses nothing that was acknowledged.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from shared.errors import Misconfigured

_READY_WITHIN_S = 30.0


@dataclass
class Server:
    """A server process that answers on its port."""

    name: str
    command: list[str]
    port: int
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """The process to signal."""
        return self.process.pid

    def stop(self) -> None:
        """Asks it to stop, and insists after ten seconds."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def kill(self) -> None:
        """Ends it at once, as a crash would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def restart(self) -> None:
        """The same command on the same port and data again; returns when it answers."""
        self.stop()
        self.process = _spawn(self.command, self.log)
        _wait(self)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_nats(folder: Path, port: int | None = None, *, sync_always: bool = True, more: str = "") -> Server:
    """nats-server with JetStream on disk below `folder`; returns when it answers. Misconfigured when it can't run.

    Without `sync_always` it writes to disk every two minutes, which survives a crash of the process and no power cut.
    `more`: further lines of its configuration, such as users or TLS.
    """
    port = port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "nats.conf"
    sync = ", sync_interval: always" if sync_always else ""
    configuration.write_text(
        f'listen: "127.0.0.1:{port}"\n'
        f'jetstream {{ store_dir: "{folder / "jetstream"}"{sync} }}\n'
        "max_payload: 4MB\n"
        f"write_deadline: 10s\n{more}"
    )
    return start_server("nats", ["nats-server", "-c", str(configuration)], port, folder)


def start_mongo(folder: Path, port: int | None = None) -> Server:
    """The embedded database below `folder`; returns when it answers. Misconfigured when it can't run."""
    port = port or free_port()
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    command = ["secantusd-py", "--host", "127.0.0.1", "--port", str(port)]
    return start_server("mongo", [*command, "--storage-path", str(data), "--sync-on-commit"], port, folder)


def mongo_url(port: int) -> str:
    """The connection string of the embedded database (it slows down a hundredfold with retryable writes)."""
    return f"mongodb://127.0.0.1:{port}/?directConnection=true&retryWrites=false"


def _program(name: str) -> str:
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if not found:
        raise Misconfigured(f"{name} is not installed: `make setup` installs it (extra `embedded`)")
    return found


def start_server(name: str, command: list[str], port: int, folder: Path) -> Server:
    """A program of the extra `embedded` as a server process; returns when it answers on its port.

    Misconfigured when it is not installed or does not start. Its log is `folder/name.log`.
    """
    command = [_program(command[0]), *command[1:]]
    log = folder / f"{name}.log"
    server = Server(name, command, port, log, _spawn(command, log))
    _wait(server)
    return server


def _spawn(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C in a terminal reaches only the runner, which stops the servers last.
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 (our own command)
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env=dict(os.environ),
        )


def _wait(server: Server) -> None:
    end = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < end:
        if server.process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", server.port), 0.5).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    server.stop()
    tail = server.log.read_text(errors="replace")[-1500:]
    raise Misconfigured(f"{server.name} does not start ({' '.join(server.command)}):\n{tail}")
