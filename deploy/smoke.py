"""Proves compose.yaml: the demo with three filters and two extractors handles every message of the corpus exactly once.

    python deploy/smoke.py [--keep]

It runs with docker compose, or the older docker-compose, under a project name of its own, and takes everything down
again. PYTHON_IMAGE, NATS_IMAGE and MONGO_IMAGE choose the base images. Standard library only.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
WITHIN_S = 600
SCALE = {"filter": 3, "extractor": 2, "receiver": 2, "publisher": 2, "poller": 2}
# As the broker's own file names them, so that this script needs none of our code.
USERS = re.findall(r'user: "(\w+)", password: \$(\w+)', (ROOT / "deploy" / "nats-users.conf").read_text())
PASSWORDS = {user: secrets.token_hex(16) for user, _ in USERS}
# The stand-in database of a machine without registries makes no user; a real one is asked for none here either.
MONGO_URL = "mongodb://mongo:27017/?directConnection=true"
SECRETS = {
    "mongo_password": secrets.token_hex(16),
    "mongo_app_password": secrets.token_hex(16),
    "mongo_operator_password": secrets.token_hex(16),
    "mongo_url": MONGO_URL,
    "mongo_operator_url": MONGO_URL,
    "nats_passwords": "".join(f'{variable}: "{PASSWORDS[user]}"\n' for user, variable in USERS),
    **{f"nats_password_{user}": password for user, password in PASSWORDS.items()},
    "receiver_secret": secrets.token_hex(16),
    "publisher_session_secret": secrets.token_hex(32),
    "retention_key": secrets.token_hex(32),
    "whapi_token": secrets.token_hex(16),
    "openai_api_key": "",
}
DEMO = """
WHAPI_URL=http://sandbox:8090
SANDBOX_RATE_PER_MINUTE=3000
SANDBOX_DUPLICATES=0.2
SANDBOX_REORDER=0.2
POLLER_INTERVAL=5
POLLER_INTERVAL_CATCH_UP=5
"""
# A receiver that has not heard of the groups yet leaves their messages to the poller: hence the short intervals.


class Compose:
    """One project of ours, from its files to its end."""

    def __init__(self, folder: Path) -> None:
        self.project = f"twinsmoke{os.getpid()}"
        self._command = ["docker-compose"] if shutil.which("docker-compose") else ["docker", "compose"]
        for name, value in SECRETS.items():
            path = folder / name
            path.write_text(value)
            path.chmod(0o444)
        (folder / "demo.env").write_text(DEMO)
        # Ports of its own, so that it runs beside another stack.
        self._environment = {
            **os.environ,
            "TWIN_SECRETS": str(folder),
            "TWIN_ENV_FILE": str(folder / "demo.env"),
            "TWIN_IMAGE": f"{self.project}:latest",
            "RECEIVER_PUBLISH": "127.0.0.1:18100-18149",
            "DESK_PUBLISH": "127.0.0.1:18150-18199",
        }

    def run(self, *arguments: str, check: bool = True, capture: bool = False) -> subprocess.CompletedProcess[str]:
        """One command of compose on this project."""
        command = [
            *self._command,
            "-p",
            self.project,
            "-f",
            str(ROOT / "compose.yaml"),
            "--profile",
            "demo",
            *arguments,
        ]
        return subprocess.run(
            command, cwd=ROOT, env=self._environment, check=check, text=True, capture_output=capture, timeout=WITHIN_S
        )

    def ask(self, service: str, *command: str, own: bool = False) -> Any:
        """The JSON document that a command inside a container of this service prints; None where it prints none.

        `own`: in a container of its own, for a service that is not running.
        """
        where = ("run", "--rm", "--no-deps", "-T") if own else ("exec", "-T")
        answer = self.run(*where, service, *command, check=False, capture=True)
        try:
            return json.loads(answer.stdout)
        except ValueError:
            return None

    def unhealthy(self) -> list[str]:
        """The running containers that are not healthy, and the services that lack one."""
        ids = self.run("ps", "-q", capture=True).stdout.split()
        found = json.loads(
            subprocess.run(["docker", "inspect", *ids], check=True, capture_output=True, text=True).stdout
        )
        states = {item["Name"].lstrip("/"): item["State"] for item in found}
        checked = {name: state for name, state in states.items() if "Health" in state}
        return [name for name, state in checked.items() if state["Health"]["Status"] != "healthy"]


def sandbox_state(compose: Compose) -> dict[str, Any]:
    """What the sandbox says of itself."""
    code = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8090/_control').read().decode())"
    return compose.ask("sandbox", "python", "-c", code) or {}


def sums(compose: Compose) -> dict[str, Any]:
    """What `twin account` says."""
    return compose.ask("operator", "twin", "account", "--json", own=True) or {}


def until(what: str, true: Any) -> None:
    """Waits for a condition; SystemExit when it does not come."""
    end = time.monotonic() + WITHIN_S
    while not true():
        if time.monotonic() > end:
            sys.exit(f"smoke: {what}: not within {WITHIN_S} s")
        time.sleep(2)
    print(f"smoke: {what}", flush=True)


def verdict(played: int, account: dict[str, Any]) -> list[str]:
    """What is wrong with these sums; empty when each message was handled exactly once."""
    ledger, streams, calls = account["ledger"], account["streams"], account["calls"]
    passed = sum(ledger[state] for state in ("candidate", "not_a_call", "call"))
    expected = {
        "messages in the ledger": (sum(ledger.values()), played),
        "calls sent on": (streams["EXTRACTED"], streams["CANDIDATES"] - ledger["not_a_call"]),
        "calls at the desk": (sum(calls.values()), ledger["call"]),
        "dead letters": (streams["DEAD"], 0),
    }
    wrong = [f"{what}: {found}, expected {wanted}" for what, (found, wanted) in expected.items() if found != wanted]
    # A copy is known either by the filter, before it is a candidate, or by the extractor.
    if not passed <= streams["CANDIDATES"] <= passed + ledger["duplicate"]:
        wrong.append(f"candidates sent on: {streams['CANDIDATES']}, expected {passed} and some of the copies")
    return wrong + [f"unaccounted: {account['unaccounted']}"] * bool(account["unaccounted"])


def main() -> int:
    """Runs it; exit code 1 when a message was lost or doubled."""
    with tempfile.TemporaryDirectory() as folder:
        compose = Compose(Path(folder))
        try:
            scale = [argument for name, number in SCALE.items() for argument in ("--scale", f"{name}={number}")]
            compose.run("up", "-d", "--build", *scale)
            until("all containers are healthy", lambda: not compose.unhealthy())
            until("the corpus was played", lambda: is_played(sandbox_state(compose)))
            played = sandbox_state(compose)["messages"]
            until("every message came in, and nothing is on its way", lambda: has_settled(sums(compose), played))
            account = sums(compose)
            wrong = verdict(played, account)
            print(json.dumps(account["ledger"]), json.dumps(account["calls"]))
            print("\n".join(wrong) if wrong else f"smoke: {played} messages, each exactly once")
            return 1 if wrong else 0
        except BaseException:
            compose.run("logs", "--tail", "40", check=False)
            raise
        finally:
            if "--keep" not in sys.argv:
                compose.run("down", "-v", "-t", "5", check=False, capture=True)
                subprocess.run(["docker", "image", "rm", f"{compose.project}:latest"], check=False, capture_output=True)


def has_settled(account: dict[str, Any], played: int) -> bool:
    """Whether all that was played is known and worked through."""
    return bool(account.get("settled")) and sum(account["ledger"].values()) >= played


def is_played(state: dict[str, Any]) -> bool:
    """Whether nothing is left to play or to deliver."""
    return bool(state) and state["left"] == 0 and state["webhooks"]["waiting"] == 0


if __name__ == "__main__":
    sys.exit(main())
