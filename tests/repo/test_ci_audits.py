"""The CI asks for known vulnerabilities before it tests: one stops it, and an audit that was not done is told."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CI = Path(__file__).parents[2] / ".ci"


@pytest.mark.parametrize(
    ("code", "goes_on", "said"),
    [
        (0, True, "nothing is known against"),
        (3, True, "nobody could be asked; what holds are the locked versions with their hashes"),
        (1, False, "raise what is vulnerable"),
        (2, False, "exit code 2"),
    ],
)
def test_a_known_vulnerability_stops_the_run_and_an_audit_not_done_is_told(
    code: int, goes_on: bool, said: str, tmp_path: Path
) -> None:
    (tmp_path / ".ci").mkdir()
    (tmp_path / "deploy").mkdir()
    shutil.copy(CI / "audit", tmp_path / ".ci" / "audit")
    (tmp_path / "deploy" / "audit.py").write_text(f"raise SystemExit({code})\n")
    done = subprocess.run(
        [tmp_path / ".ci" / "audit", sys.executable], cwd="/", capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) is goes_on
    assert said in done.stdout + done.stderr


def test_the_run_audits_before_it_tests_and_stops_at_the_first_failure() -> None:
    lines = (CI / "run").read_text().splitlines()
    assert "set -euo pipefail" in lines
    assert lines.index("make setup") < lines.index(".ci/audit") < lines.index("make test")
