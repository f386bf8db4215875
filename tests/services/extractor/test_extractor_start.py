"""What stops the extractor from starting, and what it does not load."""

from __future__ import annotations

import subprocess
import sys

import pytest

from services.extractor.app import create
from shared.errors import Misconfigured


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"EXTRACTOR_ENGINE": "openai"}, "OPENAI_API_KEY"),
        ({"EXTRACTOR_ENGINE": "clever"}, "EXTRACTOR_ENGINE"),
        ({"OPENAI_API_KEY": "k", "OPENAI_MODEL": "llama-4"}, "EXTRACTOR_COST_USD_A_DAY=0"),
        ({"OPENAI_API_KEY": "k", "OPENAI_PRICE_INPUT": "1"}, "OPENAI_PRICE_OUTPUT"),
    ],
)
def test_a_wrong_setting_is_told_with_what_to_set(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], words: str
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_MODEL", "EXTRACTOR_ENGINE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=words):
        create()


def test_the_models_library_is_not_loaded_unless_it_is_used() -> None:
    """It takes as much memory as all the rest."""
    code = (
        "import os, sys; os.environ['EXTRACTOR_ENGINE'] = 'offline'; "
        "from services.extractor.app import create; create(); sys.exit('openai' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
