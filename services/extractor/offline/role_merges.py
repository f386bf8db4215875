"""Running text says the same role twice: several words for one slot become one."""

from __future__ import annotations

import re
from dataclasses import replace

from services.extractor.offline.page import Page
from services.extractor.offline.people import PLURAL
from services.extractor.offline.role_heads import GENERIC
from services.extractor.offline.role_lists import Slot
from shared.contracts.calls import Gender


def one_slot_each(page: Page, slots: list[Slot]) -> list[Slot]:
    """The slots with what is said of each in several places put together."""
    return _without_repeats(_generics_merged(_apposed(page, _named_merged(_with_shared_age(page, slots)))))


def _with_shared_age(page: Page, slots: list[Slot]) -> list[Slot]:
    """The age behind several groups in a row ("٦ شباب و٦ صبايا، ٢٠-٣٠") is that of each."""
    shared = list(slots)
    for at in range(len(slots) - 2, -1, -1):
        one, following = shared[at], shared[at + 1]
        groups = all(slot.word in PLURAL or (slot.count or 0) > 1 for slot in (one, following))
        between = page.text[one.start : following.start]
        if groups and one.age is None and following.age and len(between) <= 24 and not re.search(r"[.\n:!?]", between):
            shared[at] = replace(one, age=following.age)
    return shared


def _apposed(page: Page, slots: list[Slot]) -> list[Slot]:
    """One slot of "دور لممثلة سعودية: امرأة أربعينية", where what follows a colon says more of the same person."""
    kept: list[Slot] = []
    for slot in slots:
        before = kept[-1] if kept else None
        if (
            before is not None
            and before.age is None
            and before.gender is slot.gender
            and before.count is None
            and slot.count is None
            and ":" in page.text[before.start : slot.start]
            and "\n" not in page.text[before.start : slot.start]
        ):
            kept[-1] = replace(before, age=slot.age)
        else:
            kept.append(slot)
    return kept


def _named_merged(slots: list[Slot]) -> list[Slot]:
    """One slot of "ممثل … لدور ضابط": where one role is named, lone words for its player speak of it."""
    named = [slot for slot in slots if slot.labelled]
    if len(named) != 1:
        return slots
    role = named[0]
    kept = []
    for slot in slots:
        fits = slot.gender in (None, role.gender) or role.gender is None
        lone = slot is not role and slot.word not in PLURAL and slot.count in (None, 1)
        if lone and fits and (slot.age is None or role.age in (None, slot.age)):
            role = replace(role, age=role.age or slot.age, gender=role.gender or slot.gender)
        elif slot is not named[0]:
            kept.append(slot)
    return [role, *kept]


def _generics_merged(slots: list[Slot]) -> list[Slot]:
    """A role without gender or age takes them from a general word behind it: "راقص أداء … ذكور ١٨-٤٠"."""
    kept: list[Slot] = []
    for slot in slots:
        first = slot.name.split()[0] if slot.name.split() else ""
        general = slot.word in GENERIC or slot.gender is Gender.ANY
        open_one = next((one for one in kept if one.age is None and one.word not in GENERIC), None)
        fits = open_one is not None and (
            open_one.gender in (None, slot.gender, Gender.ANY) or slot.gender is None or slot.gender is Gender.ANY
        )
        if general and open_one and fits and first and (slot.count is None or open_one.count in (None, slot.count)):
            said = slot.gender is Gender.ANY or open_one.gender is None
            gender = slot.gender if slot.gender and said else open_one.gender
            kept[kept.index(open_one)] = replace(
                open_one, gender=gender, age=slot.age, count=open_one.count or slot.count
            )
        else:
            kept.append(slot)
    return kept


def _without_repeats(slots: list[Slot]) -> list[Slot]:
    """Without later slots that only repeat an earlier one."""
    kept: list[Slot] = []
    for at, slot in enumerate(slots):
        if slot.age is None and slot.count is None and any(_is_fuller(later, slot) for later in slots[at + 1 :]):
            continue
        known = [one for one in kept if one.gender is slot.gender and (slot.age is None or one.age == slot.age)]
        first = (slot.name.split() or [""])[0]
        if (
            slot.count is None
            and slot.age is None
            and any(first in one.name or one.name.split()[0] in slot.name for one in known)
        ):
            continue
        kept.append(slot)
    return kept


def _is_fuller(later: Slot, slot: Slot) -> bool:
    """Whether a later slot says more of the same: "نحتاج ممثل وممثلة … ممثل بعمر ٢٥"."""
    return later.word == slot.word and later.gender is slot.gender and later.age is not None and bool(slot.word)
