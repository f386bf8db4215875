"""`twin up`: the whole stack in one terminal, from the servers to the desk, and down again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from services.operator import catalogue, demo, embedded
from services.operator.answers import FINE, FOUND, finish
from services.operator.console import Console
from services.operator.environment import read_dotenv
from services.operator.folder import StackFolder
from services.operator.provision import provisioned
from services.operator.runner import Guard, Runner
from services.operator.stack import (
    DESK_PATH,
    SANDBOX,
    SERVICES,
    connection_lines,
    place_of,
    programs,
    require_free,
    stack_environment,
)

_READY_WITHIN_S = 90.0
_SERVERS = {"NATS_URL", "MONGO_URL"}
"""The settings that name a server of the user's own; where one is not set, the embedded server runs."""


def up(
    context: typer.Context,
    with_demo: Annotated[bool, typer.Option("--demo", help="With a stand-in gateway that plays the corpus.")] = False,
    data: Annotated[Path | None, typer.Option(help="Folder of the stack's data.  [default: .twin]")] = None,
    print_env: Annotated[bool, typer.Option("--print-env", help="Only print how to reach the stack.")] = False,
) -> None:
    """Run the stack in this terminal until Ctrl-C: broker, database, the five services."""
    folder = StackFolder(data) if data else context.obj
    if print_env:
        _print_environment(folder, with_demo=with_demo)
        return
    with folder.held():
        own = set() if with_demo else {name for name in _SERVERS if (os.environ | read_dotenv()).get(name)}
        environment = settings_of_stack(folder, with_demo=with_demo)
        require_free(place_of(service) for service in _services(with_demo=with_demo))
        stack = Stack(folder, environment, embed=_SERVERS - own, with_demo=with_demo, console=Console())
        finish(asyncio.run(stack.run()))


def _print_environment(folder: StackFolder, *, with_demo: bool) -> None:
    """The running stack's connection, else that of the stack that `twin up` would start now."""
    environment = folder.running()
    if environment is None:
        environment = settings_of_stack(folder, with_demo=with_demo, planned=True)
    else:
        os.environ.update(environment)
    with_demo = "SANDBOX_WEBHOOK_URL" in environment
    for line in connection_lines(environment, _services(with_demo=with_demo)):
        sys.stdout.write(line + "\n")


def _services(*, with_demo: bool) -> tuple[str, ...]:
    return (*SERVICES, SANDBOX) if with_demo else SERVICES


def settings_of_stack(folder: StackFolder, *, with_demo: bool, planned: bool = False) -> dict[str, str]:
    """The whole environment of the services. It becomes this process's own, so that all see the same settings."""
    given = demo.demo_environment(folder, _set(os.environ)) if with_demo else read_dotenv() | _set(os.environ)
    environment = stack_environment(folder, given, planned=planned)
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)
    if with_demo:
        environment |= demo.sandbox_addresses()
        os.environ.update(environment)
    return environment


def _set(environment: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in environment.items() if value}


class Stack:
    """One run of the stack, from the first server to the last stop."""

    def __init__(
        self, folder: StackFolder, environment: dict[str, str], *, embed: set[str], with_demo: bool, console: Console
    ) -> None:
        self._folder = folder
        self._environment = environment
        self._embed = embed
        self._demo = with_demo
        self._console = console
        self._stop = asyncio.Event()
        self._asked = 0
        self._servers: list[embedded.Server] = []
        self._runner: Runner | None = None

    async def run(self) -> int:
        """Runs until it is told to stop or cannot go on; returns the exit code."""
        self._hear_signals()
        guard = Guard()
        try:
            await self._start_servers(guard)
            await provisioned()
            if self._demo:
                await demo.prepare(self._folder, Path(self._environment["SANDBOX_CORPUS"]))
            if self._stop.is_set():
                return FINE
            self._runner = Runner(
                self._servers, programs(_services(with_demo=self._demo), self._environment), self._console, guard
            )
            self._runner.start()
            self._folder.announce(_announced(self._environment))
            return await self._serve(self._runner)
        finally:
            await self._end(guard)

    async def _start_servers(self, guard: Guard) -> None:
        """The embedded servers; each is on the guard's list once it answers."""
        nats = (embedded.start_nats, self._folder.nats, "NATS_URL")
        mongo = (embedded.start_mongo, self._folder.mongo, "MONGO_URL")
        for start, folder, setting in (nats, mongo):
            if setting in self._embed and not self._stop.is_set():
                port = urlsplit(self._environment[setting]).port
                server = await asyncio.to_thread(start, folder.resolve(), port)
                self._servers.append(server)
                guard.add(server.pid)
                self._console.say(f"{server.name} listens on 127.0.0.1:{server.port}")

    async def _serve(self, runner: Runner) -> int:
        ready = asyncio.create_task(self._tell_when_ready(runner))
        stopped = asyncio.create_task(self._stop.wait())
        gone = asyncio.create_task(self._gave_up(runner))
        await asyncio.wait([stopped, gone], return_when=asyncio.FIRST_COMPLETED)
        failed = gone.done()
        for task in (ready, stopped, gone):
            task.cancel()
        if failed:
            self._console.say(f"stopping: {', '.join(runner.given_up())} cannot be started")
        return FOUND if failed else FINE

    async def _gave_up(self, runner: Runner) -> None:
        """Returns when a program cannot be started, or when nobody reads our lines any more."""
        while not runner.given_up():
            await asyncio.sleep(0.2)
            if self._console.closed:
                self._stop.set()

    async def _tell_when_ready(self, runner: Runner) -> None:
        waiting = await runner.until_ready(_READY_WITHIN_S)
        while waiting and not runner.given_up():
            for name, reason in waiting.items():
                self._console.say(f"{name} is not ready: {reason}")
            waiting = await runner.until_ready(_READY_WITHIN_S)
        if not waiting:
            self._console.say(self._banner())

    def _banner(self) -> str:
        desk = place_of("publisher").url + DESK_PATH
        lines = ["", f"The review desk: {desk}"]
        if self._demo:
            lines.append(f"Sign in as:      {demo.ADMIN}   password: {self._folder.secret('ADMIN_PASSWORD')}")
            lines.append("The sandbox plays a corpus of messages; casting calls arrive at the desk as you look.")
        else:
            lines.append("Make yourself an account: twin users add NAME --role admin")
            lines.append("Check every connection:  twin doctor")
        return "\n".join([*lines, "Ctrl-C stops it all.", ""])

    def _hear_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._asked_to_stop)

    def _asked_to_stop(self) -> None:
        self._asked += 1
        self._stop.set()
        if self._asked == 1:
            self._console.say("stopping (Ctrl-C again to insist)")
        elif self._runner:
            self._console.say("killing what is left")
            self._runner.kill()

    async def _end(self, guard: Guard) -> None:
        """Stops the programs, then the servers."""
        if self._runner:
            await self._runner.stop()
        else:
            for server in reversed(self._servers):
                await asyncio.to_thread(server.stop)
        guard.done()
        self._console.say("stopped")


def _announced(environment: dict[str, str]) -> dict[str, str]:
    """What of the services' environment others need: our settings, not the shell's."""
    names = set(catalogue.names())
    return {key: value for key, value in environment.items() if key in names}
