"""What a role asks for beside gender, age and number: nationality, dialect, looks, skills, in the text's words."""

from __future__ import annotations

import re

from services.extractor.offline.people import bare, tagged
from shared.arabic.normalise import fold_text

_PIECES = re.compile(r"[\n،,;؛|┃/()\[\]{}•]|\s[–—-]\s|[–—]|(?<=\s)\+(?=\s)|\.(?:\s|$)")
_STRIPPED = " \t*_~-–—:.'\"«»“”!؟?…✔✅"
_TELLING = re.compile(
    r"(?<!\w)(?:و|ب|ل)?(?:ال)?(?:لهج\w*|يجيد|تجيد|يتقن|تتقن|يعرف|تعرف|يتكلم\w*|تتكلم|محجبه|منقبه|حجاب|سعودي\w*|"
    r"خليجي\w*|كويتي\w*|"
    r"اماراتي\w*|قطري\w*|بحريني\w*|عماني\w*|مصري\w*|شامي\w*|لبناني\w*|سوري\w*|اردني\w*|سوداني\w*|يمني\w*|اجنبي\w*|"
    r"هندي\w*|"
    r"ملامح\w*|ملتحي\w*|لحيه|شعر\w*|طول\w*|وزن\w*|خبره|رخصه|مشلح|لياقه|رشيق\w*|نحيف\w*|سمين\w*|بشره|عيون|ابتسامه|"
    r"اسنان|لغه|انجليزي\w*)"
    r"(?!\w)|(?<!\w)(?:fluent|native|bilingual|speak\w*|accent|dialect|look(?:ing)?|hijab\w*|beard\w*|hair|height|"
    r"tall|cm|"
    r"experience\w*|licen[cs]e|ride\w*|swim\w*|dance\w*|sing\w*|athletic|fit|skin|english|arabic|saudi|khaleeji|gulf|"
    r"levantine|must|able|comfortable)(?!\w)"
)
_EMPTY = re.compile(
    r"\d|(?<!\w)(?:sar|aed|ريال|درهم|دينار|سنه|سنوات|سنين|years?|yrs?|yo|العمر|age[sd]?|عدد|male|female|any gender|"
    r"whatsapp|واتساب|واتس|التواصل|للتواصل|التصوير|الاجر|deadline|shoot)(?!\w)"
)
_LONGEST, _MOST = 80, 6


def find_requirements(words: str, name: str, *, listed: bool) -> tuple[str, ...]:
    """The demands in a role's raw words. In a list whatever is set apart counts, in running text only what tells."""
    known = fold_text(name)
    found = []
    for part in _PIECES.split(words):
        piece = part.strip(_STRIPPED)
        folded = fold_text(piece)
        if not 3 <= len(folded) <= _LONGEST or folded in known or known in folded:
            continue
        telling = _TELLING.search(folded) is not None
        if telling or (listed and not _EMPTY.search(folded) and not _is_person(folded)):
            found.append(piece)
    return tuple(dict.fromkeys(found))[:_MOST]


def _is_person(folded: str) -> bool:
    """Whether the words only say who it is: "رجل", "F", "woman"."""
    return len(folded.split()) < 2 and (bare(folded) is not None or tagged(folded) is not None)
