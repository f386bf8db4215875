"""Reads a window of a group's messages page by page, in the order they were sent, whatever order the gateway uses."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from services.poller import logic
from shared.contracts.messages import RawEvent
from shared.errors import Unavailable
from shared.whapi.port import MOST_PER_PAGE, Gateway, Page
from shared.whapi.wire import MalformedPiece

log = structlog.get_logger(__name__)

# Pages share some messages: what is deleted while we page shifts the rest forward, and nothing may fall in between.
_SHARED = 10


@dataclass(frozen=True, slots=True)
class Chunk:
    """Messages that follow those of the chunk before. `restart`: they don't; the order before was not to be trusted."""

    events: list[RawEvent]
    fetched: int
    left_out: Counter[str]  # by the reader, by name; malformed ones as "malformed:REASON"
    restart: bool = False
    malformed: tuple[MalformedPiece, ...] = ()


class Reader:
    """One reading of one window. `before_page` is awaited before each page but the first; what it raises ends it."""

    def __init__(
        self,
        gateway: Gateway,
        chat_id: str,
        window: logic.Window,
        *,
        before_page: Callable[[], Awaitable[None]],
        page_within_s: float,
    ) -> None:
        self._gateway = gateway
        self._chat_id = chat_id
        self._window = window
        self._before_page = before_page
        self._page_within_s = page_within_s
        self._seen: set[str] = set()

    async def chunks(self) -> AsyncGenerator[Chunk, None]:
        """The window's messages, each once.

        The gateway is asked for the oldest first and checked: where a page is not in order, or starts before the one
        before it ended, the whole window is read and sorted before anything more comes. Unavailable where a page takes
        too long.
        """
        latest: datetime | None = None
        async for page in self._pages(to_the_end=False):
            fresh = [event for event in page.events if event.event_id not in self._seen]
            if not logic.continues(fresh, latest):
                log.info("poller.out_of_order", group=self._chat_id, page_size=page.size)
                break
            self._seen.update(event.event_id for event in fresh)
            latest = logic.newest(fresh, latest)
            yield Chunk(fresh, page.size, _left_out(page), malformed=tuple(page.malformed))
        else:
            return
        async for chunk in self._sorted():
            yield chunk

    async def _sorted(self) -> AsyncIterator[Chunk]:
        await self._before_page()
        gathered: list[RawEvent] = []
        fetched, left_out = 0, Counter[str]()
        malformed: list[MalformedPiece] = []
        async for page in self._pages(to_the_end=True):
            gathered += [event for event in page.events if event.event_id not in self._seen]
            fetched += page.size
            left_out += _left_out(page)
            malformed += page.malformed
        events = logic.in_order(gathered)
        restart = True
        for start in range(0, max(len(events), 1), MOST_PER_PAGE):
            some = events[start : start + MOST_PER_PAGE]
            yield Chunk(some, fetched, left_out, restart=restart, malformed=tuple(malformed))
            fetched, left_out, restart, malformed = 0, Counter(), False, []

    async def _pages(self, *, to_the_end: bool) -> AsyncIterator[Page]:
        """Pages of the window until a short one (an empty one, `to_the_end`), or until the gateway repeats itself."""
        offset, before = 0, None
        while True:
            if offset:
                await self._before_page()
            page = await self._page(offset)
            ids = [event.event_id for event in page.events]
            if page.size == 0 or (ids and ids == before):
                return
            yield page
            if page.last and not to_the_end:
                return
            offset += page.size if page.last else page.size - _SHARED
            before = ids

    async def _page(self, offset: int) -> Page:
        try:
            async with asyncio.timeout(self._page_within_s):
                return await self._gateway.messages(
                    self._chat_id, time_from=self._window.start, time_to=self._window.end, offset=offset, sort="asc"
                )
        except TimeoutError:
            raise Unavailable(f"the gateway took more than {self._page_within_s:g} s for a page") from None


def _left_out(page: Page) -> Counter[str]:
    """What is not among the page's events, by name."""
    # A type is named there also where its message was taken; what is left of the page's size was of no message's type.
    names = Counter({name: times for name, times in page.ignored.items() if not name.startswith("type:")})
    for piece in page.malformed:
        names[f"malformed:{piece.reason}"] += 1
    if (others := page.size - len(page.events) - names.total()) > 0:
        names["no_message"] = others
    return names
