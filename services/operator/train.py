"""`twin train`: the filter's weights anew, from the corpora and the reviewers' decisions, if they are no worse."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.operator.answers import FOUND, JsonOption, finish, run, show
from shared.errors import Misconfigured, TwinError

if TYPE_CHECKING:
    from services.filter.linear import Linear
    from services.operator.evaluate_filter import Figures, Judged, Row
    from shared.storage.tunings import Tuning

_FOLDER = Path(__file__).resolve().parents[2] / "tests" / "corpus"
CORPORA = (_FOLDER / "dev.jsonl", *sorted(_FOLDER.glob("extra*.jsonl")))
"""What the shipped model was trained on."""
FOLDS = 5
_NOISE_ALLOWED = 0.10  # false positives that more recall may cost, at most


class Refused(TwinError):
    """The new weights score lower than those that stand."""


@dataclass(frozen=True, slots=True)
class Part:
    """Figures on some of the held-back messages, of the old weights' training and of the new one."""

    name: str
    old: Figures
    new: Figures

    @property
    def lower(self) -> str | None:
        """In which way the new ones score lower: recall decides first, then the noise that passes."""
        old, new = self.old, self.new
        if (new.recall or 0.0) < (old.recall or 0.0):
            return f"of the calls among the {self.name} it finds {new.recall:.3f} instead of {old.recall:.3f}"
        was, is_now = old.false_positive_rate or 0.0, new.false_positive_rate or 0.0
        allowed = was if new.recall == old.recall else max(was, _NOISE_ALLOWED)
        return (
            f"of the noise among the {self.name} it passes {is_now:.3f} instead of {was:.3f}"
            if is_now > allowed
            else None
        )


@dataclass(frozen=True, slots=True)
class Trained:
    """The new model, learnt from all the messages, and the trial that says whether it may stand."""

    model: Linear
    known: int
    new: int
    parts: tuple[Part, ...]

    @property
    def refusal(self) -> str | None:
        """Why it may not stand; None where it may."""
        return "; ".join(lower for part in self.parts if (lower := part.lower)) or None


