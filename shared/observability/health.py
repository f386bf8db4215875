"""Health over HTTP: `live` says that the process turns, `ready` that all it needs does, `metrics` the figures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from prometheus_client import generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from shared.observability import metrics

Check = Callable[[], Awaitable[None]]
"""Returns when the thing is fine; raises with the reason when not."""

_CHECK_TIMEOUT_S = 3.0


async def run_checks(checks: Mapping[str, Check]) -> dict[str, str]:
    """Each check's result: "ok", or what is wrong."""

    async def one(check: Check) -> str:
        try:
            async with asyncio.timeout(_CHECK_TIMEOUT_S):
                await check()
        except TimeoutError:
            return f"no answer within {_CHECK_TIMEOUT_S:g} s"
        except Exception as error:  # whatever it is: not ready, and the reason is told
            return f"{type(error).__name__}: {error}"
        return "ok"

    results = await asyncio.gather(*(one(check) for check in checks.values()))
    return dict(zip(checks, results, strict=True))


def routes(service: str, checks: Mapping[str, Check]) -> list[Route]:
    """`/health/live`, `/health/ready` (503 with the reasons while any check fails) and `/metrics`."""

    async def live(_request: Request) -> Response:
        return JSONResponse({"service": service, "status": "live"})

    async def ready(_request: Request) -> Response:
        results = await run_checks(checks)
        good = all(result == "ok" for result in results.values())
        return JSONResponse(
            {"service": service, "status": "ready" if good else "not ready", "checks": results},
            status_code=200 if good else 503,
        )

    async def figures(_request: Request) -> Response:
        return PlainTextResponse(generate_latest(metrics.REGISTRY), media_type="text/plain; version=0.0.4")

    return [Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", figures)]
