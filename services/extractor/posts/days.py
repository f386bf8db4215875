"""Days that a post names, and whether two posts name the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.extractor.posts.words import is_arabic


@dataclass(frozen=True, slots=True)
class Day:
    """Days that the text names: resolved, and in its own words, which a forward of the next day still has."""

    start: date | None
    end: date | None
    words: str
    deadline: bool = False
    loose: bool = False  # a whole week or month

    def fits(self, other: Day, *, exact: bool = False) -> bool:
        """Whether both name the same days, or one of them less exactly (an end, the month, the weekday). `exact`: a
        span and its first day alone are not the same.
        """
        if self.words == other.words:
            return True
        if self.vague or other.vague:
            return not (self.vague and other.vague and is_arabic(self.words) == is_arabic(other.words))
        if (self.start, self.end) == (other.start, other.end):
            return True
        if self.loose or other.loose:
            return self.covers(other) or other.covers(self)
        if exact and self.start and self.end and other.start and other.end:
            return False
        if self.single or other.single:
            return self.start in (other.start, other.end) or other.start in (self.start, self.end)
        return self.start == other.start and None in (self.end, other.end)

    @property
    def vague(self) -> bool:
        """Whether no day can be named ("mid January")."""
        return self.start is None and self.end is None

    @property
    def single(self) -> bool:
        """Whether it is one day."""
        return self.start == self.end

    def covers(self, other: Day) -> bool:
        """Whether the other's days are all among its own."""
        if None in (self.start, self.end, other.start, other.end):
            return False
        return self.start <= other.start and other.end <= self.end  # type: ignore[operator]