def train(
    corpus: Annotated[
        list[Path] | None, typer.Option(help="More labelled messages to learn from; may be given several times.")
    ] = None,
    from_reviews: Annotated[
        bool, typer.Option("--from-reviews", help="Also learn from what reviewers decided, from the database.")
    ] = False,
    install: Annotated[
        bool, typer.Option("--install", help="Let the running filters take it, in a few seconds.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Write the weights to this file.", show_default=False)] = None,
    seed: Annotated[int, typer.Option(help="Divides the messages; the same seed gives the same weights.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Train the filter's weights anew; exit code 1 when they score lower than the old ones on held-back messages."""
    found, standing = run(
        _trained(corpus or [], seed=seed, from_reviews=from_reviews, database=install or from_reviews)
    )
    document = _document(found)
    if found.refusal is None and out is not None:
        from services.operator.train_filter import write

        write(found.model, out)
        document["written"] = str(out)
    if found.refusal is None and install:
        document["installed"] = run(_install(found, standing))
    show(document, _lines(found, document), as_json=as_json)
    if found.refusal:
        sys.stderr.write(f"twin: refused: {found.refusal}\n")
        finish(FOUND)


def tried(known: Sequence[Row], new: Sequence[Row], *, seed: int) -> Trained:
    """Trains on all, and tries it on held-back messages.

    No message is judged by weights that were learnt from it: each fifth is held back in turn, and both what was known
    and what is known now are learnt without it. Copies and near-duplicates are held back together.
    """
    from services.operator import train_filter
    from services.operator.evaluate_filter import figures

    rows = [*known, *new]
    if len({row.is_call for row in rows}) < 2:
        raise Misconfigured("to learn, both calls and other messages are needed")
    fold_of = train_filter.folded(rows, folds=FOLDS, seed=seed)
    now = _held_back(rows, rows, fold_of, seed)
    before = _held_back(known, rows, fold_of, seed) if new else now
    fresh = {row.id for row in new}

    def part(name: str, *, of_new: bool) -> Part:
        both = [[one for one in judged if (one.row.id in fresh) is of_new] for judged in (before, now)]
        return Part(name, *map(figures, both))

    parts = [part("messages known before", of_new=False), *([part("new messages", of_new=True)] if new else [])]
    return Trained(train_filter.train(rows, seed=seed), len(known), len(new), tuple(parts))


def _held_back(learnt: Sequence[Row], rows: Sequence[Row], fold_of: Mapping[str, int], seed: int) -> list[Judged]:
    """All `rows`, each judged by weights that were learnt from `learnt` without the fold of that row."""
    from services.operator import train_filter
    from services.operator.evaluate_filter import Judged

    judged = []
    for fold in range(FOLDS):
        others = [row for row in learnt if fold_of[row.id] != fold]
        judge = train_filter.judge_of(train_filter.train(others, seed=seed))
        judged += [Judged(row, judge(row.text)) for row in rows if fold_of[row.id] == fold]
    return judged


async def _trained(
    corpora: Iterable[Path], *, seed: int, from_reviews: bool, database: bool
) -> tuple[Trained, Tuning | None]:
    """The trial, and the tuning that stands. What that one was trained on counts as known."""
    from services.operator import connections, labelled, reviews
    from shared.storage.mongo.cases import MongoCases
    from shared.storage.mongo.tunings import MongoTunings

    known = [row for path in CORPORA if path.is_file() for row in labelled.messages(path)]
    if not known:
        raise Misconfigured(f"{CORPORA[0]}: what the shipped weights were learnt from is needed: run it in a checkout")
    more = [row for path in corpora for row in labelled.messages(path)]
    standing: Tuning | None = None
    if database:
        async with connections.database() as mongo:
            tunings = MongoTunings(mongo)
            versions = await tunings.versions()
            standing = await tunings.get(versions[0]) if versions else None
            cases = await MongoCases(mongo).every() if from_reviews else []
        learnt = standing.at if standing and standing.model else None
        for case, row in zip(cases, reviews.rows_of(cases), strict=True):
            (known if learnt and case.at <= learnt else more).append(row)
    known = _once(known)
    return tried(known, _once(more, besides=known), seed=seed), standing


def _once(rows: Iterable[Row], *, besides: Iterable[Row] = ()) -> list[Row]:
    """Each row once, without those of `besides`. Misconfigured where one id has two texts."""
    texts = {row.id: row.text for row in besides}
    found: list[Row] = []
    for row in rows:
        if row.id not in texts:
            texts[row.id] = row.text
            found.append(row)
        elif texts[row.id] != row.text:
            raise Misconfigured(f"two messages are called {row.id!r}: give one another id")
    return found


async def _install(found: Trained, standing: Tuning | None) -> int:
    """Keeps the weights in the next version of the tuning, everything else in it as it stands; returns its number."""
    from services.operator import connections, tuning
    from shared.storage.mongo.tunings import MongoTunings

    def change(latest: Tuning) -> Tuning:
        if latest.model != (standing.model if standing else None):
            raise Refused("somebody has installed other weights meanwhile: train again")
        return replace(latest, model=found.model.dump())

    note = f"trained on {found.known + found.new} messages, {found.new} of them new"
    async with connections.database() as mongo:
        return (await tuning.made(MongoTunings(mongo), change, note=note, by="twin train")).version


def _document(found: Trained) -> dict[str, Any]:
    parts = {part.name: {"old": asdict(part.old), "new": asdict(part.new)} for part in found.parts}
    counts = {"known": found.known, "new": found.new, "weights": len(found.model.weights)}
    return {"messages": counts, "held_back": parts, "refused": found.refusal}


def _lines(found: Trained, document: dict[str, Any]) -> list[str]:
    from services.operator.figures import Table

    rows = tuple(
        (part.name, which, figures.recall, figures.false_positive_rate, figures.n)
        for part in found.parts
        for which, figures in (("old", part.old), ("new", part.new))
    )
    table = Table("", ("held back", "weights", "recall", "false positives", "n"), rows)
    done = [f"{name}: {document[name]}" for name in ("written", "installed") if name in document]
    verdict = "refused" if found.refusal else "no worse than before"
    return [*table.lines(), "", f"{len(found.model.weights)} weights, {verdict}", *done]
