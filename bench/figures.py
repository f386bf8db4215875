"""Small arithmetic over rounds: medians, and the spread beside them so that noise shows."""

from __future__ import annotations

from statistics import median
from typing import Any


def spread(values: list[float], digits: int = 1) -> dict[str, float]:
    """Lowest, median and highest of the rounds."""
    return {
        "min": round(min(values), digits),
        "median": round(median(values), digits),
        "max": round(max(values), digits),
    }


def ratio(a: list[float], b: list[float]) -> dict[str, float]:
    """a/b round by round (the two ran side by side), as lowest, median and highest."""
    return spread([x / y for x, y in zip(a, b, strict=True)], digits=2)


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def judged(value: float, target: float, *, at_least: bool) -> dict[str, Any]:
    """A figure beside its target."""
    return {"value": value, "target": target, "met": value >= target if at_least else value <= target}
