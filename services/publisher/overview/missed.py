"""How many calls the filter misses, estimated from the sample of its rejections that reviewers check."""

from __future__ import annotations

from math import sqrt

_95_PERCENT = 1.959964


def missed_rate(checked: int, missed: int, rejected: int) -> tuple[float, float, float]:
    """(rate, low, high): the share of calls among the rejections, with Wilson's interval of 95 %.

    `missed` of the `checked` ones were calls; `rejected` is how many rejections there are in all: where the sample is
    a good part of them, less is left unknown and the interval is narrower. Nothing checked says nothing: (0, 0, 1).
    """
    if checked <= 0:
        return 0.0, 0.0, 1.0
    rate = missed / checked
    unseen = max(0.0, 1 - checked / rejected) if rejected else 1.0
    spread = _95_PERCENT**2 * unseen / checked
    middle = (rate + spread / 2) / (1 + spread)
    half = sqrt(spread * rate * (1 - rate) + spread**2 / 4) / (1 + spread)
    return rate, max(0.0, middle - half), min(1.0, middle + half)
