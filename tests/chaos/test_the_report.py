"""What a run says of itself: the verdict, the table, and wrong use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos import __main__ as command
from tests.chaos import report
from tests.chaos.faults import Happened
from tests.chaos.oracle import Finding
from tests.chaos.plan import drawn
from tests.chaos.run import Order, Outcome
from tests.chaos.testimony import Evidence

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


def outcome(*found: Finding, settled_s: float | None = 4.0) -> Outcome:
    faults = drawn("7", 30, every_s=1)
    return Outcome(
        order=Order("7", faults, per_s=8),
        found=list(found),
        happened=[Happened(fault, fault.at, fault.at + fault.lasts_s) for fault in faults],
        recovery={fault.number: float(fault.number) for fault in faults},
        not_recovered=0,
        last_recovery_s=3.0,
        settled_s=settled_s,
        took_s=60.0,
        longest_lag_s=5.0,
        evidence=Evidence(),
        events=400,
    )


def test_the_verdict_is_one_line_with_the_seed() -> None:
    line = report.verdict(outcome())
    assert line.startswith("PASSED: 30 faults, 400 messages, 0 lost, 0 doubled")
    assert "median 15.5 s, max 30.0 s, after the last fault 3.0 s" in line
    assert "\n" not in line
    assert "seed 7" in line


def test_a_loss_and_a_stack_that_does_not_settle_fail() -> None:
    lost = outcome(Finding("lost", "m-1", "is in no ledger"))
    assert not lost.passed
    assert report.verdict(lost).startswith("FAILED")
    assert "1 lost, 0 doubled" in report.verdict(lost)
    assert any("m-1: is in no ledger" in line for line in report.lines(lost))
    assert "NOT SETTLED" in report.verdict(outcome(settled_s=None))


def test_the_table_goes_between_its_marks_and_nothing_else_changes(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    assert report.takes_table(page)
    report.write(outcome(), page)
    once = page.read_text(encoding="utf-8")
    report.write(outcome(), page)
    assert page.read_text(encoding="utf-8") == once
    assert "| black-hole |" in once
    assert once.startswith(PAGE.read_text(encoding="utf-8").partition("<!--")[0])
    assert once.endswith(PAGE.read_text(encoding="utf-8").rpartition("-->")[2])


@pytest.mark.parametrize(
    "arguments",
    [["--faults", "0"], ["--faults", "x"], ["--rate", "0"], ["--nodes", "2"], ["--write", "no-such-page.md"], ["more"]],
)
def test_wrong_use_is_said_before_anything_runs(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        command.main(arguments)
    assert stopped.value.code == 2
    assert "usage:" in capsys.readouterr().err
