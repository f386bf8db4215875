"""Figures in the reader's language: durations, rates, sums of money, and names of things that the machine calls."""

from __future__ import annotations

from services.publisher.overview.flow import Drop
from services.publisher.web.present import shown
from services.publisher.web.words import Words


def lasting(words: Words, seconds: float | None) -> str:
    """A length of time, roughly: "42 s", "3 min", "5 h", "2 days"."""
    if seconds is None:
        return "–"
    for unit, length, most in (("s", 1, 90), ("min", 60, 90 * 60), ("h", 3600, 48 * 3600)):
        if seconds < most:
            return words(f"status.lasting.{unit}", n=f"{seconds / length:,.0f}")
    return words("status.lasting.d", n=f"{seconds / 86_400:,.0f}")


def percent(rate: float | None, digits: int = 0) -> str:
    """A share of one, in a hundred; a dash where it is not known."""
    if rate is None:
        return "–"
    return f"{100 * rate:.{1 if 0 < rate < 0.1 and not digits else digits}f}%"


def dollars(amount: float | None) -> str:
    """US dollars, with as many places as small sums need."""
    if amount is None:
        return "–"
    text = f"${amount:,.2f}" if amount >= 1 or amount == 0 else f"${amount:.4f}"
    return f"\u2066{text}\u2069"  # isolated: in a line of Arabic the sign would change sides


def named(words: Words, room: str, name: str) -> str:
    """What the machine calls `name`, in words; the name itself where we have none."""
    key = f"{room}.{name}"
    return words(key) if words.has(key) else shown(name).replace("_", " ")


def drop_name(words: Words, drop: Drop) -> str:
    """Why messages did not go on."""
    kind, _, rest = drop.name.partition(".")
    if kind == "reason":
        return words("status.drop.reviewer", reason=named(words, "reason", rest))
    return named(words, "status.rule", rest) if kind == "rule" else named(words, "status.drop", drop.name)
