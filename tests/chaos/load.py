"""What the groups say while everything breaks: drawn from the seed, sent through the stand-in gateway."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import httpx

from bench.load import another
from services.sandbox.logic import message_id

CORPORA = tuple(
    Path(__file__).parents[1] / "corpus" / f"{name}.jsonl" for name in ("dev", "extra", "extra2", "extra3", "extra4")
)
GROUPS = {
    "120363000000000001@g.us": "كاستنج السعودية",
    "120363000000000002@g.us": "Saudi Casting Hub",
    "120363000000000003@g.us": "كاستنج الرياض",
}
_CALLS, _COPIES, _EDITS, _DELETIONS = 0.28, 0.10, 0.04, 0.02
_UNHEARD = 0.06  # no webhook tells of them: only the poller can find them
_REMEMBERED = 400

Order = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
"""Gives an order to the sandbox's control API and returns what it answers."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens in a group. `id` is the message's; `text` its new words, where it gets some."""

    what: str  # post, edit, delete
    id: str
    group: str = ""
    text: str = ""
    heard: bool = True
    gold: dict[str, Any] | None = None  # what the stand-in model finds in it


@dataclass
class Sent:
    """What has happened in the groups, as the gateway confirmed it."""

    posts: dict[str, Step] = field(default_factory=dict)
    edits: list[Step] = field(default_factory=list)
    deletions: list[Step] = field(default_factory=list)

    @property
    def events(self) -> int:
        """How many things happened."""
        return len(self.posts) + len(self.edits) + len(self.deletions)

    def note(self, step: Step) -> None:
        """It has happened."""
        match step.what:
            case "post":
                self.posts[step.id] = step
            case "edit":
                self.edits.append(step)
            case _:
                self.deletions.append(step)


def steps(seed: str) -> Iterator[Step]:
    """For ever: chatter, new calls, the words of an earlier message in another group, edits and deletions."""
    chance = random.Random(f"{seed}:load")
    rows = [json.loads(line) for path in CORPORA for line in path.read_text(encoding="utf-8").splitlines()]
    calls = [row for row in rows if row["label"] == "casting_call"]
    chatter = [str(row["text"]) for row in rows if row["label"] != "casting_call"]
    groups = list(GROUPS)
    said: list[Step] = []
    number = 0
    while True:
        number += 1
        id = message_id(seed, f"chaos:{number}")
        drawn = chance.random()
        if said and drawn < _DELETIONS:
            yield Step("delete", said.pop(chance.randrange(len(said))).id)
            continue
        if said and drawn < _DELETIONS + _EDITS:
            at = chance.randrange(len(said))
            said[at] = Step("edit", said[at].id, said[at].group, f"{said[at].text}\nتعديل {number}")
            yield said[at]
            continue
        group, heard, gold = chance.choice(groups), chance.random() >= _UNHEARD, None
        if said and drawn < _DELETIONS + _EDITS + _COPIES:
            copied = chance.choice(said)
            text = copied.text
            group = chance.choice([other for other in groups if other != copied.group])
        elif drawn < _DELETIONS + _EDITS + _COPIES + _CALLS:
            row = chance.choice(calls)
            text, gold = f"{another(row['text'], id)}\n#{number}", row["gold"]
        else:
            text = f"{chance.choice(chatter)}\n#{number}"
        said.append(Step("post", id, group, text, heard, gold))
        del said[:-_REMEMBERED]
        yield said[-1]


class Load:
    """Sends the steps at a rate until it is told to stop or has sent `most`. Reports what the gateway confirmed."""

    def __init__(self, seed: str, order: Order, *, per_s: float, most: int | None = None) -> None:
        self.sent = Sent()
        self._steps = steps(seed)
        self._order = order
        self._per_s = per_s
        self._most = most
        self._stopping = False

    def stop(self) -> None:
        """No more after the one under way."""
        self._stopping = True

    async def run(self) -> None:
        """Returns when it is over. A moment that was slow is made up for, a long one is not."""
        due = monotonic()
        while not self._stopping and (self._most is None or self.sent.events < self._most):
            due = max(due + 1 / self._per_s, monotonic() - 1)
            await asyncio.sleep(max(0.0, due - monotonic()))
            await self._send(next(self._steps))

    async def _send(self, step: Step) -> None:
        match step.what:
            case "post":
                values = {
                    "group": step.group,
                    "text": step.text,
                    "id": step.id,
                    "webhook": step.heard,
                    "gold": step.gold,
                }
            case "edit":
                values = {"id": step.id, "text": step.text}
            case _:
                values = {"id": step.id}
        for again in (True, True, False):
            try:
                await self._order(step.what, values)
                break
            except httpx.TransportError:  # a busy machine; the same message twice is one
                if not again:
                    raise
        self.sent.note(step)
