"""What a process remembers of how common a piece of text is."""

from __future__ import annotations

from shared.storage.signatures import COMMON, TELLING, Commonness


def test_what_every_post_says_stays_common_however_much_else_is_said() -> None:
    common, rare = 1, list(range(10, 10 + TELLING))
    seen = Commonness()
    for number in range(10_000):
        seen.note([common, 1_000_000 + 4 * number, 1_000_001 + 4 * number, 1_000_002 + 4 * number])
    assert common not in seen.worth([common, *rare])


def test_what_was_not_met_for_long_is_forgotten() -> None:
    once_common, rare = 1, list(range(10, 10 + TELLING))
    seen = Commonness()
    for _ in range(COMMON):
        seen.note([once_common])
    assert once_common not in seen.worth([once_common, *rare])
    for number in range(10_000):
        seen.note([1_000_000 + 4 * number + step for step in range(4)])
    assert once_common in seen.worth([once_common, *rare])
