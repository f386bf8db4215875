"""The word lists: how they are read, and what is said about a line that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.filter.lexicon import LISTS, SIGNALS, WEIGHTS_FILE, Lexicon
from shared.errors import Misconfigured


def _folder(tmp_path: Path, **lists: str) -> Path:
    weights = "".join(f"{name} = 1, 2\n" for name in (*lists, *SIGNALS) if name not in ("neutral", "weights"))
    lists.setdefault("weights", weights)
    for name, text in lists.items():
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    return tmp_path


def _points(lexicon: Lexicon, word: str) -> dict[str, float]:
    word_entry = lexicon.table.get(word)
    return {name: weight for name, weight, _ in word_entry[1]} if word_entry else {}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("# a comment\n\nممثل\nممثلة = heavy\n", "roles.txt:4: 'heavy' is no weight"),
        ("ممثل\n= 2\n", "roles.txt:2: '= 2' is no entry"),
        ("ممثل = -1\n", "roles.txt:1: '-1' is no weight"),
        ("!!!\n", "roles.txt:1: '!!!' is no entry"),
        ('"ممثل\n', "roles.txt:1: '\"ممثل' is no entry"),
        ("ممثل~ جيد\n", "roles.txt:1: 'ممثل~ جيد' is no entry"),
        ("20 سنة\n", "roles.txt:1: '20 سنة' is no entry"),
        ("إعلان\nاعلان = 2\n", "roles.txt:2: 'اعلان' stands there twice with different weights"),
    ],
)
def test_a_malformed_line_is_named_with_file_and_number(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(Misconfigured) as error:
        Lexicon.load(_folder(tmp_path, roles=text))
    assert complaint in str(error.value)


def test_all_malformed_lines_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as error:
        Lexicon.load(_folder(tmp_path, roles="؟\n", crew="مصور\n= 1\n"))
    assert "roles.txt:1:" in str(error.value)
    assert "crew.txt:2:" in str(error.value)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("roles: 1, 2", "is not 'feature = weight, cap'"),
        ("roles = 1", "is not 'feature = weight, cap'"),
        ("rolls = 1, 2", "'rolls' is neither a list nor a signal"),
        ("bias = 1, 2", "'bias' stands there twice"),
    ],
)
def test_a_malformed_weight_is_named_with_its_line(tmp_path: Path, line: str, complaint: str) -> None:
    signals = [f"{name} = 1, 2" for name in SIGNALS]
    with pytest.raises(Misconfigured) as error:
        Lexicon.load(_folder(tmp_path, roles="ممثل\n", weights="\n".join([*signals, line])))
    assert f"{WEIGHTS_FILE}:{len(signals) + 1}: " in str(error.value)
    assert complaint in str(error.value)


def test_a_list_without_a_weight_is_named(tmp_path: Path) -> None:
    weights = "".join(f"{name} = 1, 2\n" for name in SIGNALS)
    with pytest.raises(Misconfigured, match="no weight for roles"):
        Lexicon.load(_folder(tmp_path, roles="ممثل\n", weights=weights))


def test_a_file_that_is_no_utf8_is_named(tmp_path: Path) -> None:
    folder = _folder(tmp_path, roles="ممثل\n")
    (folder / "crew.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Misconfigured, match=r"crew\.txt"):
        Lexicon.load(folder)


def test_an_empty_folder_is_misconfigured(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        Lexicon.load(tmp_path)


def test_entries_are_folded_like_the_messages(tmp_path: Path) -> None:
    lexicon = Lexicon.load(_folder(tmp_path, roles="إعلانــات\nمُمثّلة\n"))
    assert _points(lexicon, "اعلانات") == {"roles": 1.0}
    assert _points(lexicon, "ممثله") == {"roles": 1.0}


def test_prefixes_are_added_but_not_to_exact_or_very_short_entries(tmp_path: Path) -> None:
    lexicon = Lexicon.load(_folder(tmp_path, roles='ممثل\n"بطل"\nأم\n'))
    assert _points(lexicon, "والممثل")
    assert _points(lexicon, "بطل") and not _points(lexicon, "البطل")
    assert _points(lexicon, "ام") and not _points(lexicon, "لام")


def test_a_written_entry_beats_what_another_line_makes(tmp_path: Path) -> None:
    lexicon = Lexicon.load(_folder(tmp_path, roles="ممثل~\nالممثلين = 0.2\n"))
    assert _points(lexicon, "ممثلين") == {"roles": 1.0}
    assert _points(lexicon, "الممثلين") == {"roles": 0.2}


def test_the_neutral_list_takes_words_out_of_the_others(tmp_path: Path) -> None:
    lexicon = Lexicon.load(_folder(tmp_path, crew="مخرج\n", neutral='"المخرج"\n'))
    assert _points(lexicon, "مخرج") == {"crew": 1.0}
    assert _points(lexicon, "المخرج") == {}


def test_the_shipped_readme_names_every_list() -> None:
    readme = (LISTS / "README.md").read_text(encoding="utf-8")
    missing = [file.stem for file in LISTS.glob("*.txt") if f"`{file.stem}`" not in readme and file.name not in readme]
    assert not missing, f"add to {LISTS / 'README.md'}: {missing}"
