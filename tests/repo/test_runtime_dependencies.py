"""What runs in the image needs nothing that only a developer installs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from services.operator.stack import SERVICES

ROOT = Path(__file__).parents[2]


def developers_only() -> set[str]:
    """Import names of what dev.lock has and runtime.lock has not, as far as they are like the package's."""
    locked = {
        name: set(re.findall(r"^([a-z0-9_.-]+)==", (ROOT / "requirements" / name).read_text(), re.MULTILINE))
        for name in ("runtime.lock", "dev.lock")
    }
    names = {name.replace("-", "_") for name in locked["dev.lock"] - locked["runtime.lock"]}
    return names | {"yaml"} if "pyyaml" in names else names


@pytest.mark.parametrize(
    "module", ["services.operator.cli", *(f"services.{name}.app" for name in (*SERVICES, "sandbox"))]
)
def test_it_imports_without_developers_packages(module: str) -> None:
    code = f"import sys; sys.modules.update(dict.fromkeys({sorted(developers_only())!r})); import {module}"
    process = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr[-1000:]
