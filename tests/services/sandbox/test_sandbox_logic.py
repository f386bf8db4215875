from __future__ import annotations

from pathlib import Path

import pytest

from services.sandbox import logic
from services.sandbox.journal import Journal
from services.sandbox.knobs import Knobs
from services.sandbox.settings import SandboxSettings
from shared.errors import Misconfigured
from shared.whapi.values import group_id, identifier


def test_chance_is_spread_evenly_and_repeats() -> None:
    drawn = [logic.chance("1", "dropped", str(n)) for n in range(2000)]
    assert drawn == [logic.chance("1", "dropped", str(n)) for n in range(2000)]
    assert 0 <= min(drawn) < 0.01 and 0.99 < max(drawn) < 1
    assert 0.45 < sum(drawn) / len(drawn) < 0.55
    assert [logic.chance("1", "late", str(n)) for n in range(5)] != drawn[:5]


def test_ids_are_what_the_reader_takes() -> None:
    assert identifier(logic.message_id("seed", "0:dev-0001"))
    assert group_id(logic.group_id("كاستنج الرياض 🎬"))
    assert logic.group_id("a") != logic.group_id("b")


def test_shares_become_delays() -> None:
    keys = [str(n) for n in range(1000)]
    assert all(logic.delays("1", Knobs(), key) == [0.0] for key in keys)
    mixed = [logic.delays("1", Knobs(dropped=0.1, duplicates=0.2, reorder=0.3, late_s=5), key) for key in keys]
    assert 60 < sum(1 for plan in mixed if not plan) < 140
    assert 130 < sum(1 for plan in mixed if len(plan) == 2) < 230
    assert 200 < sum(1 for plan in mixed if plan and plan[0] > 0) < 340
    assert max(max(plan, default=0) for plan in mixed) <= 10


def test_every_knob_is_a_setting_of_the_same_name() -> None:
    settings = SandboxSettings(duplicates=0.5, session="QR", llm_delay_s=2)
    assert settings.knobs() == Knobs(duplicates=0.5, session="QR", llm_delay_s=2)
    for name, field in Knobs.model_fields.items():
        assert field.description, name
        assert SandboxSettings.model_fields[name].default == field.default


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_DROPPED", "0.25")
    monkeypatch.setenv("SANDBOX_UNKNOWN_TO_US", "1")
    assert SandboxSettings.load().knobs().dropped == 0.25
    monkeypatch.setenv("SANDBOX_DROPPED", "25")
    with pytest.raises(Misconfigured, match="SANDBOX_DROPPED"):
        SandboxSettings.load()


def test_the_journal_gives_back_what_it_was_told(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "new")
    journal.append("gold", text="نص\n\ud800", gold=None)
    journal.append("done", key="k")
    journal.close()
    assert list(Journal(tmp_path / "new").entries()) == [
        {"kind": "gold", "text": "نص\n\ud800", "gold": None},
        {"kind": "done", "key": "k"},
    ]


def test_a_line_that_a_crash_cut_off_is_cut_off_for_good(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"kind": "done", "key": "a"}\n{"kind": "do')
    journal = Journal(tmp_path)
    assert [entry["key"] for entry in journal.entries()] == ["a"]
    journal.append("done", key="b")
    journal.close()
    assert [entry["key"] for entry in Journal(tmp_path).entries()] == ["a", "b"]


def test_a_damaged_journal_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_bytes(b'{"kind": "done", "key": "a"}\nnoise\n')
    with pytest.raises(Misconfigured, match="line 2"):
        list(Journal(tmp_path).entries())


def test_without_a_folder_nothing_is_remembered() -> None:
    journal = Journal(None)
    journal.append("done", key="a")
    assert list(journal.entries()) == []
