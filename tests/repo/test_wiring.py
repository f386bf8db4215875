"""Subjects, services, folders, compose.yaml and Makefile name the same things. Each failure says the line to add."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.operator import catalogue, documents
from services.operator.stack import SERVICES, place_of
from shared.contracts.subjects import ROUTES

ROOT = Path(__file__).parents[2]
FILES_OF_A_SERVICE = ("__init__.py", "README.md", "app.py", "handlers.py", "logic.py", "settings.py")
DEMO = {"sandbox", "demo-sources"}
SERVERS = {"nats", "mongo", "volumes", "provision"}
SECRETS = {
    "mongo_url",
    "receiver_secret",
    "publisher_session_secret",
    "retention_key",
    "whapi_token",
    "openai_api_key",
    "mongo_password",
    "mongo_app_password",
    "mongo_operator_password",
    "mongo_operator_url",
    "nats_passwords",
    *(f"nats_password_{user}" for user in ("operator", *SERVICES)),
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "compose.yaml").read_text()))


def tracked() -> list[Path]:
    """The files that a commit of this tree would hold."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = [ROOT / name for name in names.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def texts() -> list[tuple[Path, str]]:
    """The tracked files that are text, the labelled messages left out."""
    found = []
    for path in tracked():
        if "corpus" not in path.parts and path.suffix not in {".png", ".woff2", ".ico", ".gz"}:
            found.append((path.relative_to(ROOT), path.read_text(encoding="utf-8")))
    return found


def test_every_sender_and_reader_of_a_subject_is_a_service() -> None:
    named = {name for route in ROUTES for name in (*route.senders, *route.readers)}
    assert named <= set(SERVICES), f"add to SERVICES in services/operator/stack.py: {sorted(named - set(SERVICES))}"


def test_every_reader_handles_each_event_that_it_is_sent() -> None:
    for route in ROUTES:
        for reader in route.readers:
            code = "\n".join(path.read_text() for path in (ROOT / "services" / reader).glob("*.py"))
            name = route.event.__name__
            assert name in code, f"services/{reader} reads {route.subject} and must handle {name}"


def test_every_service_is_a_folder_with_the_same_files() -> None:
    for service in SERVICES:
        folder = ROOT / "services" / service
        lacking = [name for name in FILES_OF_A_SERVICE if not (folder / name).is_file()]
        assert not lacking, f"add to services/{service}: {', '.join(lacking)}"
    folders = {path.parent.name for path in (ROOT / "services").glob("*/__init__.py")}
    assert folders == {*SERVICES, "operator", "sandbox"}, (
        "a new service goes into SERVICES of services/operator/stack.py"
    )


def test_every_service_and_no_other_is_in_compose(compose: dict[str, Any]) -> None:
    services = set(compose["services"])
    assert services == {*SERVICES, *SERVERS, *DEMO, "operator"}, "compose.yaml and SERVICES name different services"
    for name in SERVICES:
        service = compose["services"][name]
        assert service["command"] == ["python", "-m", "shared.serving", name], f"compose.yaml: command of {name}"


def test_compose_gives_each_service_the_port_that_its_settings_say(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*SERVICES, "sandbox"):
        monkeypatch.delenv(f"{name.upper()}_PORT", raising=False)
        port = place_of(name).port
        service = compose["services"][name]
        assert service["environment"][f"{name.upper()}_PORT"] == str(port), f"compose.yaml: {name.upper()}_PORT"
        assert service["healthcheck"]["test"][-1] == f"http://127.0.0.1:{port}/health/ready"


def test_each_container_can_be_scaled_and_holds_little_power(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert "container_name" not in service, f"{name}: a fixed name cannot be scaled"
        for port in service.get("ports", ()):
            assert re.search(r"\d+-\d+\}:\d+$", port), f"{name}: {port} is one host port; give it a range"
        assert "no-new-privileges:true" in service["security_opt"], name
        if name != "mongo":  # its image starts as root to hand its volume over
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name
        if name in SERVICES:
            assert service["restart"] == "unless-stopped"
            assert "healthcheck" in service, name


def test_secrets_of_compose_come_from_files_that_twin_secrets_makes(compose: dict[str, Any], tmp_path: Path) -> None:
    from services.operator.secret_files import make_files

    of_the_cluster_and_outside = {"mongo_key", "nats_cluster", "nats_password_consumer"}
    assert set(compose["secrets"]) == SECRETS == set(make_files(tmp_path)) - of_the_cluster_and_outside
    for name, secret in compose["secrets"].items():
        assert secret["file"].endswith(f"/{name}")


def test_the_broker_of_compose_syncs_every_write() -> None:
    assert re.search(r"^\s*sync_interval: always$", (ROOT / "deploy" / "nats-common.conf").read_text(), re.MULTILINE)


def test_metrics_exist_only_in_their_list() -> None:
    pattern = re.compile(
        r"\b(Counter|Gauge|Histogram|Summary)\(\s*\"twin_|from prometheus_client import .*(Counter|Gauge)"
    )
    for path, text in texts():
        if path.suffix == ".py" and path.parts[0] in ("services", "shared") and path.name != "metrics.py":
            assert not pattern.search(text), f"{path}: declare the metric in shared/observability/metrics.py"


def test_generated_documents_are_fresh() -> None:
    assert documents.stale() == [], "run `make docs`"


def test_the_example_environment_covers_every_setting() -> None:
    example = (ROOT / ".env.example").read_text()
    lacking = [name for name in catalogue.names() if f"# {name}=" not in example]
    assert not lacking, "run `make docs`"


def test_make_explains_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    explained = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    assert targets == explained, f"add `## what it does` to: {sorted(targets - explained)}"
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony
    assert set(phony.group(1).split()) == targets, "add the target to .PHONY"
    for target in targets - {"help", "setup"}:
        assert re.search(rf"^{target}: setup\b", makefile, re.MULTILINE), f"`{target}` must make the environment first"


# Written in parts, so that this file does not find itself.
_PATHS = ("/work" + "/", "/root" + "/", "/home" + "/")
_HOSTS = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "docker" + ".io/",
    "ghcr" + ".io",
    "registry" + ".npmjs",
    "quay" + ".io",
)


def test_no_tracked_file_names_a_machine_s_paths_or_a_registry() -> None:
    for path, text in texts():
        for word in (*_PATHS, *_HOSTS):
            assert word not in text, f"{path} names {word}"


def test_modules_of_the_services_stay_short() -> None:
    long = {
        str(path): count
        for path, text in texts()
        if path.suffix == ".py" and path.parts[0] in ("services", "shared") and (count := text.count("\n")) > 260
    }
    assert not long, f"split: {long}"


def test_every_command_of_twin_is_explained() -> None:
    from typer.main import get_command

    from services.operator.cli import app

    def unexplained(command: Any, name: str) -> list[str]:
        below = [
            found
            for key, value in getattr(command, "commands", {}).items()
            for found in unexplained(value, f"{name} {key}")
        ]
        return below + ([] if command.help else [name])

    assert unexplained(get_command(app), "twin") == []


def test_every_metric_is_written_by_somebody() -> None:
    listed = (ROOT / "shared/observability/metrics.py").read_text()
    code = "".join(path.read_text() for room in ("services", "shared") for path in (ROOT / room).rglob("*.py"))
    names = re.findall(r"^([A-Z_]+) = (?:Counter|Gauge|Histogram)", listed, re.MULTILINE)
    unwritten = [name for name in names if f"metrics.{name}." not in code]
    assert names
    assert not unwritten, f"write them or take them out of metrics.py: {unwritten}"
