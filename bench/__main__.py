"""`make bench`: every bench in turn, a table for the eye, and bench/out/latest.json for programs."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from bench import desk, duplicates, extract, feed, pipeline, receiver, status
from bench import filter as filter_bench
from shared.serving import spare_collections

OUT = Path(__file__).parent / "out" / "latest.json"
BENCHES = {
    "filter": filter_bench.run,
    "receiver": receiver.run,
    "pipeline": pipeline.run,
    "duplicates": duplicates.run,
    "extract": extract.run,
    "status": status.run,
    "desk": desk.run,
    "feed": feed.run,
}


def main(names: list[str]) -> int:
    """Runs the named benches (all by default). Exit code 0 whatever the figures; 2 for a name that there is not."""
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"no bench called {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    spare_collections()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    results: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "load_before": os.getloadavg()},
    }
    for name in names or BENCHES:
        print(f"\n{name} …", flush=True)
        results[name] = _run(BENCHES[name]())
        for line in table(results[name]):
            print("  " + line)
    results["machine"]["load_after"] = os.getloadavg()
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(results, indent=2) + "\n")
    print(f"\nwritten to {OUT.relative_to(Path.cwd()) if OUT.is_relative_to(Path.cwd()) else OUT}")
    return 0


def _run(bench: Any) -> Any:
    """On the event loop that the services run on."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(bench)


def table(figures: dict[str, Any], prefix: str = "") -> list[str]:
    """One line a figure; beside a target, whether it is met."""
    lines = []
    for name, value in figures.items():
        label = f"{prefix}{name}"
        if isinstance(value, dict) and "target" in value:
            rest = ", ".join(f"{key} {part}" for key, part in value.items() if key not in ("value", "target", "met"))
            verdict = "met" if value["met"] else "MISSED"
            lines.append(f"{label:36} {value['value']:>10}   target {value['target']} {verdict}   ({rest})")
        elif isinstance(value, dict):
            lines.append(f"{label:36} " + ", ".join(f"{key} {part}" for key, part in value.items()))
        else:
            lines.append(f"{label:36} {value}")
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
