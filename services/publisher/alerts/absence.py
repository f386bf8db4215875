"""What is not there: groups that went quiet and were asked about at the gateway, and messages without an end. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from services.publisher.alerts.facts import Facts, Finding, Thresholds
from shared.storage.sources import Source, SourceStatus

GROUP_SILENT: Final = "group_silent"
UNACCOUNTED: Final = "unaccounted"

_PATIENCE: Final = timedelta(minutes=10)  # so long the gateway's answer is waited for
_UNANSWERED: Final = "unanswered"


def to_ask(facts: Facts) -> list[Source]:
    """The silent groups about which the gateway was not asked since they fell silent."""
    return [source for source in _silent(facts) if not _was_asked(source)]


def group_silent(facts: Facts, _limits: Thresholds) -> list[Finding]:
    """Each silent group, once the gateway has said that nothing was missed, or does not say."""
    found = []
    for source in _silent(facts):
        if not _was_asked(source) or source.ask_at is None:
            continue
        if source.asked and facts.now - source.ask_at < _PATIENCE:
            continue
        answer = _UNANSWERED if source.asked or source.answer is None else str(source.answer)
        values = {"name": source.name[:100], "status": answer}
        found.append(Finding(GROUP_SILENT, source.id, source.last_message_at or source.added_at, values))
    return found


def unaccounted(facts: Facts, _limits: Thresholds) -> list[Finding]:
    """The last account could not find an end for something that is older than the grace time."""
    last = facts.reckoning
    if last is None or not last.unaccounted:
        return []
    oldest = last.missing[0]
    return [Finding(UNACCOUNTED, "", oldest.at, {"number": last.unaccounted, "id": oldest.id})]


def _silent(facts: Facts) -> list[Source]:
    return [source for source in facts.silent if source.status is SourceStatus.ACTIVE]


def _was_asked(source: Source) -> bool:
    return source.ask_at is not None and source.ask_at >= (source.last_message_at or source.added_at)
