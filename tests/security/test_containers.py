"""What both compose files give each container: little power, its own secrets, a broker with users."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.operator import embedded
from services.operator.secret_files import make_files
from services.operator.stack import SERVICES
from shared.broker.permissions import all_rights

ROOT = Path(__file__).parents[2]
BASE = dict(yaml.safe_load((ROOT / "compose.yaml").read_text()))
CLUSTER = dict(yaml.safe_load((ROOT / "compose.cluster.yaml").read_text()))
STANDING_ALONE = [(name, service) for name, service in BASE["services"].items()] + [
    (name, service) for name, service in CLUSTER["services"].items() if "image" in service
]
AS_ROOT = {"volumes": ["CHOWN"], "volumes-of-the-cluster": ["CHOWN"]}
"""Those that hand a volume over and end; the database's image drops root by itself."""
DATABASE = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]


@pytest.mark.parametrize(("name", "service"), STANDING_ALONE, ids=[name for name, _ in STANDING_ALONE])
def test_each_container_holds_little_power(name: str, service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] > 0
    assert service["mem_limit"]
    assert not service.get("privileged")
    assert service.get("network_mode") in (None, "none")
    assert "pid" not in service
    assert "ipc" not in service
    for port in service.get("ports", ()):
        assert re.match(r"\$\{[A-Z_]+:-127\.0\.0\.1:", port), f"{port} is open beyond this machine"
    for volume in service.get("volumes", ()):
        assert "docker.sock" not in volume
        if volume.startswith((".", "$")):
            assert volume.endswith(":ro"), f"{volume} can be written by the container"
    allowed = AS_ROOT.get(name, DATABASE if re.fullmatch(r"mongo(-\d)?", name) else [])
    assert service.get("cap_add", []) == allowed


@pytest.mark.parametrize(("name", "service"), STANDING_ALONE, ids=[name for name, _ in STANDING_ALONE])
def test_nobody_runs_as_root_but_those_who_hand_over_a_volume(name: str, service: dict[str, Any]) -> None:
    if "build" in service and "user" not in service:
        assert re.search(r"^USER 10001:10001$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    elif name in AS_ROOT:
        assert service["user"] == "0:0"
        assert service["network_mode"] == "none"
    elif not re.fullmatch(r"mongo(-\d)?", name):
        assert int(service["user"].split(":")[0]) > 0


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_has_its_own_user_of_the_broker_and_only_its_own_secrets(name: str) -> None:
    service = BASE["services"][name]
    assert service["environment"]["NATS_USER"] == name
    sources = {item["source"] if isinstance(item, dict) else item for item in service["secrets"]}
    assert f"nats_password_{name}" in sources
    targets = {item["source"]: item["target"] for item in service["secrets"] if isinstance(item, dict)}
    assert targets[f"nats_password_{name}"] == "nats_password"
    others = {f"nats_password_{rights.user}" for rights in all_rights(["consumer"]) if rights.user != name}
    assert not sources & {*others, "nats_passwords", "mongo_password", "mongo_operator_url", "mongo_operator_password"}
    assert "mongo_url" in sources


def test_no_secret_stands_in_an_environment() -> None:
    for compose in (BASE, CLUSTER):
        for name, service in compose["services"].items():
            for variable, value in (service.get("environment") or {}).items():
                assert not re.search(r"PASSWORD$|SECRET$|TOKEN$|_KEY$", variable), f"{name}: {variable}"
                assert "@" not in str(value), f"{name}: {variable}"


def test_every_service_of_the_cluster_knows_all_nodes_and_asks_for_three_copies() -> None:
    for name in (*SERVICES, "provision", "operator", "demo-sources"):
        environment = CLUSTER["services"][name]["environment"]
        assert environment["NATS_URL"] == "nats://nats:4222,nats://nats-2:4222,nats://nats-3:4222"
        assert environment["NATS_REPLICAS"] == "3"
    waited_for = CLUSTER["services"]["provision"]["depends_on"]
    assert {"nats-2", "nats-3", "mongo-members"} <= set(waited_for)


def test_every_secret_that_the_files_name_is_made(tmp_path: Path) -> None:
    made = set(make_files(tmp_path, cluster=True))
    assert set(BASE["secrets"]) | set(CLUSTER["secrets"]) <= made
    url = (tmp_path / "mongo_url").read_text()
    assert "@mongo:27017,mongo-2:27017,mongo-3:27017/" in url
    assert "replicaSet=twin" in url
    assert re.fullmatch(r"[A-Za-z0-9+/=]{6,1024}", (tmp_path / "mongo_key").read_text()), "what mongod takes as a key"


def laid_out(folder: Path, configuration: str) -> Path:
    """The broker's files as the container sees them, below a folder of ours."""
    etc, run = folder / "etc" / "nats", folder / "run" / "secrets"
    for place in (etc, run):
        place.mkdir(parents=True)
    make_files(run)
    for name in ("nats-common.conf", "nats-users.conf"):
        shutil.copy(ROOT / "deploy" / name, etc / name)
    common = (etc / "nats-common.conf").read_text()
    (etc / "nats-common.conf").write_text(
        common.replace('"/data/jetstream"', f'"{folder}/data"').replace("127.0.0.1:8222", "127.0.0.1:-1")
    )
    text = (ROOT / "deploy" / configuration).read_text()
    (etc / "twin.conf").write_text(text.replace('"0.0.0.0:4222"', f'"127.0.0.1:{embedded.free_port()}"'))
    return etc / "twin.conf"


@pytest.mark.parametrize("configuration", ["nats.conf", "nats-cluster.conf"])
def test_the_broker_takes_its_configuration(configuration: str, tmp_path: Path) -> None:
    path = laid_out(tmp_path, configuration)
    program = Path(sys.executable).parent / "nats-server"
    checked = subprocess.run(
        [program, "-t", "-c", path], capture_output=True, text=True, check=False, env={"NODE": "nats-1"}
    )
    assert checked.returncode == 0, checked.stderr


def test_a_password_that_is_changed_reaches_the_broker_s_file_and_nothing_else_changes(tmp_path: Path) -> None:
    make_files(tmp_path)
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}
    (tmp_path / "nats_password_filter").unlink()
    assert make_files(tmp_path) == ["nats_password_filter", "nats_passwords"]
    after = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert {name for name in after if after[name] != before[name]} == {"nats_password_filter", "nats_passwords"}
    assert after["nats_password_filter"] in after["nats_passwords"]
    assert make_files(tmp_path, readers=["consumer", "crm"]) == ["nats_password_crm", "nats_passwords"]


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="needs docker-compose")
def test_compose_reads_both_files_together(tmp_path: Path) -> None:
    command = ["docker-compose", "-f", "compose.yaml", "-f", "compose.cluster.yaml", "--profile", "demo", "config"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    merged = yaml.safe_load(checked.stdout)
    assert {"nats", "nats-2", "nats-3", "mongo", "mongo-2", "mongo-3", *SERVICES} <= set(merged["services"])
    assert merged["services"]["filter"]["environment"]["NATS_USER"] == "filter"
