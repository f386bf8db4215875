"""A poller's surroundings as written fakes, and a gateway whose pages a test can change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from services.poller.handlers import Poller
from services.poller.settings import PollerSettings
from shared.broker.ports import RecordingPublisher
from shared.contracts.messages import RawMessage
from shared.storage.memory.ledger import MemoryLedger
from shared.storage.memory.sources import MemorySources
from shared.storage.sources import Source, SourceStatus
from shared.whapi.fake import FakeGateway
from shared.whapi.port import MOST_PER_PAGE, Page

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
GROUP = "120363000000000001@g.us"
OTHER = "120363000000000002@g.us"
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@dataclass
class World:
    """One poller's surroundings; `poller()` makes another replica in them."""

    gateway: FakeGateway = field(default_factory=FakeGateway)
    sources: MemorySources = field(default_factory=MemorySources)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    publisher: RecordingPublisher = field(default_factory=RecordingPublisher)
    now: datetime = NOW

    def poller(self, owner: str = "one", **settings: Any) -> Poller:
        return Poller(
            self.sources,
            self.ledger,
            self.gateway,
            self.publisher,
            PollerSettings(**settings),
            owner=owner,
            clock=lambda: self.now,
            requests_per_hour=1000,
            requests_spent=lambda: len(self.gateway.requests),
        )

    async def join(self, id: str = GROUP, *, watermark: datetime | None = None) -> None:
        self.gateway.add_group(id, "كاستنج")
        await self.sources.add(Source(id, "كاستنج", SourceStatus.ACTIVE, NOW, watermark=watermark))

    def post(self, count: int, *, group: str = GROUP, first: datetime = NOW - timedelta(hours=2)) -> list[str]:
        """So many messages, a second apart; their ids in order."""
        ids = [f"{group[:18]}-{n:05}" for n in range(count)]
        for n, id in enumerate(ids):
            self.gateway.post(group, id, f"text {n}", first + n * SECOND)
        return ids

    @property
    def published(self) -> list[str]:
        return [event.message_id for event in self.publisher.events if isinstance(event, RawMessage)]

    async def source(self, id: str = GROUP) -> Source:
        found = await self.sources.get(id)
        assert found is not None
        return found


class Scripted(FakeGateway):
    """A gateway whose pages a test can change or interrupt: `on_page` sees the offset, `arrange` the whole list."""

    def __init__(self) -> None:
        super().__init__()
        self.on_page: Callable[[int], None] = lambda offset: None
        self.arrange: Callable[[list[Any]], list[Any]] = list

    async def messages(
        self,
        chat_id: str,
        *,
        time_from: datetime | None = None,
        time_to: datetime | None = None,
        count: int = MOST_PER_PAGE,
        offset: int = 0,
        sort: Literal["asc", "desc"] = "asc",
    ) -> Page:
        self.on_page(offset)
        whole: list[Any] = []
        while True:
            part = await super().messages(chat_id, time_from=time_from, time_to=time_to, offset=len(whole))
            whole += part.events
            if part.last:
                break
        page = self.arrange(whole)[offset : offset + count]
        return Page(page, len(page), count)
