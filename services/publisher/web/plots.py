"""Pictures drawn by hand as SVG shapes: plain numbers in, path data out. The words stand beside them, in HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.publisher.overview.flow import Drop, Stage

WIDTH: Final = 100.0
HEIGHT: Final = 40.0
_TRUNK: Final = 62.0  # of the width, for all that was received
_LEAST: Final = 0.7
_THICKEST: Final = 26.0


@dataclass(frozen=True, slots=True)
class Band:
    """One row of the flow: a stage, or what dropped out of it. Drawn from the reading side's edge, top to bottom."""

    stage: Stage | None
    drop: Drop | None
    trunk: str  # path of what goes on
    branch: str  # path of what leaves here; empty for a stage
    share: float  # of all that was received, 0..1


def bands(flow: Sequence[Stage]) -> list[Band]:
    """The rows of this flow. Widths are true to the numbers; what is there at all stays visible."""
    total = max((stage.number for stage in flow), default=0)
    rows = []
    for stage in flow:
        left = stage.number
        rows.append(Band(stage, None, _block(_width(left, total)), "", _share(left, total)))
        for drop in stage.drops:
            rows.append(_leaving(drop, left, left - drop.number, total))
            left -= drop.number
    return rows


def _leaving(drop: Drop, before: int, after: int, total: int) -> Band:
    wide, narrow = _width(before, total), _width(after, total)
    thick = min(_THICKEST, max(_LEAST * 2, (wide - narrow) * 0.6))
    top, bottom = (HEIGHT - thick) / 2, (HEIGHT + thick) / 2
    bend, inner = wide + (WIDTH - wide) * 0.25, max(narrow, wide - max(wide - narrow, _LEAST))
    outer = f"M{wide:.2f} 0C{wide:.2f} {top:.2f} {wide:.2f} {top:.2f} {bend:.2f} {top:.2f}"
    end = f"L{WIDTH:g} {top:.2f}L{WIDTH:g} {bottom:.2f}L{bend:.2f} {bottom:.2f}"
    branch = f"{outer}{end}C{inner:.2f} {bottom:.2f} {inner:.2f} {bottom:.2f} {inner:.2f} 0Z"
    return Band(None, drop, _block(narrow), branch, _share(drop.number, total))


def _block(width: float) -> str:
    return f"M0 0H{width:.2f}V{HEIGHT:g}H0Z" if width else ""


def _width(number: int, total: int) -> float:
    return max(_LEAST, _TRUNK * number / total) if number and total else 0.0


def _share(number: int, total: int) -> float:
    return number / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it begins and how high it is, in a picture of 100 by 40."""

    x: float
    y: float
    width: float
    height: float


def bars(values: Sequence[float | None], *, most: float | None = None, gap: float = 0.22) -> list[Bar | None]:
    """A bar for each value, None where there is none; the highest (or `most`) fills the height."""
    top = most or max((value for value in values if value is not None), default=0.0)
    step = WIDTH / max(1, len(values))
    return [
        None if value is None else _bar(number * step, step * (1 - gap), value / top if top else 0.0, shown=value > 0)
        for number, value in enumerate(values)
    ]


def _bar(x: float, width: float, share: float, *, shown: bool) -> Bar:
    height = max(_LEAST, min(1.0, share) * HEIGHT) if shown else 0.0
    return Bar(round(x, 2), round(HEIGHT - height, 2), round(width, 2), round(height, 2))
