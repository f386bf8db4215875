"""Every secret setting is a canary; what goes wrong is provoked; no output and no error shows one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.operator import catalogue
from services.operator.embedded import free_port

ROOT = Path(__file__).parents[2]


def canaries(tmp_path: Path) -> dict[str, str]:
    """A value for each secret setting, of its own shape; addresses lead to ports where nobody listens."""
    closed = free_port()
    values = {
        name: f"canary-{name.lower()}-0123456789abcdef0123456789abcdef" for name in secret_names() if "URL" not in name
    }
    return {
        **values,
        "MONGO_URL": f"mongodb://twin:canary-mongo-password@127.0.0.1:{closed}/?directConnection=true",
        "MONGO_TIMEOUT_S": "0.3",
        "NATS_URL": f"nats://filter:canary-nats-url-password@127.0.0.1:{closed}",
        "NATS_USER": "filter",
        "WHAPI_URL": f"http://user:canary-whapi-url-password@127.0.0.1:{closed}",
        "OPENAI_BASE_URL": f"http://user:canary-openai-url-password@127.0.0.1:{closed}/v1",
        "PUBLISHER_ALERT_SLACK_URL": f"http://127.0.0.1:{closed}/canary-slack-path",
        "TWIN_DATA": str(tmp_path / "twin"),
    }


def secret_names() -> list[str]:
    """Every setting that is declared as a secret."""
    found = []
    for group in catalogue.groups():
        prefix = str(group.source.model_config.get("env_prefix", ""))
        for name, info in group.source.model_fields.items():
            if "SecretStr" in str(info.annotation):
                found.append(f"{prefix}{name}".upper())
    return found


def run(values: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, "-m", *command],
        env=environment | {"PYTHONPATH": str(ROOT)} | values,
        cwd=values["TWIN_DATA"].removesuffix("/twin"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_secret_settings_are_known() -> None:
    assert {"NATS_PASSWORD", "MONGO_URL", "RECEIVER_SECRET", "PUBLISHER_SESSION_SECRET", "WHAPI_TOKEN"} <= set(
        secret_names()
    )


@pytest.mark.parametrize(
    "command",
    [
        ["doctor"],
        ["doctor", "--json"],
        ["provision"],
        ["account"],
        ["trace", "x"],
        ["sources", "list"],
        ["alert", "list"],
    ],
    ids=" ".join,
)
def test_a_command_that_fails_shows_no_secret(command: list[str], tmp_path: Path) -> None:
    done = run(canaries(tmp_path), "services.operator.cli", *command)
    assert done.returncode != 0
    assert done.stdout + done.stderr
    assert "canary" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "wrong",
    [{"NATS_REPLICAS": "canary-is-no-number"}, {"NATS_TLS_CA": "missing.pem"}, {"MONGO_TLS_CA": "missing.pem"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_service_that_cannot_start_says_why_without_a_secret(wrong: dict[str, str], tmp_path: Path) -> None:
    done = run(canaries(tmp_path) | wrong, "shared.serving", "filter")
    assert done.returncode == 2, done.stderr
    assert next(iter(wrong)).split("_")[0] in done.stderr
    assert "canary" not in done.stdout + done.stderr
