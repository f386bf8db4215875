from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.errors import Misconfigured, Permanent, RateLimited, Transient, TwinError, Unavailable
from shared.whapi.failures import failure, is_refused_token, wait_asked

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "words", "kind", "advice"),
    [
        (302, "", Misconfigured, "check WHAPI_URL"),
        (400, "bad chat id", Permanent, "parameters"),
        (401, "need channel authorization", Unavailable, "scan the QR code"),
        (402, "trial version limit exceeded", RateLimited, "change the plan"),
        (403, "forbidden", Permanent, "may not do this in this chat"),
        (404, "Channel not found", Misconfigured, "WHAPI_TOKEN"),
        (404, "Chat not found", Permanent, "does not have it"),
        (406, "", Permanent, "this kind of channel"),
        (409, "", Permanent, "done already"),
        (413, "", Permanent, "too large"),
        (415, "", Permanent, "kind of file"),
        (418, "", Permanent, "refuses"),
        (422, "", Permanent, "could not process"),
        (429, "too many requests", RateLimited, "too many requests"),
        (500, "", Unavailable, "away"),
        (502, "", Unavailable, "away"),
    ],
)
def test_each_refusal_becomes_an_error_that_says_what_to_do(
    status: int, words: str, kind: type[TwinError], advice: str
) -> None:
    error = failure("messages", status, words)
    assert type(error) is kind
    assert advice in str(error)
    assert str(error).startswith(f"messages: the gateway answered {status}")
    assert words in str(error)


def test_a_permanent_error_names_its_status_as_the_reason() -> None:
    error = failure("messages", 413, "")
    assert isinstance(error, Permanent) and error.reason == "gateway_413"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_the_wait_that_was_asked_for_is_carried(status: int) -> None:
    error = failure("messages", status, "", 7.0)
    assert isinstance(error, Transient) and error.retry_after == 7.0


def test_a_spent_plan_waits_an_hour_where_nothing_else_is_said() -> None:
    error = failure("send_text", 402, "")
    assert isinstance(error, RateLimited) and error.retry_after == 3600


@pytest.mark.parametrize(
    ("status", "words", "refused"),
    [
        (401, "", True),
        (403, "", True),
        (404, "channel not found", True),
        (404, "message not found", False),
        (500, "", False),
    ],
)
def test_a_refused_token_is_recognised(status: int, words: str, refused: bool) -> None:
    assert is_refused_token(status, words) is refused


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("1e99", 86_400.0),
        ("inf", 86_400.0),
        ("nan", None),
        ("Fri, 20 Nov 2026 12:00:30 GMT", 30.0),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0.0),
        ("Fri, 20 Nov 2026 15:00:30 +0300", 30.0),
        ("soon", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str | None, seconds: float | None) -> None:
    assert wait_asked(header, NOW) == seconds
