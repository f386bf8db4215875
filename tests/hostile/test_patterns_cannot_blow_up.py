"""No regular expression of the product can be made to take more than about its share of time by any message.

Each pattern is searched for in strings made from its own parts. What counts is the processor's time of this thread, as
a ratio of one length to four times that length in the same run; a budget of processor time ends what never would.
"""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from tests.hostile.patterns import all_patterns, anchored, pumps

LENGTH = 4_000
SHORTER = 4  # times, for the comparison
WORSE = 9.0  # linear is 4, quadratic 16
NOTHING = 0.008  # seconds for the whole length, below which no pattern is looked at further
BUDGET_S = 1.0  # of processor time for one string; linear ones take a thousandth

whole = cache(all_patterns)


class _SpentError(Exception):
    pass


@contextmanager
def budget(seconds: float) -> Iterator[None]:
    """Ends the block with an error after so much processor time: the matcher looks for signals now and then."""

    def spent(_signal: int, _frame: object) -> None:
        raise _SpentError

    before = signal.signal(signal.SIGVTALRM, spent)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def blows_up(pattern: re.Pattern[str], *, anchored: bool = False) -> str | None:
    """What makes it blow up, if anything does; `anchored` where it is never looked for in the middle of a text."""
    ask = _at_the_beginning if anchored else _everywhere
    for before, pumped, after in pumps(pattern):
        times = max(SHORTER, LENGTH // len(pumped))
        long = before + pumped * times + after
        try:
            with budget(BUDGET_S):
                if _seconds(ask, pattern, long, once=True) < NOTHING:
                    continue
                taken = _seconds(ask, pattern, long)
                quarter = _seconds(ask, pattern, before + pumped * (times // SHORTER) + after)
        except _SpentError:
            return f"{before[:20]!r} + {pumped[:20]!r} × {times} + {after!r}: more than {BUDGET_S} s"
        if taken > WORSE * quarter and taken > NOTHING:
            return f"{before[:20]!r} + {pumped[:20]!r} × {times} + {after!r}: {quarter:.4f} s, then {taken:.4f} s"
    return None


def _everywhere(pattern: re.Pattern[str], text: str) -> None:
    for _match in pattern.finditer(text):
        pass


def _at_the_beginning(pattern: re.Pattern[str], text: str) -> None:
    pattern.match(text)
    pattern.fullmatch(text)


def _seconds(
    ask: Callable[[re.Pattern[str], str], None], pattern: re.Pattern[str], text: str, *, once: bool = False
) -> float:
    best = float("inf")
    for _ in range(1 if once else 3):
        start = time.thread_time()
        ask(pattern, text)
        best = min(best, time.thread_time() - start)
    return best


def test_the_list_is_whole() -> None:
    assert len(whole()) > 250
    for name in (
        "shared.arabic.digits._NUMBER[0]",
        "shared.whapi.values._ID[0]",
        "services.receiver.logic._PRINTABLE[0]",
    ):
        assert name in whole()


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(?:[-_]*ab[-_]*)+$", r"[^@]+@", r"a*b"])
def test_a_pattern_that_can_blow_up_is_found(pattern: str) -> None:
    assert blows_up(re.compile(pattern)) is not None


@pytest.mark.parametrize("pattern", [r"\s+", r"[a-z]{1,64}@", r"\bمطلوب\w*", r"(?<!\d)\d{1,9}(?!\d)"])
def test_a_harmless_pattern_is_not(pattern: str) -> None:
    assert blows_up(re.compile(pattern)) is None


def test_none_of_ours_does() -> None:
    found = {name: why for name, pattern in whole().items() if (why := blows_up(pattern, anchored=anchored(name)))}
    assert not found, "\n".join(f"{name}: {why}" for name, why in found.items())
