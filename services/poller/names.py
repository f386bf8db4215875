"""Recognises groups that cast by their names: the keywords of the design documents, in Arabic and English. Pure."""

from __future__ import annotations

import re

from shared.arabic.normalise import fold_text

ENGLISH = (
    "cast", "casting", "actor", "actress", "talent", "audition", "role", "film", "movie", "series", "commercial", "ad",
)  # fmt: skip
ARABIC = (
    "كاست", "كاستنج", "كاستينج", "ممثل", "ممثلة", "ممثلين", "تمثيل", "دور", "أدوار", "فيلم", "مسلسل", "إعلان", "تصوير",
    "بطولة", "فرص", "تجارب أداء",
)  # fmt: skip
_ARABIC_FORMS = {
    "ممثل": ("ممثلون",),
    "ممثلة": ("ممثلات",),
    "فيلم": ("أفلام",),
    "مسلسل": ("مسلسلات",),
    "إعلان": ("إعلانات",),
    "فرص": ("فرصة",),
    "تجارب أداء": ("تجربة أداء",),
}

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Found within such a name ("PodCast", "DownLoAd") they would be no words of their own.
_NO_HUMP = frozenset({"cast", "ad", "role", "film"})
_SHORT = 3


def casting_words(name: str) -> tuple[str, ...]:
    """The keywords that a group's name holds, in the list's order; empty where it does not look like casting."""
    whole = fold_text(name)
    parted = fold_text(_HUMP.sub(" ", name))
    return tuple(word for word, pattern, humps in _PATTERNS if pattern.search(parted if humps else whole))


def _english(word: str) -> re.Pattern[str]:
    """The whole word or its plural. Digits, signs and Arabic letters may stand right beside it: "Casting2026"."""
    plural = "" if word == "series" else "(?:es)?" if word.endswith("s") else "s?"
    return re.compile(rf"(?<![a-z]){word}{plural}(?![a-z])")


def _arabic(word: str) -> re.Pattern[str]:
    """The whole word, bare or with what Arabic writes joined to its front: and, the, with, like, for.

    Words of three letters take no single preposition: with it they are other words ("بدور" is a woman's name).
    """
    forms = []
    for form in (word, *_ARABIC_FORMS.get(word, ())):
        folded = fold_text(form)
        preposition = "[بك]?ال|لل" if len(folded) <= _SHORT else "[بك]?ال|لل|[بكل]"
        forms.append(rf"(?:{preposition})?" + folded.replace(" ", r"\s+(?:ال)?"))
    return re.compile(rf"(?<![ء-ي])[وف]?(?:{'|'.join(forms)})(?![ء-ي])")


_PATTERNS = (
    *((word, _english(word), word not in _NO_HUMP) for word in ENGLISH),
    *((word, _arabic(word), False) for word in ARABIC),
)
