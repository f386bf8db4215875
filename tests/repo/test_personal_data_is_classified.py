"""Every collection and stream is in the table of personal data, in the code and on its page."""

from __future__ import annotations

import re
from pathlib import Path

from shared.contracts.subjects import ROUTES
from shared.settings import NatsSettings, RetentionSettings
from shared.storage.holdings import HOLDINGS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/privacy.md").read_text()


def collections() -> set[str]:
    """The names with which the stores open collections: a word in the call, or a constant of the module."""
    found = set()
    for path in (ROOT / "shared/storage/mongo").glob("*.py"):
        text = path.read_text()
        for given in re.findall(r"(?:mongo|self\._mongo|_mongo)\.collection\(([^)]+)\)", text):
            if re.fullmatch(r"\"\w+\"", given):
                found.add(given.strip('"'))
            elif constant := re.search(rf"^{re.escape(given)}\b[^=\n]*= \"(\w+)\"", text, re.MULTILINE):
                found.add(constant[1])
    return found


def test_every_collection_is_in_the_table() -> None:
    used = collections()
    assert len(used) > 25, "the search finds the stores' collections no more"
    lacking = sorted(used - set(HOLDINGS))
    assert not lacking, f"say in shared/storage/holdings.py what these hold of people: {lacking}"
    assert set(HOLDINGS) <= used, f"take out of shared/storage/holdings.py: {sorted(set(HOLDINGS) - used)}"


def test_the_page_says_of_each_collection_what_the_table_says() -> None:
    for name, holding in HOLDINGS.items():
        if holding.persons:
            line = f"| `{name}` | {holding.persons} | {holding.expires} |"
            assert line in PAGE, f"docs/privacy.md lacks the line {line}"
        else:
            assert f"`{name}`" in PAGE, f"docs/privacy.md does not name `{name}`"


def test_the_page_names_every_stream() -> None:
    lacking = sorted({route.stream for route in ROUTES if f"`{route.stream}`" not in PAGE})
    assert not lacking, f"docs/privacy.md does not name {lacking}"


def test_streams_keep_nothing_for_longer_than_persons_are_kept() -> None:
    assert NatsSettings.model_fields["max_age_days"].default <= RetentionSettings.model_fields["days"].default
