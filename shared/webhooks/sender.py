"""Sends one webhook over HTTP: to the addresses that were checked, no redirects, a time limit, little of the answer."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol, Self

import httpx

from shared.errors import Permanent
from shared.webhooks.addresses import REFUSED, checked_url, is_public

_ANSWER_LIMIT = 2_000  # bytes that are read of an answer: enough to say what is wrong

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""A host's IP addresses."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `status` is None where nothing did; `detail` then says why."""

    status: int | None
    detail: str = ""
    retry_after: float | None = None  # seconds


class Poster(Protocol):
    """The port of the sending."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Sends and says what came back; Permanent (address_refused) where the address may not be sent to."""
        ...


class HttpPoster:
    """The `Poster` over HTTP. A name is looked up once, all its addresses are checked, and that one is connected to:

    a name that points into our network, or does so only at the second look, reaches nothing. `private` lifts this.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        private: bool = False,
        timeout_s: float = 20,
        resolve: Resolve | None = None,
    ) -> None:
        self._http = http
        self._private = private
        self._timeout_s = timeout_s
        self._resolve = resolve or _addresses

    @classmethod
    def open(cls, *, private: bool = False, timeout_s: float = 20) -> Self:
        """A sender with connections of its own; end it with `close()`."""
        # No proxy of the environment: it would connect to what was not checked. A connection is used once: it was
        # opened under one host's name, and another host may have the same address.
        alone = httpx.Limits(max_keepalive_connections=0)
        http = httpx.AsyncClient(follow_redirects=False, timeout=timeout_s, trust_env=False, limits=alone)
        return cls(http, private=private, timeout_s=timeout_s)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """As the port says."""
        checked_url(url, private=self._private)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._sent(await self._request(url, headers, body))
        except TimeoutError:
            return Answer(None, f"no answer within {self._timeout_s:g} s")
        except OSError as error:
            return Answer(None, f"the host is not known ({type(error).__name__})")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Answer(None, f"cannot be reached ({type(error).__name__})")

    async def _request(self, url: str, headers: Mapping[str, str], body: bytes) -> httpx.Request:
        request = self._http.build_request("POST", url, headers=dict(headers), content=body)
        if self._private:
            return request
        host = request.url.host
        found = await self._resolve(host, request.url.port or 443)
        if not found or not all(is_public(address) for address in found):
            raise Permanent(f"{host!r} cannot be sent to: it lies within a private network", reason=REFUSED)
        # The Host header and the certificate's name stay those of the host.
        request.extensions["sni_hostname"] = host
        request.url = request.url.copy_with(host=found[0])
        return request

    async def _sent(self, request: httpx.Request) -> Answer:
        response = await self._http.send(request, stream=True)
        try:
            asked = _retry_after(response.headers.get("retry-after"), datetime.now(UTC))
            detail = "" if response.is_success else await _beginning(response)
        finally:
            await response.aclose()
        return Answer(response.status_code, detail, asked)


async def _beginning(response: httpx.Response) -> str:
    content = b""
    async for chunk in response.aiter_bytes(_ANSWER_LIMIT):
        content += chunk
        if len(content) >= _ANSWER_LIMIT:
            break
    text = content[:_ANSWER_LIMIT].decode("utf-8", "replace")
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:300]


async def _addresses(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_kind, address in found]


def _retry_after(header: str | None, now: datetime) -> float | None:
    if not header:
        return None
    if header.strip().isdecimal():
        return min(float(header.strip()), timedelta(days=30).total_seconds())
    try:
        when = parsedate_to_datetime(header)
    except (ValueError, TypeError):
        return None
    return max(0.0, ((when if when.tzinfo else when.replace(tzinfo=UTC)) - now).total_seconds())
