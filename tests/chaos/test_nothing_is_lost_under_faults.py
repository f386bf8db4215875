"""A bounded form of `make chaos`: the whole stack as processes, a dozen faults, the same oracle."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos import plan, report, run


@pytest.mark.slow
async def test_a_dozen_faults_lose_and_double_nothing(tmp_path: Path) -> None:
    # Without poison, which takes its worker down five times: a minute that the long form has.
    faults = plan.drawn("bounded", 12, every_s=1.5, poison=False)
    order = run.Order("bounded", faults, per_s=6, settle_within_s=240)
    outcome = await run.run(order, tmp_path)
    told = "\n".join([*report.lines(outcome), report.verdict(outcome)])
    assert outcome.found == [], told
    assert outcome.settled_s is not None, told
    assert {one.fault.kind for one in outcome.happened} == {kind.name for kind in plan.KINDS}
    assert outcome.recovery.keys() == {fault.number for fault in faults}, told
    assert outcome.evidence.calls, told
    assert outcome.evidence.decided, told
