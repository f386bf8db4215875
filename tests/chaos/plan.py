"""Which faults come when, drawn from a seed: the same seed gives the same plan. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

WORKERS = ("receiver", "poller", "filter", "extractor", "publisher")
SERVERS = ("nats", "mongo")
LINKS = (
    *(f"{worker}-{server}" for worker in WORKERS for server in SERVERS),
    "poller-gateway",
    "extractor-model",
    "gateway-receiver",
)
STREAMS = ("RAW", "CANDIDATES", "ENDINGS", "EXTRACTED", "APPROVED")
GATEWAY = ("too_many", "errors", "empty_pages", "session", "rest_outage", "webhook_outage", "slow")
MODEL = ("llm_too_many", "llm_hangs", "llm_broken", "llm_refusals", "llm_errors", "llm_inventions")
POISONED = ("filter", "extractor")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault: how often it is drawn beside the others, whom it may hit and how long it lasts, in seconds."""

    name: str
    weight: int
    targets: tuple[str, ...]
    shortest_s: float
    longest_s: float


KINDS = (
    Kind("kill", 20, WORKERS, 0.0, 1.0),
    Kind("kill-server", 6, SERVERS, 0.2, 2.0),
    Kind("restart", 5, WORKERS, 0.0, 0.5),
    Kind("restart-server", 4, SERVERS, 0.0, 0.5),
    Kind("freeze", 12, (*WORKERS, *SERVERS), 0.5, 4.0),
    Kind("reset", 14, LINKS, 0.0, 0.0),
    Kind("slow-link", 8, LINKS, 1.0, 6.0),
    Kind("black-hole", 8, LINKS, 0.5, 6.0),
    Kind("disk-full", 7, STREAMS, 0.5, 4.0),
    Kind("gateway", 8, GATEWAY, 0.5, 4.0),
    Kind("model", 7, MODEL, 1.0, 5.0),
    Kind("clock", 1, ("ahead", "behind"), 1.0, 5.0),
)
_POISON = Kind("poison", 0, POISONED, 0.0, 0.0)
_POISON_EVERY = 250  # faults; each poison takes its worker down five times


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `at` and `lasts_s` in seconds; a fault whose target still suffers another waits for that one's end."""

    number: int
    at: float
    kind: str
    target: str
    lasts_s: float


def drawn(
    seed: str, number: int, *, every_s: float, poison: bool = True, kinds: Sequence[Kind] = KINDS
) -> tuple[Fault, ...]:
    """So many faults, one every `every_s` seconds give or take half of it. With `poison`, one of the first is such.

    The first round has each kind once, so that a short plan has as many kinds as it can.
    """
    chance = random.Random(f"{seed}:faults")
    first_round = list(kinds)
    chance.shuffle(first_round)
    faults = []
    for index in range(number):
        if poison and index % _POISON_EVERY == min(2, number - 1):
            kind = _POISON
        elif first_round:
            kind = first_round.pop()
        else:
            [kind] = chance.choices(kinds, [kind.weight for kind in kinds])
        at = (index + chance.uniform(0.5, 1.5)) * every_s
        lasts_s = chance.uniform(kind.shortest_s, kind.longest_s)
        faults.append(Fault(index + 1, round(at, 2), kind.name, chance.choice(kind.targets), round(lasts_s, 2)))
    return tuple(sorted(faults, key=lambda fault: fault.at))
