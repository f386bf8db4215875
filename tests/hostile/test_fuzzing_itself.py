"""The fuzzers' own parts: bytes reach every target, and a missing library is said."""

from __future__ import annotations

import subprocess
import sys
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile import fuzz_guided
from tests.hostile.targets import BODIES, TARGETS, Bytes


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=120))
def test_every_target_takes_any_bytes(name: str, data: bytes) -> None:
    TARGETS[name](data)


def test_bytes_become_deliveries_and_texts_of_all_kinds() -> None:
    texts = {Bytes(Random(seed).randbytes(40)).text() for seed in range(50)}
    assert len(texts) > 45
    assert any("مطلوب" in text for text in texts)
    assert len({Bytes(bytes([at])).of(BODIES) for at in range(256)}) == len(set(BODIES))
    assert len(Bytes(b"\xc6\xff" * 400).text()) <= 3000


def test_the_program_knows_every_target() -> None:
    assert tuple(TARGETS) == fuzz_guided.NAMES


def test_without_the_library_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "atheris", None)
    assert fuzz_guided.main(["wire"]) == 2
    assert "pip install 'atheris" in capsys.readouterr().err


def test_an_unknown_target_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.fuzz_guided", "nothing"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "wire|folding" in done.stderr


def test_its_options_give_way_to_those_that_are_given() -> None:
    chosen = fuzz_guided.options(["-max_len=9", "-artifact_prefix=here/", "-runs=1"])
    assert [option for option in chosen if option.startswith("-max_len=")] == ["-max_len=9"]
    assert "-timeout=30" in chosen
    assert [option for option in chosen if option.startswith("-artifact_prefix=")] == ["-artifact_prefix=here/"]
