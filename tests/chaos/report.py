"""What a run has to say: lines for the eye, a table in Markdown for docs/reliability.md."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from statistics import median

from tests.chaos.oracle import summary
from tests.chaos.run import Outcome

_BEGIN, _END = "<!-- chaos table: begin -->", "<!-- chaos table: end -->"
_MOST_SHOWN = 30


def verdict(outcome: Outcome) -> str:
    """The last line."""
    word = "PASSED" if outcome.passed else "FAILED"
    late = "" if outcome.settled_s is not None else ", NOT SETTLED IN TIME"
    return (
        f"{word}: {len(outcome.happened)} faults, {outcome.events} messages, {summary(outcome.found)}{late}; "
        f"recovery median {_seconds(_median(outcome))}, max {_seconds(_longest(outcome))}, "
        f"after the last fault {_seconds(outcome.last_recovery_s)} (seed {outcome.order.seed})"
    )


def lines(outcome: Outcome) -> list[str]:
    """Everything before that line."""
    evidence = outcome.evidence
    states = Counter(entry.state for entry in evidence.ledger.values())
    statuses = Counter(call.status for call in evidence.calls.values())
    times = outcome.recovery
    distinct = {(one.call_id, one.revision) for one in evidence.told}
    made = [
        f"seed {outcome.order.seed}, {outcome.order.per_s:g} messages/s, took {outcome.took_s:.0f} s",
        "",
        f"{'fault':16} {'number':>6} {'median s':>9} {'max s':>7}",
        *(f"{kind:16} {number:>6} {middle:>9} {most:>7}" for kind, number, middle, most in _by_kind(outcome)),
        "",
        f"sent: {len(evidence.posts)} posts, {len(evidence.edits)} edits, {len(evidence.deletions)} deletions, "
        f"{len(evidence.poison)} poisoned",
        f"ledger: {_counted(states)}",
        f"calls: {_counted(statuses)}",
        f"decisions acknowledged: {len(evidence.decided)}; the desk's refusals and silences: "
        f"{_counted(Counter(outcome.desk_failures))}",
        f"approved: {len(evidence.told)} events, {len(distinct)} after dedup",
        f"processes that ended by themselves: {_counted(outcome.deaths)}",
        f"recovered from {len(times)} of {len(times) + outcome.not_recovered} faults; longest lag of any message "
        f"{outcome.longest_lag_s:.1f} s; all settled {_seconds(outcome.settled_s)} after the load's end",
    ]
    shown = [f"{one.verdict.upper():14} {one.id}: {one.what}" for one in outcome.found[:_MOST_SHOWN]]
    more = len(outcome.found) - len(shown)
    return [*made, *([""] if shown else []), *shown, *([f"… and {more} more"] if more > 0 else [])]


def table(outcome: Outcome) -> str:
    """The table of a run in Markdown, between its marks."""
    rows = [f"| {kind} | {number} | {middle} | {most} |" for kind, number, middle, most in _by_kind(outcome)]
    return "\n".join(
        [
            _BEGIN,
            f"`make chaos SEED={outcome.order.seed} FAULTS={len(outcome.happened)}`: {verdict(outcome)}",
            "",
            "| fault | number | recovery, median s | recovery, max s |",
            "|---|---:|---:|---:|",
            *rows,
            _END,
        ]
    )


def takes_table(path: Path) -> bool:
    """Whether there is such a page, with the marks between which the table goes."""
    page = path.read_text(encoding="utf-8") if path.is_file() else ""
    return -1 < page.find(_BEGIN) < page.find(_END)


def write(outcome: Outcome, path: Path) -> None:
    """Puts the table where the page has its marks: `takes_table` says whether it has."""
    before, _, rest = path.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    path.write_text(before + table(outcome) + after, encoding="utf-8")


def _by_kind(outcome: Outcome) -> list[tuple[str, int, str, str]]:
    times: defaultdict[str, list[float]] = defaultdict(list)
    numbers = Counter(_name(one.fault.kind, one.fault.target) for one in outcome.happened)
    for one in outcome.happened:
        if (took := outcome.recovery.get(one.fault.number)) is not None:
            times[_name(one.fault.kind, one.fault.target)].append(took)
    rows = []
    for kind in sorted(numbers):
        took_s = times[kind]
        middle, most = (f"{median(took_s):.1f}", f"{max(took_s):.1f}") if took_s else ("-", "-")
        rows.append((kind, numbers[kind], middle, most))
    return rows


def _name(kind: str, target: str) -> str:
    return f"{kind} {target}" if kind in ("kill", "kill-server", "restart-server") else kind


def _median(outcome: Outcome) -> float | None:
    return median(outcome.recovery.values()) if outcome.recovery else None


def _longest(outcome: Outcome) -> float | None:
    return max(outcome.recovery.values(), default=None)


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.most_common()) or "none"
