"""What each refusal of the gateway means for us, and what the operator must do. Pure.

| answer                       | error         | why                                                                  |
|------------------------------|---------------|----------------------------------------------------------------------|
| 401                          | Unavailable   | the phone is not linked: work waits until someone scans the QR code  |
| 402                          | RateLimited   | a plan's limit: work waits (an hour) for the next day, month or plan |
| 404 "Channel not found"      | Misconfigured | the token is wrong, or the channel is gone                           |
| 403, 404 and the other 4xx   | Permanent     | this one request cannot succeed                                      |
| 408, 425, 429                | RateLimited   | slow down (Retry-After, where it is given)                           |
| 3xx                          | Misconfigured | the address is not the API's                                         |
| 5xx                          | Unavailable   | the gateway or its front proxy is away                               |
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from shared.errors import Misconfigured, Permanent, RateLimited, TwinError, Unavailable

NOT_FOUND = "gateway_404"
"""The `reason` where the gateway does not have what was asked for."""

TOO_LARGE = "too_large"
"""The `reason` where an answer is larger than was allowed."""

_NOT_LINKED_WAIT_S = 60.0
_PLAN_LIMIT_WAIT_S = 3600.0
_LONGEST_WAIT_S = 86_400.0

_HINTS = {
    400: "the gateway does not accept this request's parameters",
    403: "the channel may not do this in this chat (not a member, or only admins may write)",
    404: "the gateway does not have it",
    406: "this kind of channel cannot do it",
    409: "it was done already",
    413: "it is too large",
    415: "the gateway does not take this kind of file",
    422: "the gateway could not process it",
}


def is_refused_token(status: int, words: str) -> bool:
    """Whether this answer may mean that the token is not (or no longer) the right one."""
    return status in (401, 403) or is_unknown_channel(status, words)


def is_unknown_channel(status: int, words: str) -> bool:
    """Whether this is the gateway's answer to a wrong token: a 404 that speaks of the channel."""
    return status == 404 and "channel not found" in words.lower()


def failure(operation: str, status: int, words: str, retry_after: float | None = None) -> TwinError:
    """The error for an answer that is no success. `words` are those of the error body, `retry_after` is in seconds."""
    told = f"{operation}: the gateway answered {status}" + (f" ({words})" if words else "")
    if status == 401:
        return Unavailable(
            f"{told}: the WhatsApp session is not linked; open the channel in the Whapi panel and scan the QR code "
            "with the phone. If it is linked, the token is wrong: set WHAPI_TOKEN anew",
            retry_after=retry_after or _NOT_LINKED_WAIT_S,
        )
    if status == 402:
        return RateLimited(
            f"{told}: the limit of the channel's trial or sandbox plan is reached; wait for its next period or change "
            "the plan in the Whapi panel",
            retry_after=retry_after or _PLAN_LIMIT_WAIT_S,
        )
    if is_unknown_channel(status, words):
        return Misconfigured(
            f"{told}: the token is wrong, or the channel was deleted or is unpaid; copy the token from the Whapi panel "
            "into WHAPI_TOKEN or the file that WHAPI_TOKEN_FILE names"
        )
    if status in (408, 425, 429):
        return RateLimited(f"{told}: too many requests", retry_after=retry_after)
    if status >= 500:
        return Unavailable(f"{told}: the gateway is away; nothing to do unless it lasts", retry_after=retry_after)
    if status < 400:
        return Misconfigured(f"{told}: this is not the gateway's API; check WHAPI_URL")
    hint = _HINTS.get(status, "the gateway refuses this request")
    return Permanent(f"{told}: {hint}", reason=f"gateway_{status}")


def wait_asked(header: str | None, now: datetime) -> float | None:
    """The wait in seconds that a Retry-After header asks for (seconds or an HTTP date); at most a day, None without."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            when = parsedate_to_datetime(header)
        except (ValueError, TypeError, OverflowError):
            return None
        seconds = ((when if when.tzinfo else when.replace(tzinfo=UTC)) - now).total_seconds()
    return None if math.isnan(seconds) else min(max(seconds, 0.0), _LONGEST_WAIT_S)
