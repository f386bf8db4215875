"""The runner over small real processes."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.operator.console import Console, Lines
from services.operator.embedded import free_port, start_nats
from services.operator.runner import Guard, Program, Runner

WITHIN_S = 20.0


class Screen:
    """What a terminal would show."""

    def __init__(self) -> None:
        self.buffer = io.BytesIO()

    def isatty(self) -> bool:
        return False

    @property
    def lines(self) -> list[str]:
        return self.buffer.getvalue().decode().splitlines()


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def guard() -> Iterator[Guard]:
    guard = Guard()
    yield guard
    guard.done()


def program(name: str, code: str, **values: object) -> Program:
    return Program(name, (sys.executable, "-c", code), environment=dict(os.environ), **values)  # type: ignore[arg-type]


async def until(true: object, within_s: float = WITHIN_S) -> None:
    """Waits for a condition that a process brings about."""
    async with asyncio.timeout(within_s):
        while not true():  # type: ignore[operator]
            await asyncio.sleep(0.02)


SLEEPS = "import time; print('up', flush=True); time.sleep(600)"


async def test_each_line_carries_the_name_of_its_process(screen: Screen, guard: Guard) -> None:
    runner = Runner([], [program("filter", SLEEPS), program("poller", SLEEPS)], Console(screen), guard)  # type: ignore[arg-type]
    runner.start()
    await until(lambda: len(screen.lines) == 2)
    assert await runner.stop()
    assert sorted(screen.lines) == ["filter   │ up", "poller   │ up"]


async def test_a_program_that_dies_is_started_again_and_the_runner_says_so(screen: Screen, guard: Guard) -> None:
    runner = Runner([], [program("filter", SLEEPS)], Console(screen), guard)  # type: ignore[arg-type]
    runner.start()
    (keeper,) = runner.keepers
    await until(lambda: "filter   │ up" in screen.lines)
    first = keeper.pid
    keeper.kill()
    await until(lambda: screen.lines.count("filter   │ up") == 2)
    assert keeper.pid != first
    assert "twin     │ filter ended (killed by SIGKILL); starts again in 0.5 s" in screen.lines
    await runner.stop()


async def test_a_program_that_ignores_the_request_to_stop_is_killed(screen: Screen, guard: Guard) -> None:
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    runner = Runner([], [program("filter", stubborn, grace_s=0.2)], Console(screen), guard)  # type: ignore[arg-type]
    runner.start()
    await until(lambda: screen.lines)
    pid = runner.keepers[0].pid
    assert pid is not None
    assert not await runner.stop()
    assert not Path(f"/proc/{pid}").exists()


async def test_a_program_with_wrong_settings_is_given_up_at_once(screen: Screen, guard: Guard) -> None:
    wrong = program(
        "poller", "import sys; print('WHAPI_TOKEN is missing'); sys.exit(2)", ready_url="http://127.0.0.1:9/health"
    )
    runner = Runner([], [wrong], Console(screen), guard)  # type: ignore[arg-type]
    runner.start()
    waiting = await runner.until_ready(WITHIN_S)
    assert list(waiting) == ["poller"]
    assert runner.given_up() == ["poller"]
    assert screen.lines[0] == "poller   │ WHAPI_TOKEN is missing"
    await runner.stop()


async def test_ready_is_what_the_health_says(screen: Screen, guard: Guard) -> None:
    port = free_port()
    serves = f"import http.server as h; h.HTTPServer(('127.0.0.1', {port}), h.SimpleHTTPRequestHandler).serve_forever()"
    runner = Runner([], [program("filter", serves, ready_url=f"http://127.0.0.1:{port}/")], Console(screen), guard)  # type: ignore[arg-type]
    runner.start()
    assert await runner.until_ready(WITHIN_S) == {}
    await runner.stop()


async def test_a_stop_while_a_program_waits_to_start_again_starts_nothing(screen: Screen, guard: Guard) -> None:
    runner = Runner([], [program("filter", "import sys; sys.exit(9)")], Console(screen), guard)  # type: ignore[arg-type]
    runner.start()
    await until(lambda: screen.lines)
    assert await runner.stop()
    assert runner.keepers[0].pid is None


async def test_a_server_that_dies_comes_back_on_its_port(screen: Screen, guard: Guard, tmp_path: Path) -> None:
    server = start_nats(tmp_path)
    runner = Runner([server], [], Console(screen), guard)  # type: ignore[arg-type]
    runner.start()
    first = server.pid
    server.kill()
    await until(lambda: server.pid != first)
    await runner.stop()
    assert server.process.poll() is not None
    assert "twin     │ nats ended (killed by SIGKILL); starts again" in screen.lines


def test_what_a_killed_runner_started_does_not_outlive_it(tmp_path: Path) -> None:
    """The runner dies by SIGKILL; its child, which would sleep for ten minutes, ends all the same."""
    code = """
import asyncio, sys
from services.operator.console import Console
from services.operator.runner import Guard, Program, Runner
async def main():
    child = Program("child", (sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(600)"))
    runner = Runner([], [child], Console(), Guard())
    runner.start()
    await asyncio.sleep(600)
asyncio.run(main())
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3])
    assert parent.stdout is not None
    child = int(parent.stdout.readline().split("│ ".encode())[1])
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + WITHIN_S
    while Path(f"/proc/{child}").exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert not Path(f"/proc/{child}").exists()


def test_a_line_without_an_end_is_passed_on_in_pieces() -> None:
    lines = Lines()
    assert lines.feed(b"one\r\ntw") == [b"one"]
    assert lines.feed(b"o\n") == [b"two"]
    assert lines.feed(b"x" * 20_000) == [b"x" * 20_000]
    assert lines.feed(b"rest") == []
    assert lines.end() == [b"rest"]


def test_a_reader_that_goes_away_closes_the_console() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as out:
        console = Console(out)
        console.say("nobody hears this")
        assert console.closed
        console.say("nor this")
