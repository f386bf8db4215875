"""Each alert is explained to who gets it: in both languages, and in the operations page under its own name."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import pytest
from typer.main import get_command

from services.operator.cli import app
from services.publisher.alerts.rules import RULES
from services.publisher.settings import AlertSettings, HookSettings
from services.publisher.web.words import LANGUAGES, table

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
PARTS = ("title", "what", "look", "type")
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def sections() -> dict[str, str]:
    found = re.split(r"^### `(\w+)`$", OPERATIONS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(found[1::2], [text.split("\n## ")[0] for text in found[2::2]], strict=True))


def test_each_alert_has_a_section_and_no_section_is_left_over() -> None:
    assert list(sections()) == list(RULES), "docs/operations.md, Alerts: a section for each rule, in their order"


@pytest.mark.parametrize("rule", RULES)
def test_each_section_says_what_to_look_at_and_the_command_that_the_alert_names(rule: str) -> None:
    section = " ".join(sections()[rule].split())
    assert "Look" in section
    commands = table("en")[f"alerts.{rule}.type"].split("; ")
    for command in commands:
        first = command.split(" {")[0].split("=")[0]
        assert first in section.replace("SERVICE", "{reader}"), f"{rule}: `{command}` is not in its section"


@pytest.mark.parametrize("rule", RULES)
def test_each_alert_is_told_in_both_languages_with_the_same_values(rule: str) -> None:
    for part in PARTS:
        texts = [table(language)[f"alerts.{rule}.{part}"] for language in LANGUAGES]
        fields = [{field for _, field, _, _ in Formatter().parse(text) if field} for text in texts]
        assert fields[0] == fields[1], f"alerts.{rule}.{part}"
        assert all(text.strip() for text in texts)


@pytest.mark.parametrize("rule", RULES)
def test_each_command_of_ours_that_an_alert_names_exists(rule: str) -> None:
    for command in table("en")[f"alerts.{rule}.type"].split("; "):
        words = shlex.split(command)
        if words[0] != "twin":
            continue
        at = get_command(app)
        for word in words[1:]:
            below = getattr(at, "commands", None)
            if not below:
                break
            assert word in below, f"{command}: there is no such command"
            at = below[word]


def test_the_page_names_only_settings_that_exist() -> None:
    known = {
        f"{settings.model_config['env_prefix']}{name}".upper()
        for settings in (AlertSettings, HookSettings)
        for name in settings.model_fields
    }
    named = set(re.findall(r"PUBLISHER_(?:ALERT|HOOKS)_[A-Z_]*[A-Z]", OPERATIONS.read_text(encoding="utf-8")))
    assert named <= known
