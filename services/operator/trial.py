"""The services as real processes on free ports, for tests, benches and whoever wants to break them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from services.operator.embedded import free_port
from services.operator.probe import ask
from services.operator.stack import SANDBOX, SERVICES

SECRET = "a-secret-that-is-only-for-trials"  # noqa: S105 (nothing outside a trial knows it)
_FOREIGN = ("OPENAI_", "WHAPI_", "SANDBOX_", "SECRETS_DIR", *(f"{name.upper()}_" for name in SERVICES))
"""Settings of the surroundings that must not reach a trial: it would talk to somebody's real stack."""


def environment(nats_url: str, mongo_url: str, database: str, **more: str) -> dict[str, str]:
    """The environment of a trial: these servers, a free port for each service, the offline engine, known secrets."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    ports = {f"{name.upper()}_PORT": str(free_port()) for name in (*SERVICES, SANDBOX)}
    return {
        **inherited,
        **ports,
        "NATS_URL": nats_url,
        "MONGO_URL": mongo_url,
        "MONGO_DATABASE": database,
        "RECEIVER_SECRET": SECRET,
        "PUBLISHER_SESSION_SECRET": SECRET,
        "EXTRACTOR_ENGINE": "offline",
        **more,
    }


class Trial:
    """Some services of the stack, each a process of its own with its log in `folder`.

    Their code is what stands in `root`, or where this process runs.

    `own`: settings that one service alone is given, by service, such as its user of the broker.
    """

    def __init__(self, environment: dict[str, str], folder: Path, *, root: Path | None = None) -> None:
        self.environment = environment
        self.folder = folder
        self.root = root
        self.own: dict[str, dict[str, str]] = {}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def url(self, service: str) -> str:
        """Where a service answers."""
        return f"http://127.0.0.1:{self.environment[f'{service.upper()}_PORT']}"

    def start(self, services: Iterable[str]) -> None:
        """Starts these services; `ready` tells when they work."""
        for name in services:
            with (self.folder / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(  # noqa: S603 (our own command)
                    [sys.executable, "-m", "shared.serving", name],
                    env=self.environment | self.own.get(name, {}),
                    cwd=self.root,
                    stdout=log,
                    stderr=log,
                )

    def kill(self, service: str) -> None:
        """Ends it as a crash or the kernel would."""
        self.processes[service].send_signal(signal.SIGKILL)
        self.processes[service].wait()

    async def ready(self, services: Iterable[str], *, within_s: float = 90) -> None:
        """Returns when each of these answers that it is ready; RuntimeError with its log when one ends instead."""
        async with asyncio.timeout(within_s):
            for name in services:
                while not (await asyncio.to_thread(ask, f"{self.url(name)}/health/ready")).ok:
                    if self.processes[name].poll() is not None:
                        raise RuntimeError(f"{name} ended:\n{self.log(name)}")
                    await asyncio.sleep(0.1)

    def log(self, service: str) -> str:
        """The end of what the service wrote."""
        return (self.folder / f"{service}.log").read_text(errors="replace")[-4000:]

    async def stop(self, *, within_s: float = 40) -> list[str]:
        """Asks every process to stop and waits; the names of those that had to be killed."""
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        late = []
        for name, process in self.processes.items():
            try:
                await asyncio.to_thread(process.wait, within_s)
            except subprocess.TimeoutExpired:
                late.append(name)
                process.kill()
                process.wait()
        return late
