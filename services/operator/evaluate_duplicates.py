"""How well copies are told from updates, siblings and other calls, on labelled pairs: pairs in, figures out. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.extractor.likeness import VERDICTS, Compared, Post, compare
from shared.errors import Malformed

SAME = "same"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two posts, the second later, and what they are to each other. `held` pairs are put aside while tuning."""

    id: str
    first: Post
    second: Post
    verdict: str
    conflicts: tuple[str, ...] = ()
    kind: str = "unknown"
    hard: bool = False
    held: bool = False

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Pair:
        """A pair from a line of a file of pairs. Malformed, with what is wrong, where something is missing."""
        name, verdict = value.get("id"), value.get("verdict")
        if not isinstance(name, str) or not name:
            raise Malformed("a pair needs an id")
        if verdict not in VERDICTS:
            raise Malformed(f"pair {name!r}: verdict is one of {', '.join(VERDICTS)}, not {verdict!r}")
        conflicts = value.get("conflicts") or []
        if not isinstance(conflicts, list) or not all(isinstance(field, str) for field in conflicts):
            raise Malformed(f"pair {name!r}: conflicts is a list of field names")
        first, second = (_post(value.get(side), f"pair {name!r}: {side}") for side in ("first", "second"))
        return cls(
            id=name,
            first=first,
            second=second,
            verdict=verdict,
            conflicts=tuple(conflicts),
            kind=str(value.get("kind") or "unknown"),
            hard=bool(value.get("hard")),
            held=bool(value.get("held")),
        )


def _post(value: Any, where: str) -> Post:
    if not isinstance(value, Mapping) or not isinstance(value.get("text"), str) or not value["text"].strip():
        raise Malformed(f"{where} needs a text")
    try:
        sent_at = datetime.fromisoformat(value["sent_at"])
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed(f"{where}: sent_at is a time like 2026-11-20T18:00:00+03:00") from error
    if sent_at.tzinfo is None:
        raise Malformed(f"{where}: sent_at needs a time zone")
    return Post(value["text"], sent_at, str(value.get("group") or ""))


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair with what was said about it."""

    pair: Pair
    compared: Compared

    @property
    def wrong(self) -> bool:
        """Whether another verdict was given."""
        return self.pair.verdict != self.compared.verdict


@dataclass(frozen=True, slots=True)
class Report:
    """The figures over some pairs. Precision and recall are of the verdict same, and None where there is none."""

    judged: tuple[Judged, ...]

    @property
    def precision(self) -> float | None:
        """Share of the pairs called same that are."""
        return self._share(lambda one: one.compared.verdict == SAME)

    @property
    def recall(self) -> float | None:
        """Share of the pairs that are the same that were called so."""
        return self._share(lambda one: one.pair.verdict == SAME)

    @property
    def four_way_accuracy(self) -> float | None:
        """Share of the pairs with the right one of the four verdicts."""
        return sum(not one.wrong for one in self.judged) / len(self.judged) if self.judged else None

    @property
    def confusion(self) -> dict[str, dict[str, int]]:
        """Gold verdict → given verdict → how many."""
        counts = Counter((one.pair.verdict, one.compared.verdict) for one in self.judged)
        return {gold: {given: counts[gold, given] for given in VERDICTS} for gold in VERDICTS}

    @property
    def wrong(self) -> tuple[Judged, ...]:
        """The pairs with another verdict than the right one, wrong merges first."""
        return tuple(sorted((one for one in self.judged if one.wrong), key=lambda one: one.compared.verdict != SAME))

    def of(self, choose: Callable[[Pair], bool]) -> Report:
        """The report on some of the pairs."""
        return Report(tuple(one for one in self.judged if choose(one.pair)))

    def as_json(self) -> dict[str, Any]:
        """The figures as plain values; `hard` and `held` are the same over those pairs."""
        figures = self.figures()
        for name, some in (("hard", self.of(lambda pair: pair.hard)), ("held", self.of(lambda pair: pair.held))):
            if some.judged:
                figures[name] = some.figures()
        return figures

    def figures(self) -> dict[str, Any]:
        """The figures over exactly these pairs."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "four_way_accuracy": self.four_way_accuracy,
            "confusion": self.confusion,
            "n": len(self.judged),
        }

    def _share(self, chosen: Callable[[Judged], bool]) -> float | None:
        """Share of the chosen pairs that are the same and were called so."""
        among = [one for one in self.judged if chosen(one)]
        right = sum(one.pair.verdict == one.compared.verdict == SAME for one in among)
        return right / len(among) if among else None


def evaluate_duplicates(pairs: Iterable[Pair], judge: Callable[[Post, Post], Compared] = compare) -> Report:
    """Compares each pair with the code that the extractor runs."""
    return Report(tuple(Judged(pair, judge(pair.first, pair.second)) for pair in pairs))
