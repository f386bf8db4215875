"""`make chaos SEED=… FAULTS=…`: breaks the running stack and says whether anything was lost or doubled.

The last line is the verdict; exit code 0 where all is accounted for once, 1 on a loss, a double or a contradiction,
2 on wrong use.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

import structlog

from tests.chaos import plan, report, run, soak

T = TypeVar("T")

_EVERY_S = 1.5
_PER_S = 4.0  # half of what two cores with the embedded database can do: what is tested is not their speed
_A_DAY, _SPEED, _DAY_S, _BETWEEN_S = 10_000, 50.0, 86_400.0, 10.0


def main(arguments: list[str]) -> int:
    """Reads the command line, runs, tells; returns the exit code."""
    options = _parser().parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    try:
        return _soak(options, folder) if options.soak else _chaos(options, folder)
    except (KeyboardInterrupt, asyncio.CancelledError):
        _say(f"STOPPED before the end; logs and data are kept in {folder}")
        return 1


def _soak(options: argparse.Namespace, folder: Path) -> int:
    _say(f"{options.soak} messages; logs in {folder}")
    soaked = asyncio.run(_stoppable(soak.run(options.soak, folder, seed=options.seed, calls=options.calls, say=_say)))
    for line in soaked.lines():
        _say(line)
    shutil.rmtree(folder, ignore_errors=True)
    return 0 if soaked.passed else 1


def _chaos(options: argparse.Namespace, folder: Path) -> int:
    order = _order(options)
    _say(f"seed {order.seed}: {len(order.faults)} faults; logs in {folder}")
    outcome = asyncio.run(_stoppable(run.run(order, folder, say=_say)))
    for line in report.lines(outcome):
        _say(line)
    if options.write:
        report.write(outcome, options.write)
    if outcome.passed and not options.keep:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        _say(f"logs and data are kept in {folder}")
    _say(report.verdict(outcome))
    return 0 if outcome.passed else 1


async def _stoppable(work: Awaitable[T]) -> T:
    """The work, which SIGTERM ends as Ctrl-C does: everything that it started is stopped first."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await work


def _order(options: argparse.Namespace) -> run.Order:
    if options.replay_day:
        length_s = _DAY_S / options.speed * options.messages / _A_DAY
        faults = plan.drawn(options.seed, max(1, int(length_s / _BETWEEN_S)), every_s=_BETWEEN_S)
        return run.Order(options.seed, faults, options.messages / length_s, options.messages, options.nodes)
    faults = plan.drawn(options.seed, options.faults, every_s=options.every)
    return run.Order(options.seed, faults, options.rate, nodes=options.nodes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", default="1", help="all choices are drawn from it")
    parser.add_argument("--faults", type=_positive, default=100, help="how many faults")
    parser.add_argument(
        "--every", type=_above_zero, default=_EVERY_S, help="seconds from one fault to the next, on average"
    )
    parser.add_argument("--rate", type=_above_zero, default=_PER_S, help="messages a second")
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=1, help="nodes of the broker")
    parser.add_argument("--replay-day", action="store_true", help="a day's messages at speed, a fault every 10 s")
    parser.add_argument("--messages", type=_positive, default=_A_DAY, help="of that day, how many")
    parser.add_argument("--speed", type=_above_zero, default=_SPEED, help="how many times as fast as the day was")
    parser.add_argument("--soak", type=_positive, metavar="N", help="no faults: N messages, and the services' memory")
    parser.add_argument("--calls", type=_above_zero, default=0.01, help="of those messages, the share of calls")
    parser.add_argument("--write", type=_page, metavar="PAGE", help="put the table into this Markdown page")
    parser.add_argument("--keep", action="store_true", help="keep logs and data, also of a run that passed")
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number, 1 or more")
    return int(text)


def _above_zero(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError("must be a number above 0")
    return number


def _page(text: str) -> Path:
    if not report.takes_table(path := Path(text)):
        raise argparse.ArgumentTypeError(f"{path} is no page with a place for the table")
    return path


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
