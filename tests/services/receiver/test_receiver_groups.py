"""The active groups as the receiver remembers them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from services.receiver.groups import ActiveGroups
from shared.contracts.messages import Group, MessageDeleted, RawMessage
from shared.errors import Unavailable
from shared.storage.memory.sources import MemorySources
from shared.storage.sources import Source, SourceStatus

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OURS, THEIRS = "120363000000000001@g.us", "120363000000000002@g.us"


class Flaky(MemorySources):
    """Sources that are away while `away` is set."""

    away = False

    async def all(self, status: SourceStatus | None = None) -> list[Source]:
        if self.away:
            raise Unavailable("database is away")
        return await super().all(status)

    async def heard(self, seen: Sequence[tuple[str, datetime]], *, via_webhook: bool) -> None:
        if self.away:
            raise Unavailable("database is away")
        await super().heard(seen, via_webhook=via_webhook)


@pytest.fixture
def sources() -> Flaky:
    return Flaky(Source(OURS, "ours", SourceStatus.ACTIVE, NOW), Source(THEIRS, "theirs", SourceStatus.PROPOSED, NOW))


@pytest.fixture
def groups(sources: Flaky) -> ActiveGroups:
    return ActiveGroups(sources, lambda: NOW, every_s=3600)


def posted(id: str, minutes: int) -> RawMessage:
    sent_at = NOW + timedelta(minutes=minutes)
    return RawMessage(event_id=f"post:{id}", message_id=id, group=Group(id=OURS), sent_at=sent_at)


async def test_only_active_groups_are_known_and_a_change_shows_with_the_next_refresh(
    groups: ActiveGroups, sources: Flaky
) -> None:
    await groups.refresh()
    assert groups.known == {OURS: Group(id=OURS, name="ours")}
    await sources.set_status(THEIRS, SourceStatus.ACTIVE)
    await sources.set_status(OURS, SourceStatus.INACTIVE)
    await groups.refresh()
    assert groups.known == {THEIRS: Group(id=THEIRS, name="theirs")}


async def test_the_last_known_groups_stand_while_the_database_is_away(groups: ActiveGroups, sources: Flaky) -> None:
    sources.away = True
    await groups.refresh()
    assert groups.known is None
    with pytest.raises(Unavailable, match="database is away"):
        await groups.ready()
    sources.away = False
    await groups.refresh()
    sources.away = True
    await groups.refresh()
    assert groups.known == {OURS: Group(id=OURS, name="ours")}
    await groups.ready()


async def test_the_newest_message_is_noted_and_the_future_counts_as_now(groups: ActiveGroups, sources: Flaky) -> None:
    groups.heard([posted("a", -5), posted("b", -9), MessageDeleted(event_id="delete:z", message_id="z")])
    await groups.note()
    assert sources.sources[OURS].last_webhook_at == NOW - timedelta(minutes=5)
    groups.heard([posted("c", 10_000)])
    await groups.note()
    assert sources.sources[OURS].last_message_at == NOW


async def test_a_note_that_failed_is_kept_for_the_next_time(groups: ActiveGroups, sources: Flaky) -> None:
    sources.away = True
    groups.heard([posted("a", -5)])
    await groups.note()
    groups.heard([posted("b", -7)])
    sources.away = False
    await groups.note()
    assert sources.sources[OURS].last_webhook_at == NOW - timedelta(minutes=5)
