"""Asks the public data on vulnerabilities about every locked package, and never passes without having asked.

    python deploy/audit.py [LOCK …]       both lock files by default; `make audit`

Exit code 0: asked, nothing known. 1: vulnerabilities, listed. 3: the data could not be reached, so nothing is known;
then the lock files with their hashes are all that holds, and this says so.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements/runtime.lock", "requirements/dev.lock")
CLEAN, FOUND, NOT_ASKED = 0, 1, 3
_WITHIN_S = 600


def report(lock: str, program: list[str]) -> dict[str, Any] | str:
    """What the audit of this lock file found; why it found nothing out, as words, where it could not ask."""
    options = ["--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    command = [*program, "--requirement", lock, *options]
    try:
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_WITHIN_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{type(error).__name__}: {error}"
    try:
        found = json.loads(answer.stdout)
        return dict(found) if isinstance(found["dependencies"], list) else "no list of dependencies"
    except (ValueError, KeyError, TypeError):
        lines = [line for line in answer.stderr.strip().splitlines() if line.strip()]
        return lines[-1].strip()[:300] if lines else f"no answer, exit code {answer.returncode}"


def vulnerable(found: dict[str, Any]) -> list[str]:
    """A line for each vulnerability: the package, the id, the versions that mend it."""
    return [
        f"{package['name']} {package['version']}: {one['id']}, mended in {', '.join(one['fix_versions']) or 'none'}"
        for package in found["dependencies"]
        for one in package.get("vulns", ())
    ]


def unknown(found: dict[str, Any]) -> str:
    """Of how many packages nothing could be found out, with the first reason; empty where all were looked up."""
    if not found["dependencies"]:
        return "the list of packages is empty"
    reasons = [str(one["skip_reason"]) for one in found["dependencies"] if "skip_reason" in one]
    return f"{len(reasons)} of {len(found['dependencies'])} packages, such as: {reasons[0]}" if reasons else ""


def main() -> int:
    """Audits each lock file; the worst of the exit codes."""
    locks, code = tuple(sys.argv[1:]) or LOCKS, CLEAN
    for lock in locks:
        found = report(lock, [sys.executable, "-m", "pip_audit"])
        if why := found if isinstance(found, str) else unknown(found):
            print(f"audit: NOT DONE for {lock}, its vulnerabilities are not known: {why}", file=sys.stderr)
            print("audit: what holds are the versions and hashes of the lock file", file=sys.stderr)
            code = code or NOT_ASKED
        lines = [] if isinstance(found, str) else vulnerable(found)
        if lines or not why:
            print("\n  ".join([f"audit: {lock}: {len(lines)} vulnerabilities known", *lines]))
        code = FOUND if lines else code
    return code


if __name__ == "__main__":
    sys.exit(main())
