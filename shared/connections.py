"""HTTP connections with bounds: how many, how long a request's head may be, and how long it may take to arrive.

The server's own limits begin where a request is whole. Whoever opens connections and says nothing, or sends headers
without end, is met here: the memory and the places that they take are bounded, and given back within seconds.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_CONNECTIONS: Final = 2000
"""Connections at once; a further one is closed unread."""

MAX_HEAD: Final = 65_536
"""Bytes of a request's first line and headers."""

MAX_HEADERS: Final = 200

HEAD_WITHIN_S: Final = 10.0
"""How long a connection may be open, and a request may have begun, before its headers are whole."""

_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 24\r\nconnection: close\r\n\r\nthe headers are too large"
)


class BoundedProtocol(HttpToolsProtocol):
    """The server's protocol with the bounds of this module."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head = 0  # bytes of the head that is being read
        self._reading_head = True
        self._heads = 0  # that were whole
        self._refused = False
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Closes what is one too many; else starts the clock."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()
        else:
            self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Counts the bytes of a head that is not whole yet; the rest is the server's."""
        if self._refused:
            return
        if self._reading_head and self._late is None:
            self._start_clock()
        whole = self._heads
        within_a_head = self._reading_head
        super().data_received(data)
        if within_a_head and whole == self._heads:  # no head was completed: all of it belongs to one
            self._head += len(data)
            if self._head > MAX_HEAD:
                self._refuse()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keeps a header, up to one more than may be."""
        if len(self.headers) <= MAX_HEADERS:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole: the body's limits are its reader's."""
        self._stop_clock()
        self._reading_head, self._head = False, 0
        self._heads += 1
        if len(self.headers) > MAX_HEADERS:
            self._refuse()
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Nothing of what was refused is kept."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The next head may follow."""
        self._reading_head = True
        if not self._refused:
            super().on_message_complete()

    def _start_clock(self) -> None:
        self._late = self.loop.call_later(HEAD_WITHIN_S, self._too_late)

    def _stop_clock(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _too_late(self) -> None:
        self._late = None
        if self._answering():
            self._start_clock()  # an earlier request's answer is still on its way
        else:
            self.transport.close()

    def _refuse(self) -> None:
        self._refused = True
        self._stop_clock()
        if not self._answering() and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
        self.transport.close()

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete
