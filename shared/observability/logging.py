"""Structured logs: one line a record, constant dotted event names, the libraries' records too.

Every value is masked on its way out (masking.py): phone numbers, the secrets of the settings, passwords in addresses,
line ends and other characters that would forge a line.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

from shared.observability.masking import cleaned, fenced, safe
from shared.settings import LogSettings, known_secrets

_OURS = {"timestamp", "level"}
_STACKS = {"exception", "stack"}


def _clean(_logger: Any, _method: str, record: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Masks every value, those of the libraries as well; a stack keeps its lines."""
    secrets = known_secrets()
    for key, value in record.items():
        if key in _STACKS and isinstance(value, str):
            record[key] = fenced(safe(value, secrets))
        elif key not in _OURS and not key.startswith("_"):
            record[key] = cleaned(value, secrets)
    return record


def configure(settings: LogSettings, *, service: str) -> None:
    """Sets up logging for this process: ours and the libraries' records take the same way to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        lambda _logger, _method, record: {"service": service, **record},
        structlog.processors.format_exc_info,
        _clean,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(settings.level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.format == "json"
        # The plain traceback: others print local variables, and those hold messages and passwords.
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level)
    # Each failed reconnect is a traceback there; readiness says it in one word.
    logging.getLogger("nats").setLevel(logging.CRITICAL)
    for noisy in ("uvicorn.access", "httpx", "httpcore", "pymongo", "openai"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
