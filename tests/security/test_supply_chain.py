"""What is installed is what is locked, its list is valid, and an audit that could not ask is never a clean one."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"deploy_{name}", ROOT / "deploy" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def entries(lock: str) -> list[tuple[Requirement, str]]:
    """Each package of a lock file for this machine, with its own part of the text."""
    parts = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / "requirements" / lock).read_text())
    found = [(Requirement(part.split("\\\n")[0].strip()), part) for part in parts if "==" in part.split("\n")[0]]
    return [(needed, part) for needed, part in found if needed.marker is None or needed.marker.evaluate()]


@pytest.mark.parametrize("lock", ["runtime.lock", "dev.lock"])
def test_what_is_installed_is_what_is_locked(lock: str) -> None:
    found = {needed.name: (str(needed.specifier), f"=={metadata.version(needed.name)}") for needed, _ in entries(lock)}
    assert found
    assert {name: pair for name, pair in found.items() if pair[0] != pair[1]} == {}, "run `make setup`"


@pytest.mark.parametrize("lock", ["runtime.lock", "dev.lock"])
def test_every_locked_package_has_its_hashes(lock: str) -> None:
    assert [needed.name for needed, part in entries(lock) if "--hash=sha256:" not in part] == []


def test_the_image_and_make_install_nothing_without_a_hash() -> None:
    for path, lock in ((ROOT / "Dockerfile", "runtime.lock"), (ROOT / "Makefile", "dev.lock")):
        text = path.read_text()
        assert re.search(rf"pip install[^\n]*--require-hashes -r \S*{lock}", text), path


def test_the_list_of_the_image_s_parts_is_valid_and_whole(tmp_path: Path) -> None:
    target = tmp_path / "sbom.json"
    done = subprocess.run(
        [sys.executable, ROOT / "deploy" / "sbom.py", target], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    bom = json.loads(target.read_text())
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
    listed = {part["name"]: part for part in bom["components"]}
    assert listed.keys() == {needed.name.lower().replace("_", "-") for needed, _ in entries("runtime.lock")}
    assert [name for name, part in listed.items() if not part["hashes"] or not part["licenses"]] == []
    assert {edge["ref"] for edge in bom["dependencies"]} >= {part["bom-ref"] for part in listed.values()}
    direct = next(edge for edge in bom["dependencies"] if edge["ref"] == bom["metadata"]["component"]["bom-ref"])
    assert len(direct["dependsOn"]) > 15


PACKAGE = {"name": "thing", "version": "1.0", "vulns": []}
VULNERABLE = PACKAGE | {"vulns": [{"id": "X-2026-1", "fix_versions": ["1.1"], "aliases": [], "description": "d"}]}
SKIPPED = {"name": "other", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("printed", "code", "said"),
    [
        (json.dumps({"dependencies": [PACKAGE]}), 0, "0 vulnerabilities known"),
        (json.dumps({"dependencies": [PACKAGE, VULNERABLE]}), 1, "thing 1.0: X-2026-1, mended in 1.1"),
        (json.dumps({"dependencies": [PACKAGE, SKIPPED]}), 3, "NOT DONE"),
        (json.dumps({"dependencies": [VULNERABLE, SKIPPED]}), 1, "NOT DONE"),
        (json.dumps({"dependencies": []}), 3, "NOT DONE"),
        (json.dumps({"dependencies": None}), 3, "NOT DONE"),
        (json.dumps([]), 3, "NOT DONE"),
        ("", 3, "no route to the data"),
    ],
)
def test_an_audit_says_what_it_found_and_never_passes_without_having_asked(
    printed: str,
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    program = tmp_path / "pip_audit.py"
    program.write_text(f"import sys\nsys.stdout.write({printed!r})\nsys.exit('no route to the data')\n")
    audit = script("audit")
    real = audit.report
    monkeypatch.setattr(audit, "report", lambda lock, _program: real(lock, [sys.executable, str(program)]))
    monkeypatch.setattr(sys, "argv", ["audit.py", "requirements/runtime.lock"])
    assert audit.main() == code
    captured = capsys.readouterr()
    assert said in captured.out + captured.err
