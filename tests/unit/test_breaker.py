"""When a stage stops by itself, tries again, and goes on."""

from __future__ import annotations

import pytest

from shared.broker.breaker import Breaker, Limits, StageStopped
from shared.observability import metrics

LIMITS = Limits(share=0.5, least=3, window_s=100, pause_s=10)


class Watch:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def breaker(watch: Watch) -> Breaker:
    return Breaker("filter", LIMITS, clock=watch)


def died(breaker: Breaker, number: int) -> None:
    for _ in range(number):
        breaker.died("invalid")


def test_few_deaths_or_a_small_share_of_them_stop_nothing(breaker: Breaker) -> None:
    died(breaker, 2)
    assert breaker.take(100) == 100
    breaker.handled(50)
    died(breaker, 48)
    assert not breaker.stopped
    breaker.check()


def test_a_stage_that_kills_most_of_its_messages_takes_no_more_and_says_why(breaker: Breaker) -> None:
    breaker.handled(2)
    died(breaker, 3)
    assert breaker.take(100) == 0
    with pytest.raises(StageStopped, match="3 of 5 died within 100 s, the last of invalid; tries one in 10 s"):
        breaker.check()
    assert metrics.REGISTRY.get_sample_value("twin_stopped", {"stage": "filter"}) == 1


def test_deaths_of_another_time_do_not_count(breaker: Breaker, watch: Watch) -> None:
    died(breaker, 2)
    watch.now += 101
    died(breaker, 1)
    assert not breaker.stopped


def test_after_the_pause_one_alone_is_tried_and_if_it_is_handled_the_stage_goes_on(
    breaker: Breaker, watch: Watch
) -> None:
    died(breaker, 3)
    watch.now += 9.9
    assert breaker.take(100) == 0
    watch.now += 0.1
    assert breaker.take(100) == 1
    assert breaker.take(100) == 0, "one alone"
    breaker.handled()
    assert breaker.take(100) == 100
    died(breaker, 2)
    assert not breaker.stopped, "what died before the pause is forgotten"


def test_each_trial_that_dies_makes_the_next_pause_twice_as_long_up_to_a_limit(breaker: Breaker, watch: Watch) -> None:
    died(breaker, 3)
    for pause in (10, 20, 40, 80, 160, 160):
        watch.now += pause - 0.1
        assert breaker.take() == 0
        watch.now += 0.1
        assert breaker.take() == 1
        died(breaker, 1)
    watch.now += 160
    assert breaker.take() == 1
    breaker.handled()
    died(breaker, 3)
    watch.now += 10
    assert breaker.take() == 1, "a new stop begins with a short pause"


def test_a_trial_that_says_nothing_is_followed_by_another(breaker: Breaker, watch: Watch) -> None:
    died(breaker, 3)
    watch.now += 10
    assert breaker.take() == 1
    breaker.not_taken()
    assert breaker.take() == 1
    watch.now += 121
    assert breaker.take() == 1, "nothing was heard of the second"


def test_what_was_under_way_when_it_stopped_changes_nothing(breaker: Breaker, watch: Watch) -> None:
    died(breaker, 3)
    breaker.handled(5)
    died(breaker, 1)
    assert breaker.take() == 0
    watch.now += 10
    assert breaker.take() == 1


def test_a_long_window_is_kept_in_few_parts(breaker: Breaker, watch: Watch) -> None:
    for _ in range(10_000):
        watch.now += 0.1
        breaker.handled()
    assert len(breaker._parts) <= 22
