"""What the poller decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.poller import logic
from shared.contracts.ids import deleted_id, posted_id
from shared.contracts.messages import Group, MessageDeleted, RawMessage
from shared.errors import BudgetSpent, Misconfigured, Permanent, RateLimited, Transient, Unavailable
from shared.storage.gateway import GatewayStatus, StateChange
from shared.storage.sources import Source, SourceStatus

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WEEK = timedelta(days=7)
PACE = logic.Pace(timedelta(minutes=15), timedelta(minutes=3), 1000)


def source(**values: datetime | None) -> Source:
    return Source("g@g.us", "كاستنج", SourceStatus.ACTIVE, NOW, **values)  # type: ignore[arg-type]


def posted(id: str, at: datetime, group: str = "g@g.us", name: str | None = None) -> RawMessage:
    return RawMessage(event_id=posted_id(id), message_id=id, group=Group(id=group, name=name), sent_at=at, text="x")


def deleted(id: str, at: datetime | None) -> MessageDeleted:
    return MessageDeleted(event_id=deleted_id(id), message_id=id, group=Group(id="g@g.us"), deleted_at=at)


def test_a_new_group_is_read_from_the_oldest_wanted() -> None:
    window = logic.window(source(), now=NOW, overlap=10 * MINUTE, max_age=WEEK)
    assert window == logic.Window(NOW - WEEK, NOW, NOW - WEEK)


def test_a_known_group_is_read_from_before_its_watermark_and_never_from_before_the_oldest_wanted() -> None:
    recent = logic.window(source(watermark=NOW - MINUTE), now=NOW, overlap=10 * MINUTE, max_age=WEEK)
    assert recent.start == NOW - 11 * MINUTE
    old = logic.window(source(watermark=NOW - 2 * WEEK), now=NOW, overlap=10 * MINUTE, max_age=WEEK)
    assert old.start == NOW - WEEK


def test_order_is_checked_within_and_across_pages() -> None:
    a, b = posted("a", NOW), posted("b", NOW + MINUTE)
    assert logic.continues([a, a, b], None)
    assert logic.continues([a, b], NOW)
    assert not logic.continues([b, a], None)
    assert not logic.continues([a, b], NOW + MINUTE)
    assert logic.continues([b, deleted("x", None), b], None)


def test_sorting_keeps_each_once_and_turns_newest_first_around() -> None:
    a, b, c, d = posted("a", NOW), posted("b", NOW + MINUTE), posted("c", NOW + MINUTE), posted("d", NOW + 2 * MINUTE)
    assert logic.in_order([d, c, b, a, a]) == [a, b, c, d]
    assert logic.in_order([a, d, b, c]) == [a, b, c, d]
    assert logic.in_order([]) == []
    timeless = deleted("x", None)
    assert logic.in_order([a, timeless, d, b]) == [a, timeless, b, d]
    assert logic.in_order([timeless]) == [timeless]


def test_other_groups_and_old_messages_are_left_out_and_names_are_filled_in() -> None:
    kept, skipped = logic.sift(
        [
            posted("a", NOW),
            posted("b", NOW, name="its own"),
            posted("c", NOW - WEEK - MINUTE),
            posted("d", NOW, group="other@g.us"),
            deleted("e", None),
        ],
        source(),
        NOW - WEEK,
    )
    assert [logic.ledger_id(event) for event in kept] == ["a", "b", "delete:e"]
    assert [event.group.name for event in kept if event.group] == ["كاستنج", "its own", "كاستنج"]
    assert skipped == {"too_old": 1, "other_group": 1}


def test_a_message_from_the_future_does_not_carry_the_watermark_along() -> None:
    found = logic.Found()
    found.count([posted("a", NOW + WEEK)], set(), source(), NOW)
    assert (found.newest, found.new) == (NOW, 1)


def test_only_what_a_webhook_should_have_brought_by_now_counts_as_missed() -> None:
    found = logic.Found()
    known = {posted_id("webhook")}
    events = [
        posted("before the watermark", NOW - 30 * MINUTE),
        posted("missed", NOW - 10 * MINUTE),
        posted("webhook", NOW - 9 * MINUTE),
        posted("on its way", NOW),
    ]
    found.count(events, known, source(watermark=NOW - 20 * MINUTE), NOW)
    assert (found.new, found.known, found.missed, found.brought) == (3, 1, 1, 1)
    first = logic.Found()
    first.count(events, known, source(), NOW)
    assert (first.missed, first.brought) == (0, 0)


@pytest.mark.parametrize(
    ("found", "state", "flow"),
    [
        (logic.Found(), source(), True),
        (logic.Found(missed=1, brought=3), source(), False),
        (logic.Found(brought=1), source(last_message_at=NOW - 5 * MINUTE), True),
        (logic.Found(), source(last_message_at=NOW - 5 * MINUTE), False),
        (logic.Found(), source(last_message_at=NOW - 5 * MINUTE, last_webhook_at=NOW - 5 * MINUTE), True),
        (logic.Found(), source(last_message_at=NOW - 5 * MINUTE, last_webhook_at=NOW - 9 * MINUTE), False),
        (logic.Found(), source(last_message_at=NOW - 90 * MINUTE), True),
        (logic.Found(newest=NOW - timedelta(seconds=20)), source(), True),
    ],
    ids=[
        "nothing known",
        "missed some",
        "brought some",
        "never",
        "the last one",
        "not the last",
        "long ago",
        "just now",
    ],
)
def test_whether_webhooks_flow_is_told_by_what_polls_bring(found: logic.Found, state: Source, flow: bool) -> None:
    assert logic.webhooks_flow(found, state, NOW) is flow


def test_polls_are_sooner_while_webhooks_do_not_flow() -> None:
    assert logic.next_poll(True, PACE, active=5) == timedelta(minutes=15)
    assert logic.next_poll(False, PACE, active=5) == timedelta(minutes=3)


@pytest.mark.parametrize("active", [50, 500])
def test_many_groups_together_stay_within_four_fifths_of_the_budget(active: int) -> None:
    wait = logic.next_poll(False, PACE, active)
    assert active * (timedelta(hours=1) / wait) <= 800 + 1e-6


def test_each_kind_of_error_has_its_wait() -> None:
    def wait(error: Exception, failures: int = 1, in_a_row: int = 1) -> tuple[float, bool]:
        found = logic.after_error(error, failures=failures, in_a_row=in_a_row)
        return found.time.total_seconds(), found.everywhere

    assert wait(BudgetSpent("x", retry_after=1200)) == (1200, True)
    assert wait(RateLimited("x", retry_after=7)) == (7, True)
    assert wait(RateLimited("x")) == (15, True)
    assert wait(Unavailable("not linked", retry_after=60)) == (60, True)
    assert wait(Unavailable("x")) == (15, False)
    assert wait(Unavailable("x"), failures=3) == (60, False)
    assert wait(Unavailable("x"), failures=99) == (900, False)
    assert wait(Unavailable("x"), in_a_row=3) == (15, True)
    assert wait(Misconfigured("wrong token")) == (300, True)
    assert wait(Permanent("not in this group")) == (15, False)
    assert wait(Permanent("not in this group"), failures=99) == (3600, False)
    assert wait(ValueError("a fault of ours")) == (900, False)
    assert issubclass(BudgetSpent, Transient)


def status(*changes: tuple[str, bool, int], alarmed: bool = False) -> GatewayStatus:
    """A status whose changes happened so many minutes ago."""
    made = tuple(StateChange(state, working, NOW - ago * MINUTE) for state, working, ago in changes)
    return GatewayStatus(made[-1].state, made[-1].working, "", made[-1].at, NOW, alarmed, None, made)


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (status(("AUTH", True, 5)), None),
        (status(("AUTH", True, 5), ("QR", False, 0)), "lost"),
        (status(("AUTH", True, 5), ("QR", False, 0), alarmed=True), None),
        (status(("QR", False, 5), ("AUTH", True, 0), alarmed=True), "back"),
        (status(("AUTH", True, 5), ("LAUNCH", False, 2)), None),
        (status(("AUTH", True, 5), ("LAUNCH", False, 3)), "lost"),
        (status(("AUTH", True, 5), ("LAUNCH", False, 4), ("UNREACHABLE", False, 1)), "lost"),
        (GatewayStatus(), None),
    ],
    ids=["works", "not linked", "told before", "back", "starting", "starts too long", "changes while lost", "unknown"],
)
def test_the_operator_is_told_once_and_not_of_short_reconnects(seen: GatewayStatus, told: str | None) -> None:
    assert logic.alarm(seen, now=NOW, patience=3 * MINUTE) == told
