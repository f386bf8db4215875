"""Rhythms, flows, outcomes and the pictures drawn of them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from services.publisher.overview.flow import Drop, flow_of
from services.publisher.overview.missed import missed_rate
from services.publisher.overview.outcomes import Outcome, checked, judged, quantile
from services.publisher.overview.rhythm import Pulse, learnt
from services.publisher.web.admin_words import dollars, lasting, percent
from services.publisher.web.plots import HEIGHT, WIDTH, bands, bars
from services.publisher.web.words import Words
from shared.storage.calls import Status
from shared.storage.ledger import State
from shared.storage.totals import Fate

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday, 15:00 in Riyadh
DAY = timedelta(days=1)
BEGAN = NOW - 40 * DAY


def every_day(*hours: int, days: int = 28, until: datetime = NOW) -> list[datetime]:
    """Messages at these hours (UTC) of each day."""
    midnight = until.replace(hour=0)
    found = [midnight - number * DAY + timedelta(hours=hour) for number in range(days) for hour in hours]
    return [at for at in found if at <= until]


# ---- rhythm


def test_a_night_without_messages_is_usual_for_a_group_that_sleeps_at_night() -> None:
    rhythm = learnt(every_day(*range(8, 21)), began=NOW - 28 * DAY, now=NOW)
    evening, morning = NOW.replace(hour=20, minute=59) - DAY, NOW.replace(hour=7, minute=59)
    assert rhythm.pulse(evening, morning) is Pulse.USUAL
    assert rhythm.pulse(evening, NOW.replace(hour=9)) is Pulse.QUIET  # one lively hour without a word
    assert rhythm.pulse(evening, NOW) is Pulse.SILENT


def test_a_group_with_one_message_a_week_may_be_silent_for_days() -> None:
    heard = [NOW - timedelta(weeks=week) for week in range(8)] + [
        NOW - timedelta(weeks=week, hours=1) for week in range(4)
    ]
    rhythm = learnt(heard, began=NOW - 56 * DAY, now=NOW)
    assert rhythm.pulse(NOW, NOW + 5 * DAY) is Pulse.USUAL
    assert rhythm.pulse(NOW, NOW + 40 * DAY) is Pulse.SILENT


def test_a_silent_weekend_is_usual_where_weekends_are_silent() -> None:
    workdays = [at for at in every_day(*range(6, 18), days=42) if at.weekday() not in (4, 5)]
    rhythm = learnt(workdays, began=NOW - 42 * DAY, now=NOW)
    thursday, saturday, sunday = datetime(2026, 11, 19, 17, 59, tzinfo=UTC), 21, 22
    assert rhythm.pulse(thursday, datetime(2026, 11, saturday, 20, 0, tzinfo=UTC)) is Pulse.USUAL
    assert rhythm.pulse(thursday, datetime(2026, 11, sunday, 16, 0, tzinfo=UTC)) is Pulse.SILENT


def test_a_flood_in_one_hour_makes_no_rhythm() -> None:
    assert learnt([NOW - DAY] * 5000, began=BEGAN, now=NOW).pulse(NOW - DAY, NOW) is Pulse.UNKNOWN


def test_a_new_group_is_learnt_before_it_is_judged() -> None:
    rhythm = learnt(every_day(*range(24), days=2), began=NOW - 2 * DAY, now=NOW)
    assert rhythm.pulse(NOW - 2 * DAY, NOW) is Pulse.UNKNOWN
    assert rhythm.pulse(None, NOW) is Pulse.UNKNOWN


def test_a_short_silence_is_never_odd_however_lively_the_group() -> None:
    rhythm = learnt(every_day(*range(24), days=56), began=NOW - 56 * DAY, now=NOW)
    assert rhythm.pulse(NOW - timedelta(hours=2, minutes=50), NOW) is Pulse.USUAL
    assert rhythm.pulse(NOW - timedelta(hours=4), NOW) is Pulse.QUIET


def test_the_chance_of_silence_falls_with_its_length() -> None:
    rhythm = learnt(every_day(9, 15, 20), began=BEGAN, now=NOW)
    chances = [rhythm.chance_of_silence(NOW, NOW + timedelta(hours=hours)) for hours in range(0, 96, 7)]
    assert chances[0] == 1.0
    assert chances == sorted(chances, reverse=True)
    assert 0 < chances[-1] < 0.01


# ---- flow


def outcome(status: Status, reason: str | None = None, *, check: bool = False, waited_s: float = 60) -> Outcome:
    return Outcome(1, "g", status, reason, check, date(2026, 11, 20), waited_s)


def fate(state: State, rule: str = "sure_call", stage: str = "filter", *, checked: bool = False) -> Fate:
    return Fate("g", state, rule, stage, checked)


COUNTS = {
    fate(State.REJECTED, "sure_noise"): 50,
    fate(State.NO_TEXT, "no_text"): 20,
    fate(State.DUPLICATE): 6,
    fate(State.DEAD, stage="filter"): 1,
    fate(State.NOT_A_CALL, stage="extractor"): 5,
    fate(State.DUPLICATE, stage="extractor"): 2,
    fate(State.CANDIDATE): 3,
    fate(State.DEAD, stage="extractor"): 1,
    fate(State.CALL, stage="publisher"): 9,
    fate(State.CALL, "scored_noise", "publisher", checked=True): 1,
}
CALLS = [
    *[outcome(Status.APPROVED)] * 4,
    *[outcome(Status.PENDING)] * 2,
    outcome(Status.REJECTED, "not_a_call"),
    outcome(Status.EXPIRED),
]


def test_the_flow_names_every_drop_and_loses_nothing() -> None:
    flow = flow_of(COUNTS, CALLS)
    assert [(stage.name, stage.number) for stage in flow] == [
        ("received", 98),
        ("candidates", 21),
        ("calls", 8),
        ("published", 5),
    ]
    for stage, following in pairwise(flow):
        assert stage.number - sum(drop.number for drop in stage.drops) == following.number
    assert flow[0].drops == (
        Drop("rule.sure_noise", 50),
        Drop("rule.no_text", 20),
        Drop("copy", 6),
        Drop("dead.filter", 1, "failed"),
    )
    assert flow[1].drops == (
        Drop("not_a_call", 5),
        Drop("copy", 2),
        Drop("in_work", 3, "waiting"),
        Drop("dead.extractor", 1, "failed"),
        Drop("known_call", 2),
    )
    assert flow[2].drops == (Drop("pending", 2, "waiting"), Drop("reason.not_a_call", 1))


def test_a_flow_of_nothing_is_empty_and_can_be_drawn() -> None:
    flow = flow_of({}, [])
    assert [(stage.number, stage.drops) for stage in flow] == [(0, ())] * 4
    assert [band.trunk for band in bands(flow)] == [""] * 4


def test_the_trunk_narrows_by_what_leaves_and_stays_inside_the_picture() -> None:
    rows = bands(flow_of(COUNTS, CALLS))
    widths = [float(re.findall(r"H([\d.]+)", row.trunk)[0]) if row.trunk else 0.0 for row in rows]
    assert widths == sorted(widths, reverse=True)
    for row in rows:
        for number in map(float, re.findall(r"[\d.]+", row.trunk + row.branch)):
            assert 0 <= number <= max(WIDTH, HEIGHT)
    assert rows[1].share == pytest.approx(50 / 98)


def test_bars_are_true_to_their_values_and_leave_out_what_is_unknown() -> None:
    drawn = bars([4.0, None, 2.0, 0.0])
    assert drawn[1] is None
    heights = [bar.height for bar in drawn if bar]
    assert heights == [HEIGHT, HEIGHT / 2, 0.0]
    assert bars([]) == []


# ---- what reviewers found


def test_the_false_positive_rate_counts_only_what_a_decision_says() -> None:
    rows = [
        outcome(Status.APPROVED),
        outcome(Status.WITHDRAWN, "deleted"),
        outcome(Status.REJECTED, "not_a_call"),
        outcome(Status.REJECTED, "duplicate"),  # a call, and known already
        outcome(Status.REJECTED, "over"),  # does not say
        outcome(Status.PENDING),
        outcome(Status.REJECTED, "not_a_call", check=True),  # the filter had stopped it: rightly
    ]
    found = judged(rows)
    assert (found.judged, found.false, found.rate) == (4, 1, 0.25)
    assert judged([]).rate is None


def test_the_sample_of_rejections_tells_what_the_filter_missed() -> None:
    rows = [outcome(Status.APPROVED, check=True), *[outcome(Status.REJECTED, "not_a_call", check=True)] * 9]
    found = checked([*rows, outcome(Status.APPROVED)])
    assert (found.judged, found.false) == (10, 1)
    rate, low, high = missed_rate(found.judged, found.false, 400)
    assert low < rate < high
    assert missed_rate(0, 0, 400) == (0.0, 0.0, 1.0)


def test_quantiles_are_values_that_occurred() -> None:
    assert quantile([5, 1, 3], 0.5) == 3
    assert quantile(range(100), 0.95) == 95
    assert quantile([], 0.5) is None


# ---- figures in words


def test_figures_are_rounded_for_eyes() -> None:
    words = Words("en")
    assert [lasting(words, s) for s in (None, 0.4, 89, 90, 5399, 5400, 200_000)] == [
        "–", "0 s", "89 s", "2 min", "90 min", "2 h", "2 days",
    ]  # fmt: skip
    assert [percent(rate) for rate in (None, 0, 0.004, 0.25, 1)] == ["–", "0%", "0.4%", "25%", "100%"]
    told = [dollars(sum).strip("\u2066\u2069") for sum in (None, 0, 0.0072, 12.5)]
    assert told == ["–", "$0.00", "$0.0072", "$12.50"]
