"""A reviewer at the desk's HTTP API who goes on deciding while everything breaks."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.chaos.house import PASSWORD, REVIEWER

_PAUSE_S = 0.4
_AT_ONCE = 12
_APPROVE, _REJECT = 0.55, 0.2  # of the pending; the rest is left alone
_LATER = 0.12  # of the approved: withdrawn, corrected or opened again
_CALLS = "/api/v1/calls"


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that the desk answered with success, and the call's version and revision in that answer."""

    call_id: str
    action: str
    version: int
    revision: int


@dataclass
class Diary:
    """What the reviewer was told. `failed` counts answers that were none or no success, by what they were."""

    decisions: list[Decision] = field(default_factory=list)
    failed: dict[str, int] = field(default_factory=dict)


class Reviewer:
    """What is decided for a call is drawn from the seed and the call's id; when, from how the desk answers."""

    def __init__(self, seed: str, address: str, *, most_open: int | None = None) -> None:
        self.diary = Diary()
        self.idle_from = 0.0  # when the last round began that found nothing to decide, by the monotonic clock
        self._seed = seed
        self._most_open = most_open  # then what is not approved is rejected, and the oldest of more than so many closed
        self._http = httpx.AsyncClient(base_url=address, timeout=6)
        self._token = ""
        self._left_alone: set[str] = set()

    async def run(self) -> None:
        """Decides until cancelled."""
        try:
            while True:
                begun = time.monotonic()
                try:
                    if not await self._round():
                        self.idle_from = begun
                except (httpx.HTTPError, ValueError, KeyError) as error:
                    self._note(type(error).__name__)
                await asyncio.sleep(_PAUSE_S)
        finally:
            await self._http.aclose()

    async def _round(self) -> int:
        """How many calls it had something to do with."""
        if not self._token:
            answer = await self._http.post("/api/v1/session", json={"name": REVIEWER, "password": PASSWORD})
            self._token = answer.raise_for_status().json()["csrf_token"]
        tried = 0
        for status, choose in (("pending", self._of_pending), ("approved", self._of_approved)):
            rows = (await self._get(f"{_CALLS}?status={status}&limit=100"))["items"]
            open_ones = [row for row in rows if row["id"] not in self._left_alone]
            for row in open_ones[:_AT_ONCE]:
                action = choose(row["id"])
                if action:
                    tried += 1
                    await self._decide(row, action)
                else:
                    self._left_alone.add(row["id"])
        return tried + (await self._close_oldest() if self._most_open is not None else 0)

    async def _close_oldest(self) -> int:
        page = await self._get(f"{_CALLS}?status=approved&sort=oldest&limit=100")
        surplus = page["items"][: max(0, page["total"] - (self._most_open or 0))]
        for row in surplus:
            await self._decide(row, "withdraw")
        return len(surplus)

    def _of_pending(self, id: str) -> str:
        drawn = random.Random(f"{self._seed}:{id}").random()
        steady = self._most_open is not None
        return "approve" if drawn < _APPROVE else "reject" if steady or drawn < _APPROVE + _REJECT else ""

    def _of_approved(self, id: str) -> str:
        if self._most_open is not None:
            return ""
        chance = random.Random(f"{self._seed}:{id}:later")
        return chance.choice(("withdraw", "reopen", "edit")) if chance.random() < _LATER else ""

    async def _decide(self, row: dict[str, Any], action: str) -> None:
        id = row["id"]
        body: dict[str, Any] = {"version": row["version"]}
        match action:
            case "reject":
                body |= {"reason": "other"}
            case "edit":
                body |= {"fields": {"title": f"{row['title'][:80]} (corrected)"}}
                self._left_alone.add(id)
            case "reopen":
                self._left_alone.add(id)  # and pending again it stays
        method, path = ("PATCH", f"{_CALLS}/{id}") if action == "edit" else ("POST", f"{_CALLS}/{id}/{action}")
        answer = await self._http.request(method, path, json=body, headers={"X-CSRF-Token": self._token})
        if answer.status_code == 200:
            found = answer.json()
            self.diary.decisions.append(Decision(id, action, found["version"], found["revision"]))
        else:
            self._note(f"{action} {answer.status_code}")
            if answer.status_code == 401:
                self._token = ""

    async def _get(self, path: str) -> Any:
        return (await self._http.get(path)).raise_for_status().json()

    def _note(self, what: str) -> None:
        self.diary.failed[what] = self.diary.failed.get(what, 0) + 1
