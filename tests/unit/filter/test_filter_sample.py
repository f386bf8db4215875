"""The sample of rejections: decided by the message's id alone, in the share that is asked for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.filter.arrival import Arrival, check, entry_of, is_checked, verdict_of
from shared.contracts.ids import posted_id
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import Verdict
from shared.storage.ledger import State

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _checked(id: str, share: float, rule: str = "scored_noise", *, passed: bool = False) -> bool:
    message = RawMessage(event_id=posted_id(id), message_id=id, group=Group(id="1@g.us"), sent_at=NOW, text="x")
    arrival = Arrival(message, id)
    entry = entry_of(arrival, Verdict(passed=passed, rule=rule), claim="RAW:1", now=NOW)
    before = entry.state
    check(arrival, entry, share=share)
    if is_checked(entry):
        assert entry.state is State.CANDIDATE
        assert not verdict_of(entry).passed
    else:
        assert entry.state is before
    return is_checked(entry)


def test_the_same_message_is_always_decided_alike_and_a_greater_share_holds_the_smaller() -> None:
    drawn = {share: {id for id in map(str, range(2_000)) if _checked(id, share)} for share in (0.02, 0.1)}
    assert drawn[0.02] == {id for id in map(str, range(2_000)) if _checked(id, 0.02)}
    assert drawn[0.02] < drawn[0.1]
    assert 20 <= len(drawn[0.02]) <= 60
    assert 160 <= len(drawn[0.1]) <= 240


@pytest.mark.parametrize("rule", ["no_text", "too_old", "too_short"])
def test_only_rejections_by_score_are_drawn(rule: str) -> None:
    assert not _checked("1", 1.0, rule)
    assert _checked("1", 1.0, "sure_noise")


def test_what_passes_is_not_checked() -> None:
    assert not _checked("1", 1.0, "scored_call", passed=True)
