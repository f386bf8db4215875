"""Fuzzing guided by coverage, with atheris (extra `fuzz`): `python -m tests.hostile.fuzz_guided TARGET [options]`.

The targets are those of `targets.py`; the options are libFuzzer's, such as `-max_total_time=60`, `-seed=1`, or a file
that was found, to run it again. It goes on until something breaks. Exit code 2 where atheris is missing or no target is
named; libFuzzer's own (77) where something broke: what broke it then lies in a file that the output names.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from types import ModuleType

NAMES = ("wire", "folding", "parsers", "judged", "offline", "grounding", "model", "everything")
USAGE = f"usage: python -m tests.hostile.fuzz_guided {'|'.join(NAMES)} [libFuzzer's options]"
MISSING = (
    "fuzz_guided: atheris is not installed; it is no part of `make setup`, since not every machine has a wheel of it:\n"
    "  .venv/bin/python -m pip install 'atheris>=3.0'\n"
    "`make fuzz` needs nothing more, and `make test` runs the same targets on bytes by chance."
)
_DEFAULTS = {"-max_len=": "512", "-timeout=": "30", "-rss_limit_mb=": "2048"}
WRONG = 2


def fuzzer() -> ModuleType | None:
    """The library, None where it is not installed."""
    try:
        return importlib.import_module("atheris")
    except ImportError:
        return None


def options(given: list[str]) -> list[str]:
    """libFuzzer's options: those that were given, and ours for what they do not say."""
    defaults = [f"{name}{value}" for name, value in _DEFAULTS.items() if not any(o.startswith(name) for o in given)]
    if not any(option.startswith("-artifact_prefix=") for option in given):
        defaults.append(f"-artifact_prefix={tempfile.mkdtemp(prefix='fuzz-')}/")
    return [*defaults, *given]


def main(arguments: list[str]) -> int:
    """The exit code where it cannot begin; otherwise the fuzzer ends the process."""
    if not arguments or arguments[0] not in NAMES:
        sys.stderr.write(f"{USAGE}\n")
        return WRONG
    atheris = fuzzer()
    if atheris is None:
        sys.stderr.write(f"{MISSING}\n")
        return WRONG
    with atheris.instrument_imports(include=["services", "shared"]):
        from tests.hostile.targets import TARGETS
    atheris.Setup([sys.argv[0], *options(arguments[1:])], TARGETS[arguments[0]])
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
