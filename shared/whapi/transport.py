"""One request to the gateway: budget, token, time limit, size limit, retries, and the error where it fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx
import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, stop_before_delay
from tenacity.wait import wait_random_exponential

from shared.errors import BudgetSpent, Misconfigured, Permanent, RateLimited, Transient, Unavailable
from shared.whapi.failures import TOO_LARGE, failure, is_refused_token, wait_asked
from shared.whapi.port import Budget
from shared.whapi.token import TokenSource
from shared.whapi.wire import read_error

_ATTEMPTS = 4
_PATIENCE_S = 20.0  # no retry starts later than this after the first attempt
_LONGEST_RETRY_AFTER_S = 10.0  # a longer wait is the caller's to plan
_JSON_LIMIT = 64_000_000  # bytes; a page of large groups lists every participant
_ERROR_LIMIT = 100_000  # bytes
_BACKOFF = wait_random_exponential(multiplier=0.5, min=0.1, max=5)

_T = TypeVar("_T")
log = structlog.get_logger(__name__)


class NotSent(Unavailable):
    """The request did not reach the gateway, so that even what must not happen twice may be tried again."""


class Transport:
    """Sends requests with our token; retries briefly what passes, and raises the error that fits otherwise."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        token: TokenSource,
        *,
        budget: Budget | None = None,
        timeout_s: float = 10,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._http = http
        self._token = token
        self._budget = budget
        self._timeout_s = timeout_s
        self._sleep = sleep
        self._clock = clock

    async def ask(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        body: object = None,
        repeatable: bool = True,
    ) -> dict[str, Any] | None:
        """The JSON object that the gateway answers; None for an answer without a body (204)."""

        async def once() -> dict[str, Any] | None:
            request = self._http.build_request(method, path, params=params, json=body)
            status, content = await self._with_token(operation, request, _JSON_LIMIT)
            return None if status == 204 else _parsed(operation, content)

        return await self._patiently(operation, once, repeatable)

    async def download(self, operation: str, path: str, *, max_bytes: int) -> bytes:
        """The bytes that the gateway answers; Permanent (too_large) as soon as they are more than `max_bytes`."""

        async def once() -> bytes:
            return (await self._with_token(operation, self._http.build_request("GET", path), max_bytes))[1]

        return await self._patiently(operation, once, repeatable=True)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _patiently(self, operation: str, once: Callable[[], Awaitable[_T]], repeatable: bool) -> _T:
        retrying = AsyncRetrying(
            sleep=self._sleep,
            retry=retry_if_exception(lambda error: _worth_another(error, repeatable)),
            stop=stop_after_attempt(_ATTEMPTS) | stop_before_delay(_PATIENCE_S),
            wait=_wait,
            before_sleep=lambda state: _log_retry(operation, state),
            reraise=True,
        )
        return await retrying(once)

    async def _with_token(self, operation: str, request: httpx.Request, limit: int) -> tuple[int, bytes]:
        """One attempt, and a second one at once where the token was refused and its file holds another."""
        token = self._token.current()
        status, headers, content = await self._attempt(operation, request, token, limit)
        if is_refused_token(status, _words(content)) and self._token.renew(token):
            log.info("gateway.token_renewed", operation=operation, status=status)
            status, headers, content = await self._attempt(operation, request, self._token.current(), limit)
        if 200 <= status < 300:
            return status, content
        raise failure(operation, status, _words(content), wait_asked(headers.get("retry-after"), self._clock()))

    async def _attempt(
        self, operation: str, request: httpx.Request, token: str, limit: int
    ) -> tuple[int, httpx.Headers, bytes]:
        if self._budget is not None:
            await self._budget()
        request.headers["authorization"] = f"Bearer {token}"
        try:
            async with asyncio.timeout(self._timeout_s):
                response = await self._http.send(request, stream=True)
                try:
                    content = await _limited(operation, response, limit)
                finally:
                    await response.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotSent(f"{operation}: the gateway cannot be reached ({type(error).__name__})") from None
        except TimeoutError:
            raise Unavailable(f"{operation}: the gateway did not answer within {self._timeout_s:g} s") from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL):
            raise Misconfigured(f"{operation}: the gateway's address cannot be used; check WHAPI_URL") from None
        except httpx.HTTPError as error:
            raise Unavailable(f"{operation}: the answer broke off ({type(error).__name__})") from None
        return response.status_code, response.headers, content


async def _limited(operation: str, response: httpx.Response, limit: int) -> bytes:
    """The body; of an error only its beginning."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_bytes():
        chunks.append(chunk)
        size += len(chunk)
        if response.is_error and size > _ERROR_LIMIT:
            break
        if response.is_success and size > limit:
            raise Permanent(f"{operation}: the answer is larger than {limit} bytes", reason=TOO_LARGE)
    return b"".join(chunks)


def _parsed(operation: str, content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Unavailable(f"{operation}: the answer is not the JSON of the gateway (a proxy's page?)")
    return body


def _words(content: bytes) -> str:
    """The words of an error body; empty for a proxy's HTML and the like."""
    try:
        return read_error(json.loads(content)) if len(content) <= _ERROR_LIMIT else ""
    except (ValueError, RecursionError):
        return ""


def _worth_another(error: BaseException, repeatable: bool) -> bool:
    if not isinstance(error, Transient) or isinstance(error, BudgetSpent):
        return False
    if error.retry_after is not None and error.retry_after > _LONGEST_RETRY_AFTER_S:
        return False
    return repeatable or isinstance(error, NotSent | RateLimited)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, Transient) else None
    return max(asked or 0.0, _BACKOFF(state))


def _log_retry(operation: str, state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    wait = round(state.upcoming_sleep, 2)
    log.info(
        "gateway.retry", operation=operation, attempt=state.attempt_number, wait_s=wait, error=type(error).__name__
    )
