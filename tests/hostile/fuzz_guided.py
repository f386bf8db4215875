"""Fuzzing guided by coverage, with atheris (extra `fuzz`): `python -m tests.hostile.fuzz_guided wire|texts [options]`.

The options are libFuzzer's. Runs until it finds something or until `-runs=N` or `-max_total_time=S` is reached.
"""

from __future__ import annotations

import json
import sys
from typing import Any


def wire(data: bytes, checks: Any, inspect_delivery: Any) -> None:
    """Bytes as a delivery."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return
    delivery = inspect_delivery(body if isinstance(body, dict) else {"messages": body})
    for event in delivery.events:
        event.model_dump_json()


def texts(data: bytes, checks: Any, inspect_delivery: Any) -> None:
    """Bytes as a text, through every stage."""
    checks.everything(data.decode("utf-8", "replace").replace("\x00", "\ufffd"))


def main() -> None:
    """Never returns: the fuzzer ends the process."""
    import atheris

    what = sys.argv.pop(1) if len(sys.argv) > 1 and sys.argv[1] in ("wire", "texts") else "texts"
    with atheris.instrument_imports(include=["services", "shared"]):
        from shared.whapi.wire import inspect_delivery
        from tests.hostile import checks

    entry = {"wire": wire, "texts": texts}[what]
    atheris.Setup(sys.argv, lambda data: entry(data, checks, inspect_delivery))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
