"""docs/quality.md is of the data, parsers and prompt that stand here. The figures themselves are not compared."""

from __future__ import annotations

import re
from pathlib import Path

from services.operator import quality

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "quality.md").read_text(encoding="utf-8")


def test_the_page_is_of_what_stands_here() -> None:
    lacking = [
        f"{what} {version}" for what, version in quality.versions().items() if f"- {what}: `{version}`" not in PAGE
    ]
    assert not lacking, "the figures are of something else: run `make eval`"


def test_the_page_says_when_and_how_it_was_made() -> None:
    assert re.search(r"^Measured on \d{4}-\d{2}-\d{2} by `make eval`", PAGE, re.MULTILINE)


def test_the_page_holds_no_message() -> None:
    """Figures only: the held-out rows above all."""
    assert not re.search("[\u0600-\u06ff]", PAGE)
    assert not re.search(r"(dev|extra|blind)-\d{4}", PAGE)


def test_other_data_give_another_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    words = tmp_path / "lists" / "words.txt"
    words.write_text("casting\n")
    before = quality.filter_data(tmp_path)
    assert quality.filter_data(tmp_path) == before
    words.write_text("casting\nrole\n")
    assert quality.filter_data(tmp_path) != before
