"""The texts of `make fuzz`, read in a process of their own, so that what reading costs in memory is seen by itself.

    python -m tests.hostile.reading COUNT SEED     prints what it found as one line of JSON

The stages are called as filter and extractor call them, in one process. Idle is what it holds when lists and models are
loaded and the caches have filled with ordinary hostile texts. Both figures are the kernel's own high-water mark, which
no look between two samples can miss, and which does not fall where a busy machine takes pages back.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import traceback
from dataclasses import asdict, dataclass, field
from random import Random

from tests.hostile import checks
from tests.hostile.attacks import mutation
from tests.hostile.texts import PIECES, hostile

WARM_UP = 100
"""Texts that are read before the process counts as idle."""
LARGE = 1_000_000
"""Characters of the largest texts: more than a delivery may have."""
_MOST_TOLD = 20


@dataclass(slots=True)
class Found:
    """What reading came to. Memory in bytes."""

    texts: int = 0
    broken: int = 0
    told: list[str] = field(default_factory=list)
    idle: int = 0
    most: int = 0


def read(texts: list[str], found: Found) -> None:
    """Each text through all that services do with one."""
    for text in texts:
        found.texts += 1
        try:
            checks.judged(text)
            checks.read_by_a_model(text, checks.read_offline(text))
            checks.likened(text)
        except Exception:
            note(found, f"text of {len(text)}: {text[:200]!r}")


def note(found: Found, what: str) -> None:
    """Keeps what broke, with its traceback's end."""
    found.broken += 1
    if len(found.told) < _MOST_TOLD:
        found.told.append(f"{what}\n{traceback.format_exc(limit=-3)}")


def large() -> list[str]:
    """Each piece as a text of a million characters, as far as one makes sense by itself."""
    return [(piece * (LARGE // len(piece) + 1))[:LARGE] for piece in (PIECES[0], PIECES[10], "ا", "1/1 ", "ﷺ", "\n")]


def deliver(random: Random, number: int, found: Found) -> None:
    """A delivery by chance, through the wire reader."""
    raw = mutation(random, number).request.partition(b"\r\n\r\n")[2]
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return
    try:
        checks.delivered(body if isinstance(body, dict) else {"messages": body})
    except Exception:
        note(found, f"delivery {number}: {raw[:200]!r}")


def run(count: int, seed: int) -> Found:
    """Reads so many texts and deliveries, and the large ones."""
    random, found = Random(seed), Found()
    read([hostile(Random(number), longest=1500) for number in range(WARM_UP)], Found())
    found.idle = _high_water()
    for number in range(count):
        text = hostile(random, longest=1500)
        read([text], found)
        deliver(random, number, found)
        try:
            folded = checks.folding(text)
            checks.parsers(folded)
            checks.grounded(text[:12], text)
        except Exception:
            note(found, f"text {number}: {text[:200]!r}")
    read(large(), found)
    found.most = _high_water()
    return found


def _high_water() -> int:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


async def in_a_process(count: int, seed: int) -> Found:
    """As `run`, in a process of its own. RuntimeError where it ends without an answer: that is a crash."""
    command = [sys.executable, "-m", "tests.hostile.reading", str(count), str(seed)]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, errors = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"the reader ended with {process.returncode}: {errors.decode(errors='replace')[-1500:]}")
    return Found(**json.loads(said))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(run(int(sys.argv[1]), int(sys.argv[2])))))
