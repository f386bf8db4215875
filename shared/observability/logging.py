"""Structured logs: one line a record, constant dotted event names, phone numbers masked, the libraries' records too."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

from shared.settings import LogSettings

# Seven digits or more in a row (spaces and dashes between them allowed) may be somebody's number.
_PHONE = re.compile(r"(?<![\w.:-])\+?\d(?:[ -]?\d){6,14}(?![\w.:-])")
_OURS = {"timestamp", "level", "event", "service", "logger"}


def mask_phones(value: str) -> str:
    """The text with all but the last two digits of each phone-like number replaced."""
    return _PHONE.sub(lambda match: "•••" + match.group()[-2:], value)


def _mask(_logger: Any, _method: str, record: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in record.items():
        if isinstance(value, str) and key not in _OURS:
            record[key] = mask_phones(value)
    return record


def configure(settings: LogSettings, *, service: str) -> None:
    """Sets up logging for this process: ours and the libraries' records take the same way to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        lambda _logger, _method, record: {"service": service, **record},
        structlog.processors.format_exc_info,
        _mask,
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
