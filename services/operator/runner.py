"""Runs the programs of a stack side by side: starts, watches, restarts and stops them (decision 0003 says why ours)."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from services.operator import guardian
from services.operator.console import Console, Lines
from services.operator.embedded import Server
from services.operator.probe import Health, ask
from shared.errors import Misconfigured

BACKOFF_S = (0.5, 1.0, 2.0, 4.0, 8.0, 10.0)
_STEADY_S = 30.0  # a program that ran this long starts its backoff anew
_LOOK_S = 0.25
_NOT_STARTABLE = {2}  # what `shared.serving` answers when settings or its use are wrong: trying again cannot help


@dataclass(frozen=True, slots=True)
class Program:
    """One process of the stack. It is ready once `ready_url` answers 200, and gets `grace_s` to stop."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_url: str | None = None
    grace_s: float = 35.0


class Guard:
    """The runner's end of the guardian's pipe: what is listed here does not outlive the runner."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 (our own file)
            [sys.executable, "-I", "-S", str(Path(guardian.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def add(self, pid: int) -> None:
        """Lists the process group that this process leads."""
        self._tell(f"+{pid}")

    def remove(self, pid: int) -> None:
        """Takes it off the list."""
        self._tell(f"-{pid}")

    def done(self) -> None:
        """Ends the guardian: everything was stopped."""
        self._tell("done")
        with suppress(OSError):
            if self._process.stdin:
                self._process.stdin.close()
        self._process.wait(5)

    def _tell(self, line: str) -> None:
        with suppress(OSError):
            if self._process.stdin:
                self._process.stdin.write(line.encode() + b"\n")
                self._process.stdin.flush()


class Keeper:
    """Keeps one program running until told to stop."""

    def __init__(self, program: Program, console: Console, guard: Guard) -> None:
        self.program = program
        self.ready = False
        self.gave_up = asyncio.Event()
        self.restarts = 0
        self._console = console
        self._guard = guard
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """The running process, if there is one."""
        return self._process.pid if self._process and self._process.returncode is None else None

    def start(self) -> None:
        """Starts the program and from then on keeps it up."""
        self._task = asyncio.create_task(self._keep(), name=f"keep {self.program.name}")

    async def look(self) -> Health:
        """The program's health now; remembers that it was ready once."""
        if self.program.ready_url is None:
            return Health(ok=True)
        health = await asyncio.to_thread(ask, self.program.ready_url)
        self.ready = self.ready or health.ok
        return health

    async def stop(self) -> bool:
        """Asks it to stop and waits; False when it had to be killed."""
        self._stopping = True
        self._wake.set()
        if self._task is None:
            return True
        self.signal(signal.SIGTERM)
        clean = True
        done, _ = await asyncio.wait([self._task], timeout=self.program.grace_s)
        if not done:
            self._console.say(f"{self.program.name} does not stop within {self.program.grace_s:g} s: killed")
            self.kill()
            clean = False
            await self._task
        return clean

    def signal(self, number: int) -> None:
        """Sends a signal to the process, if it runs."""
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Ends the process and all that it started, at once."""
        if self.pid:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    async def _keep(self) -> None:
        failures = 0
        while not self._stopping:
            began = time.monotonic()
            code = await self._run_once()
            if self._stopping:
                return
            if not self.ready and code in _NOT_STARTABLE:
                self._console.say(f"{self.program.name} does not start (exit code {code}); its last lines say why")
                self.gave_up.set()
                return
            failures = 0 if time.monotonic() - began > _STEADY_S else failures
            wait = BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]
            failures += 1
            self.restarts += 1
            self._console.say(f"{self.program.name} ended ({_how(code)}); starts again in {wait:g} s")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), wait)

    async def _run_once(self) -> int:
        process = await asyncio.create_subprocess_exec(
            *self.program.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(self.program.environment),
            # A session of its own: Ctrl-C in a terminal reaches the runner alone, which stops the others in order.
            start_new_session=True,
        )
        self._process = process
        self._guard.add(process.pid)
        if self._stopping:
            self.signal(signal.SIGTERM)
        pump = asyncio.create_task(self._pump(process))
        code = await process.wait()
        # A child of the child may hold the pipe open: its lines are not waited for.
        await asyncio.wait([pump], timeout=1.0)
        pump.cancel()
        self._guard.remove(process.pid)
        return code

    async def _pump(self, process: asyncio.subprocess.Process) -> None:
        lines = Lines()
        if process.stdout is None:
            return
        while data := await process.stdout.read(65_536):
            for line in lines.feed(data):
                self._console.line(self.program.name, line)
        for line in lines.end():
            self._console.line(self.program.name, line)


class Runner:
    """A stack: servers that are up already, and the programs that use them."""

    def __init__(self, servers: Sequence[Server], programs: Sequence[Program], console: Console, guard: Guard) -> None:
        self.keepers = [Keeper(program, console, guard) for program in programs]
        self._servers = list(servers)
        self._console = console
        self._guard = guard
        self._watch: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        """Starts every program and watches the servers."""
        for keeper in self.keepers:
            keeper.start()
        self._watch = asyncio.create_task(self._keep_servers(), name="keep servers")

    async def until_ready(self, within_s: float) -> dict[str, str]:
        """Waits for all; returns what is not ready by then, by name with its reason: empty when all are."""
        end = time.monotonic() + within_s
        waiting = list(self.keepers)
        while True:
            healths = await asyncio.gather(*(keeper.look() for keeper in waiting))
            left = [(keeper, health) for keeper, health in zip(waiting, healths, strict=True) if not health.ok]
            waiting = [keeper for keeper, _ in left]
            if not left or time.monotonic() > end or self.given_up():
                return {keeper.program.name: health.detail for keeper, health in left}
            await asyncio.sleep(_LOOK_S)

    def given_up(self) -> list[str]:
        """The programs that cannot be started."""
        return [keeper.program.name for keeper in self.keepers if keeper.gave_up.is_set()]

    async def stop(self) -> bool:
        """Stops the programs, all at once, then the servers; False when one had to be killed."""
        clean = all(await asyncio.gather(*(keeper.stop() for keeper in self.keepers)))
        self._stopping = True
        if self._watch:
            await self._watch
        for server in reversed(self._servers):
            await asyncio.to_thread(server.stop)
        return clean

    def kill(self) -> None:
        """Kills the programs; `stop` then ends at once."""
        for keeper in self.keepers:
            keeper.kill()

    async def _keep_servers(self) -> None:
        """A server that dies comes back on its port, with its data."""
        while not self._stopping:
            await asyncio.sleep(_LOOK_S)
            for server in self._servers:
                if server.process.poll() is not None and not self._stopping:
                    await self._revive(server)

    async def _revive(self, server: Server) -> None:
        self._console.say(f"{server.name} ended ({_how(server.process.returncode)}); starts again")
        self._guard.remove(server.pid)
        try:
            await asyncio.to_thread(server.restart)
        except Misconfigured as error:
            self._console.say(str(error))
            await asyncio.sleep(BACKOFF_S[1])
        else:
            self._guard.add(server.pid)


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        with suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
