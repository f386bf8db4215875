"""What a stack keeps between its starts, and where commands find their settings."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.extractor.settings import OpenAISettings
from services.operator import environment
from services.operator.cli import app
from services.operator.folder import StackFolder, is_free
from services.operator.secret_files import make_files
from shared.errors import Permanent


def test_a_second_start_gets_the_ports_of_the_first(tmp_path: Path) -> None:
    first = StackFolder(tmp_path).port("nats")
    assert StackFolder(tmp_path).port("nats") == first
    assert StackFolder(tmp_path).port("mongo") != first


def test_a_port_that_is_taken_by_now_is_replaced(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path)
    port = folder.port("nats")
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert not is_free("127.0.0.1", port)
        assert folder.planned_port("nats") == port
        assert folder.port("nats") != port


def test_secrets_stay_and_are_their_owners_alone(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path / "stack")
    secret = folder.secret("RECEIVER_SECRET")
    assert len(secret) >= 32
    assert StackFolder(tmp_path / "stack").secret("RECEIVER_SECRET") == secret
    assert (tmp_path / "stack").stat().st_mode & 0o077 == 0
    assert (tmp_path / "stack" / "secrets.json").stat().st_mode & 0o077 == 0


def test_a_folder_has_one_stack_at_a_time_and_tells_how_to_reach_it(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path)
    assert folder.running() is None
    with folder.held():
        folder.announce({"NATS_URL": "nats://127.0.0.1:1"})
        assert StackFolder(tmp_path).running() == {"NATS_URL": "nats://127.0.0.1:1"}
        with pytest.raises(Permanent, match="--data"), StackFolder(tmp_path).held():
            pass
    assert folder.running() is None


def test_a_stack_that_was_killed_does_not_count_as_running(tmp_path: Path) -> None:
    """Its announcement stays on disk; the lock, which dies with its holder, does not."""
    folder = StackFolder(tmp_path)
    folder.announce({"NATS_URL": "nats://127.0.0.1:1"})
    assert folder.running() is None
    (tmp_path / "lock").touch()
    assert folder.running() is None


def test_the_environment_goes_before_the_running_stack_and_that_before_dotenv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("NATS_URL=nats://dotenv:1\nWHAPI_TOKEN=dotenv\nEMPTY=\n")
    folder = StackFolder(tmp_path / ".twin")
    seen = {"WHAPI_TOKEN": "mine"}
    environment.adopt(folder, seen)
    assert seen == {"WHAPI_TOKEN": "mine", "NATS_URL": "nats://dotenv:1"}
    with folder.held():
        folder.announce({"NATS_URL": "nats://stack:1"})
        seen = {"NATS_URL": ""}
        environment.adopt(folder, seen)
    assert seen == {"NATS_URL": "nats://stack:1"}


def test_secret_files_are_made_once_and_readable_inside_containers(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    assert "mongo_url" in make_files(folder)
    password = (folder / "mongo_app_password").read_text()
    assert password in (folder / "mongo_url").read_text()
    assert make_files(folder) == []
    assert (folder / "mongo_app_password").read_text() == password
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "whapi_token").stat().st_mode & 0o777 == 0o444


def test_an_address_that_stays_although_another_was_asked_for_is_named(tmp_path: Path) -> None:
    """`twin secrets` for one machine, and months later for three: the database's address must not stay the old one."""

    def told(*more: str) -> str:
        return CliRunner().invoke(app, ["secrets", str(tmp_path), *more]).output

    told()
    assert "mongo_url" not in told()
    assert f"{tmp_path / 'mongo_url'} names another database than asked for and stays" in told("--cluster")
    for name in ("mongo_url", "mongo_operator_url"):
        assert name in told("--cluster")
        (tmp_path / name).unlink()
    assert "and stays" not in told("--cluster")
    assert "replicaSet=twin" in (tmp_path / "mongo_url").read_text()
    assert "mongo_url names another database" in told("--mongo-url", "mongodb://elsewhere")


def test_an_empty_secret_file_is_as_if_there_was_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`openai_api_key` may stay empty: then the offline engine reads."""
    make_files(tmp_path)
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert OpenAISettings.load().api_key is None
