"""Which weights may stand: recall decides first, then the noise that passes."""

from __future__ import annotations

import pytest

from services.operator.evaluate_filter import Figures, Row
from services.operator.train import Part, _once
from services.publisher.overview.missed import missed_rate
from shared.errors import Misconfigured


def figures(recall: float | None, noise: float | None) -> Figures:
    return Figures(recall=recall, precision=None, false_positive_rate=noise, f1=None, n=100)


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        ((0.98, 0.08), (0.98, 0.08), False),
        ((0.98, 0.08), (0.99, 0.05), False),
        ((0.98, 0.08), (0.97, 0.01), True),  # a lost call outweighs all noise
        ((0.98, 0.08), (0.98, 0.09), True),
        ((0.98, 0.08), (0.99, 0.10), False),  # more calls may cost some noise
        ((0.98, 0.08), (1.00, 0.50), True),  # but not any
        ((0.98, 0.20), (0.99, 0.20), False),
        ((None, 0.08), (None, 0.09), True),  # no call among them: the noise decides
        ((0.98, None), (0.98, None), False),
    ],
)
def test_lower_is_lower(old: tuple[float, float], new: tuple[float, float], refused: bool) -> None:
    assert (Part("messages", figures(*old), figures(*new)).lower is not None) is refused


def test_a_message_counts_once_and_two_of_one_name_are_refused() -> None:
    first, again, other = Row("1", "a", True), Row("1", "a", True), Row("2", "b", False)
    assert _once([first, again, other]) == [first, other]
    assert _once([first, other], besides=[again]) == [other]
    with pytest.raises(Misconfigured, match="'1'"):
        _once([first, Row("1", "c", True)])


def test_the_rate_of_missed_calls_has_wilsons_interval() -> None:
    rate, low, high = missed_rate(100, 2, 10**9)
    assert (round(rate, 3), round(low, 4), round(high, 4)) == (0.02, 0.0055, 0.07)


def test_nothing_checked_leaves_everything_open() -> None:
    assert missed_rate(0, 0, 500) == (0.0, 0.0, 1.0)


def test_no_miss_among_few_still_leaves_room_and_all_checked_leaves_none() -> None:
    _, low, high = missed_rate(10, 0, 10_000)
    assert low == 0.0
    assert high > 0.2
    assert missed_rate(10, 3, 10) == (0.3, 0.3, 0.3)
