"""The active groups as the receiver remembers them: read from the database in the background, never for a delivery."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import structlog

from shared.contracts.messages import Group, RawEvent, RawMessage
from shared.errors import Unavailable
from shared.storage.erasures import Erasures
from shared.storage.sources import Sources, SourceStatus

log = structlog.get_logger(__name__)


class ActiveGroups:
    """Which groups are taken in (by id, with their names), and the notes for the database of what was heard from them.

    While the database is away the last known groups stand. `known` is None until they were read for the first time.
    """

    def __init__(
        self, sources: Sources, clock: Callable[[], datetime], *, every_s: float, erasures: Erasures | None = None
    ) -> None:
        self.known: Mapping[str, Group] | None = None
        self.erased: frozenset[str] = frozenset()  # events that are not taken in again
        self._erasures = erasures
        self._sources = sources
        self._clock = clock
        self._every_s = every_s
        self._heard: dict[str, datetime] = {}
        self._failing = False
        self._why = "not asked yet"

    async def ready(self) -> None:
        """Returns once the groups are known; Unavailable with the reason before."""
        if self.known is None:
            raise Unavailable(f"the active groups are not loaded: {self._why}")

    def heard(self, events: Iterable[RawEvent]) -> None:
        """Remembers when each group's newest message was sent; a time in the future counts as now."""
        now = self._clock()
        for event in events:
            if isinstance(event, RawMessage):
                sent_at = min(event.sent_at, now)
                before = self._heard.get(event.group.id)
                if before is None or before < sent_at:
                    self._heard[event.group.id] = sent_at

    async def refresh(self) -> None:
        """Reads the groups again; a failure is logged once and leaves what is known."""
        try:
            sources = await self._sources.all(SourceStatus.ACTIVE)
            if self._erasures is not None:
                self.erased = await self._erasures.all()
        except Exception as error:  # the background must go on, whatever the database says
            self._why = f"{type(error).__name__}: {error}"
            if not self._failing:
                log.warning("receiver.sources_away", cause=type(error).__name__, known=len(self.known or ()))
            self._failing = True
            return
        if self._failing or self.known is None:
            log.info("receiver.sources_loaded", active=len(sources))
        self._failing = False
        self.known = {source.id: Group(id=source.id, name=source.name) for source in sources}

    async def note(self) -> None:
        """Writes down what was heard; after a failure it is kept for the next time."""
        heard, self._heard = self._heard, {}
        if not heard:
            return
        try:
            await self._sources.heard(list(heard.items()), via_webhook=True)
        except Exception as error:  # only a note: the messages themselves are stored
            log.warning("receiver.not_noted", cause=type(error).__name__, groups=len(heard))
            for id, sent_at in heard.items():
                self._heard[id] = max(sent_at, self._heard.get(id, sent_at))

    async def keep(self) -> None:
        """Refreshes and notes for ever; cancel it to stop."""
        while True:
            await self.refresh()
            await self.note()
            await asyncio.sleep(self._every_s)
