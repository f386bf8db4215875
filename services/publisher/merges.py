"""What becomes of two calls that are one: the later becomes a sighting of the earlier, or brings it new facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.publisher.differences import changes
from services.publisher.steps import NotAllowed, publish, step, with_fields
from shared.contracts.calls import CastingCall, PayKind, ProjectType
from shared.contracts.pipeline import Change, Sighting
from shared.errors import Permanent
from shared.storage.calls import Call, Status

_CHANGEABLE = (Status.PENDING, Status.APPROVED)


def same_as(call: Call, earlier: Call, actor: str, now: datetime) -> Call:
    """The pending call as one more sighting of the earlier one. Consumers hear nothing."""
    return _merged(call, earlier, "merged", actor, now)


def update_of(call: Call, earlier: Call, actor: str, now: datetime, fields: CastingCall | None = None) -> Call:
    """The pending call as the news that `earlier` (as it was before) has taken in; it keeps what stood there."""
    wanted = fields or call.fields
    return _merged(
        call,
        earlier,
        "updates",
        actor,
        now,
        fields_before=earlier.fields,
        **with_fields(wanted, call.message),
    )


def informed(
    earlier: Call, fields: CastingCall, source: str, actor: str, now: datetime, seen_in: Sequence[Sighting] = ()
) -> Call:
    """The earlier call with these fields, learnt from the call `source`; published again where it is approved."""
    if earlier.status not in _CHANGEABLE:
        raise NotAllowed("update", earlier.status)
    found = changes(earlier.fields, fields)
    if not found:
        return earlier
    after = step(
        earlier,
        "informed",
        actor,
        now,
        note=source,
        changes=found,
        touched=True,
        **with_fields(fields, earlier.message),
    )
    return publish(after, Change.UPDATED, now, seen_in) if earlier.status is Status.APPROVED else after


def with_news(before: CastingCall, news: CastingCall) -> CastingCall:
    """The fields with every fact that `news` states. A title names kind and place, so it comes along with those."""
    stated = {name: value for name, value in news if name not in ("title", "language") and _is_stated(value)}
    if any(stated.get(name, getattr(before, name)) != getattr(before, name) for name in _TITLE_NAMES):
        stated["title"] = news.title
    return before.model_copy(update=stated)


def given_back(earlier: Call, call: Call, actor: str, now: datetime, seen_in: Sequence[Sighting] = ()) -> Call | None:
    """The earlier call without what `call` had brought it. None where it has moved on since: it then stays."""
    if call.fields_before is None or earlier.status not in _CHANGEABLE:
        return None
    if earlier.fields != with_news(call.fields_before, call.fields):
        return None
    after = informed(earlier, call.fields_before, call.id, actor, now, seen_in)
    return None if after is earlier else after


_TITLE_NAMES = ("project_type", "location_city")


def _is_stated(value: Any) -> bool:
    if value in (None, (), ProjectType.OTHER):
        return False
    return getattr(value, "kind", None) is not PayKind.UNSPECIFIED


def _merged(call: Call, earlier: Call, action: str, actor: str, now: datetime, **values: Any) -> Call:
    if call.status is not Status.PENDING:
        raise NotAllowed("merge", call.status)
    if earlier.id == call.id:
        raise Permanent("a call cannot be merged into itself", reason="no_target")
    decided: dict[str, Any] = {"status": Status.REJECTED, "touched": True, "decided_by": actor}
    return step(
        call, action, actor, now, reason="duplicate", note=earlier.id, merged_into=earlier.id, **decided, **values
    )
