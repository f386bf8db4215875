"""A form against what somebody else has saved meanwhile: what the two make together, and what is left to choose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from services.publisher.differences import changes, leaves
from services.publisher.web.forms import CONTACT, PAY, ROLE, SHOOT, Draft, draft_of, read_draft, text_of
from services.publisher.web.present import Difference, differences
from services.publisher.web.telling import role_text
from services.publisher.web.words import Words
from shared.contracts.calls import CastingCall, Contact, Role
from shared.storage.calls import Call, FieldChange, HistoryEntry

_ROWS = {"roles": ROLE, "contacts": CONTACT}
_PARTS = {"shoot_dates": SHOOT, "compensation": PAY}
ALL = "all"


@dataclass(frozen=True, slots=True)
class Clash:
    """A field, or a list of rows, of which two reviewers say different things. `key` names it in a form's action."""

    key: str
    lines: Sequence[Difference]
    """What stands there now (before) and what was typed (after)."""


def happened_since(now: Call, version: int) -> tuple[HistoryEntry, ...]:
    """What happened to the call after this version of it, the earliest first."""
    return now.history[version - now.version :] if version < now.version else ()


def draft_before(now: CastingCall, since: Iterable[FieldChange]) -> Draft:
    """The form of the call as it stood before these changes, the earliest of which comes first."""
    held = leaves(now)
    for change in reversed(list(since)):
        held[change.path] = change.before
    return read_draft((path.replace(".", "-"), text_of(value)) for path, value in held.items())


def joined(before: Draft, theirs: Draft, mine: Draft) -> Draft:
    """`mine`; but what nobody typed in it, being as it was `before`, is as in `theirs`.

    Rows have no names of their own, so they are told by their places. Rows are only added at the end, and taking one
    out moves all behind it: where no place was changed by both, nothing is mistaken for something else. Where one was,
    the rows stay as they were typed.
    """
    return {
        name: _rows(before[name], theirs[name], value)
        if name in _ROWS
        else theirs[name]
        if value == before[name]
        else value
        for name, value in mine.items()
    }


def _rows(before: Sequence[object], theirs: Sequence[object], mine: Sequence[object]) -> Sequence[object]:
    places = list(zip_longest(before, theirs, mine))
    if any(was not in (other, own) for was, other, own in places):
        return mine
    rows = (other if own == was else own for was, other, own in places)
    return [row for row in rows if row is not None]


def with_theirs(draft: Draft, theirs: CastingCall, key: str) -> Draft:
    """The draft with what stands in `theirs` for this clash; for all of them by `ALL`."""
    stands = draft_of(theirs)
    names = {f"{key}-{part}" for part in _PARTS.get(key, ())} or {key}
    return draft | {name: value for name, value in stands.items() if key == ALL or name in names}


def clashes(words: Words, theirs: CastingCall, mine: CastingCall) -> list[Clash]:
    """What differs, in the fields' order: leaf by leaf, and rows as a whole where there are more on one side."""
    found: dict[str, list[FieldChange]] = {}
    for change in changes(theirs, mine):
        found.setdefault(change.path.partition(".")[0], []).append(change)
    return [Clash(key, _lines(words, theirs, mine, key, tuple(changed))) for key, changed in found.items()]


def _lines(
    words: Words, theirs: CastingCall, mine: CastingCall, key: str, changed: tuple[FieldChange, ...]
) -> Sequence[Difference]:
    if key not in _ROWS or len(getattr(theirs, key)) == len(getattr(mine, key)):
        return differences(words, changed)
    name = words("field.roles.name" if key == "roles" else "field.contacts.value")
    missing, added = Counter(getattr(theirs, key)), Counter(getattr(mine, key))
    gone = [Difference(name, _row_text(words, row), "") for row in (missing - added).elements()]
    return [*gone, *(Difference(name, "", _row_text(words, row)) for row in (added - missing).elements())]


def _row_text(words: Words, row: Role | Contact) -> str:
    if isinstance(row, Contact):
        return f"{words(f'contact.{row.kind}')} {row.value}"
    return role_text(words, row) + (f" ×{row.count}" if row.count else "")
