"""Who looks at which call right now, on all replicas, and telling every open desk of what changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.storage.calls import Summary
from shared.storage.claims import Claim, Claims

CLAIM: Final = timedelta(minutes=3)
_WAITING = 500
_BEAT_S = 15.0


@dataclass(frozen=True, slots=True)
class Told:
    """What an open desk hears: a call that changed, or (`call` is None) who looks at what."""

    call: Summary | None = None
    entered: bool = False  # the call has just come into its status


class Live:
    """The open desks of this replica. `tell` never waits; a desk that does not keep up is cut off and comes again."""

    def __init__(self) -> None:
        self._desks: set[asyncio.Queue[Told | None]] = set()
        self._closed = False

    def changed(self, row: Summary, entered: bool) -> None:
        """A call changed, here or on another replica."""
        self.tell(Told(row, entered))

    def tell(self, news: Told) -> None:
        """Hands this to every open desk."""
        for desk in tuple(self._desks):
            try:
                desk.put_nowait(news)
            except asyncio.QueueFull:
                self._end(desk)

    async def listen(self, *, beat_s: float = _BEAT_S) -> AsyncIterator[Told | None]:
        """What is told from now on; None when there was nothing for a while. Ends with `close`."""
        if self._closed:
            return
        desk: asyncio.Queue[Told | None] = asyncio.Queue(_WAITING)
        self._desks.add(desk)
        try:
            while desk in self._desks:
                try:
                    news = await asyncio.wait_for(desk.get(), beat_s)
                except TimeoutError:
                    yield None
                    continue
                if news is None:
                    return
                yield news
        finally:
            self._desks.discard(desk)

    def close(self) -> None:
        """Ends every stream, those too that are about to begin: the process stops, and open ones would hold it up."""
        self._closed = True
        for desk in tuple(self._desks):
            self._end(desk)

    def _end(self, desk: asyncio.Queue[Told | None]) -> None:
        self._desks.discard(desk)
        with suppress(asyncio.QueueEmpty):
            while True:
                desk.get_nowait()
        desk.put_nowait(None)


class Presence:
    """The claims, with a copy in memory that `refresh` keeps true every second or so."""

    def __init__(self, claims: Claims, live: Live, clock: Callable[[], datetime]) -> None:
        self._claims = claims
        self._live = live
        self._clock = clock
        self._held: dict[str, Claim] = {}

    async def take(self, call_id: str, who: str) -> Claim:
        """Claims the call for some minutes, or renews that; the claim that holds now may be somebody else's."""
        now = self._clock()
        held = await self._claims.take(Claim(call_id, who, now + CLAIM), now=now)
        before = self._held.get(call_id)
        self._held[call_id] = held
        if before is None or before.by != held.by:
            self._live.tell(Told())
        return held

    async def release(self, call_id: str, who: str) -> None:
        """Gives the call back."""
        await self._claims.release(call_id, who)
        held = self._held.get(call_id)
        if held is not None and held.by == who:
            del self._held[call_id]
            self._live.tell(Told())

    async def refresh(self) -> None:
        """Reads the claims of all replicas and tells where they changed."""
        before = {id: claim.by for id, claim in self._held.items()}
        self._held = {claim.call_id: claim for claim in await self._claims.standing(self._clock())}
        if before != {id: claim.by for id, claim in self._held.items()}:
            self._live.tell(Told())

    def others(self, me: str) -> dict[str, str]:
        """The calls that somebody else looks at: call id → name."""
        now = self._clock()
        return {id: claim.by for id, claim in self._held.items() if claim.by != me and claim.until > now}
