"""Asks a service's health over HTTP with the standard library alone: for the runner, and as a container's health check.

python -m services.operator.probe http://127.0.0.1:8081/health/live     exit code 0 or 1
"""

from __future__ import annotations

import http.client
import json
import sys
from dataclasses import dataclass
from urllib.parse import urlsplit

_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Health:
    """A service's answer: `ok`, and where not, what it says is wrong."""

    ok: bool
    detail: str = ""


def ask(url: str, timeout_s: float = _TIMEOUT_S) -> Health:
    """The health behind this address; never raises for a service that is away or talks nonsense."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port or 80, timeout=timeout_s)
    try:
        connection.request("GET", parts.path or "/")
        answer = connection.getresponse()
        body = answer.read(100_000)
    except (OSError, http.client.HTTPException) as error:
        return Health(ok=False, detail=f"no answer ({error})" if str(error) else "no answer")
    finally:
        connection.close()
    if answer.status == http.client.OK:
        return Health(ok=True)
    return Health(ok=False, detail=_reasons(body) or f"answers {answer.status}")


def _reasons(body: bytes) -> str:
    try:
        checks = json.loads(body).get("checks", {})
        return "; ".join(f"{name}: {result}" for name, result in checks.items() if result != "ok")
    except (ValueError, AttributeError):
        return ""


if __name__ == "__main__":
    health = ask(sys.argv[1])
    if not health.ok:
        sys.exit(health.detail)
