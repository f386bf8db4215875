"""`twin up --demo` as a newcomer runs it: real processes, from nothing to calls at the desk, down, and up again."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.operator.embedded import free_port
from services.operator.stack import SANDBOX, SERVICES

ROOT = Path(__file__).parents[3]
WITHIN_S = 120.0


class Terminal:
    """A running `twin up` and what it has printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []

    async def until(self, pattern: str) -> re.Match[str]:
        """The first line, printed or yet to come, that holds the pattern."""
        for line in self.lines:
            if match := re.search(pattern, line):
                return match
        assert self.process.stdout is not None
        async with asyncio.timeout(WITHIN_S):
            while line := (await self.process.stdout.readline()).decode():
                self.lines.append(line)
                if match := re.search(pattern, line):
                    return match
        raise AssertionError(f"ended without {pattern!r}:\n{''.join(self.lines)}")

    async def end(self) -> int:
        """The exit code, once everything that it prints is read."""
        async with asyncio.timeout(WITHIN_S):
            out, _ = await self.process.communicate()
        self.lines += out.decode().splitlines(keepends=True)
        return self.process.returncode or 0


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """Ports of its own and a fast corpus."""
    ports = {f"{service.upper()}_PORT": str(free_port()) for service in (*SERVICES, SANDBOX)}
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "SANDBOX_RATE_PER_MINUTE": "600", **ports}


def command(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "services.operator.cli", "--data", str(folder / "stack"), *arguments]


@asynccontextmanager
async def running(folder: Path, settings: dict[str, str]) -> AsyncIterator[Terminal]:
    process = await asyncio.create_subprocess_exec(
        *command(folder, "up", "--demo"), cwd=folder, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    terminal = Terminal(process)
    try:
        yield terminal
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await terminal.end()


async def told(folder: Path, settings: dict[str, str], *arguments: str) -> str:
    """What a `twin` command prints beside the running stack."""
    process = await asyncio.create_subprocess_exec(
        *command(folder, *arguments), cwd=folder, env=settings, stdout=subprocess.PIPE
    )
    out, _ = await process.communicate()
    return out.decode()


@pytest.mark.slow
async def test_the_demo_brings_calls_survives_a_crash_stops_cleanly_and_goes_on(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    async with running(tmp_path, settings) as terminal:
        desk = await terminal.until(r"review desk: (http://127\.0\.0\.1:\d+/review)")
        assert desk.group(1).endswith(f":{settings['PUBLISHER_PORT']}/review")
        password = (await terminal.until(r"password: (\S+)")).group(1)
        await terminal.until(r"publisher.queued")
        doctor = json.loads(await told(tmp_path, settings, "doctor", "--json"))
        assert doctor["ok"], doctor
        plan = await told(tmp_path, settings, "up", "--print-env")
        assert f"DESK_URL={desk.group(1)}" in plan
        pid = int((await terminal.until(r"filter +│.*Started server process \[(\d+)\]")).group(1))
        os.kill(pid, signal.SIGKILL)
        await terminal.until(r"twin +│ filter ended \(killed by SIGKILL\); starts again")
        await terminal.until(r"filter +│.*Uvicorn running")
        terminal.process.send_signal(signal.SIGINT)
        assert await terminal.end() == 0, "".join(terminal.lines)
    nats = (await terminal.until(r"nats listens on (\S+)")).group(1)
    before = "".join(terminal.lines)
    assert "does not stop" not in before

    async with running(tmp_path, settings) as again:
        assert (await again.until(r"nats listens on (\S+)")).group(1) == nats
        assert (await again.until(r"password: (\S+)")).group(1) == password
        await again.until(r"publisher.queued")
        account = json.loads(await told(tmp_path, settings, "account", "--json"))
        assert account["unaccounted"] == 0
        assert sum(account["calls"].values()) > before.count("publisher.queued")
        again.process.send_signal(signal.SIGTERM)
        assert await again.end() == 0


@pytest.mark.slow
async def test_wrong_settings_of_one_service_stop_the_stack_and_are_told(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    async with running(tmp_path, settings | {"RECEIVER_SECRET": "short"}) as terminal:
        await terminal.until(r"receiver +│ .*RECEIVER_SECRET")
        assert await terminal.end() == 1
        assert "receiver cannot be started" in "".join(terminal.lines)
