"""The time that persons are kept, and the streams that must keep within it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.errors import Misconfigured
from shared.settings import NatsSettings, RetentionSettings, require_within_retention


def test_streams_that_keep_for_longer_than_persons_are_kept_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETENTION_DAYS", "20")
    retention: RetentionSettings = RetentionSettings.load()
    assert retention.time == timedelta(days=20)
    require_within_retention(NatsSettings(max_age_days=20), retention)
    with pytest.raises(Misconfigured, match=r"NATS_MAX_AGE_DAYS is 20\.5 and RETENTION_DAYS 20"):
        require_within_retention(NatsSettings(max_age_days=20.5), retention)


@pytest.mark.parametrize(("name", "value"), [("RETENTION_DAYS", "0"), ("RETENTION_KEY", "too short")])
def test_what_keeps_nobody_or_hides_nobody_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=name):
        RetentionSettings.load()
