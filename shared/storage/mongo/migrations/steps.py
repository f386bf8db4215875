"""Every step in its order. A new one is a module beside this and a line here; no step is ever changed or taken out."""

from __future__ import annotations

from typing import Final

from shared.storage.mongo.migrations.m0001_totals_of_old_entries import STEP as TOTALS_OF_OLD_ENTRIES
from shared.storage.mongo.migrations.m0002_pieces_beside_their_words import STEP as PIECES_BESIDE_THEIR_WORDS
from shared.storage.mongo.migrations.step import Step

STEPS: Final[tuple[Step, ...]] = (TOTALS_OF_OLD_ENTRIES, PIECES_BESIDE_THEIR_WORDS)

VERSION: Final = STEPS[-1].number
"""The form of the stored data that this code reads and writes."""
