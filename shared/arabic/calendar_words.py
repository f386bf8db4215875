"""The words of the calendar in folded spelling: months of both Arabic families, English and Hijri; days of the week."""

from __future__ import annotations

from collections.abc import Iterable

MONTHS: dict[str, int] = {
    "يناير": 1, "فبراير": 2, "مارس": 3, "ابريل": 4, "مايو": 5, "يونيو": 6, "يونيه": 6, "يوليو": 7, "يوليه": 7,
    "اغسطس": 8, "سبتمبر": 9, "اكتوبر": 10, "نوفمبر": 11, "ديسمبر": 12,
    "فبرير": 2, "اوغسطس": 8, "اغسطوس": 8, "سيبتمبر": 9, "اوكتوبر": 10, "ديسيمبر": 12,
    "كانون الثاني": 1, "شباط": 2, "اذار": 3, "نيسان": 4, "ايار": 5, "حزيران": 6, "تموز": 7, "ايلول": 9,
    "تشرين الاول": 10, "تشرين الثاني": 11, "كانون الاول": 12, "اب": 8,
    "تشرين التاني": 11, "كانون التاني": 1, "تشرين تاني": 11, "كانون تاني": 1,
    "تشرين اول": 10, "تشرين ثاني": 11, "كانون اول": 12, "كانون ثاني": 1,
    "جانفي": 1, "غشت": 8, "شتنبر": 9, "نونبر": 11, "دجنبر": 12,
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8,
    "september": 9, "october": 10, "november": 11, "december": 12,
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sept": 9, "sep": 9, "oct": 10,
    "nov": 11, "dec": 12,
}  # fmt: skip
FATHER = "اب"  # آب (August) folds to the word for "father": a month only where the raw text has the madda.

AMBIGUOUS_MONTHS = frozenset(
    ("may", "march", "mar", "jan", "مارس")
)  # no month unless a day or a year stands beside them

HIJRI_MONTHS: dict[str, int] = {
    "محرم": 1, "صفر": 2, "ربيع الاول": 3, "ربيع اول": 3, "ربيع الثاني": 4, "ربيع ثاني": 4, "ربيع الاخر": 4,
    "ربيع اخر": 4, "جمادي الاولي": 5, "جمادي الاول": 5, "جماد الاول": 5, "جماد اول": 5, "جمادي الاخره": 6,
    "جمادي الثانيه": 6, "جمادي الثاني": 6, "جماد الثاني": 6, "جماد ثاني": 6, "جمادي الاخر": 6, "جماد الاخر": 6,
    "رجب": 7, "شعبان": 8, "رمضان": 9, "شوال": 10, "ذو القعده": 11, "ذي القعده": 11, "ذوالقعده": 11, "ذو الحجه": 12,
    "ذي الحجه": 12, "ذوالحجه": 12, "muharram": 1, "safar": 2, "rajab": 7, "shaban": 8, "ramadan": 9, "shawwal": 10,
}  # fmt: skip

# Monday is 0, as in datetime.date.weekday().
WEEKDAYS: dict[str, int] = {
    "الاثنين": 0, "الاتنين": 0, "الثلاثا": 1, "الثلوثا": 1, "التلات": 1, "الاربعا": 2, "الخميس": 3, "الجمعه": 4,
    "السبت": 5, "الاحد": 6, "لاحد": 6, "الثلوث": 1, "الربوع": 2,
    "لاثنين": 0, "لثلاثا": 1, "لاربعا": 2, "لخميس": 3, "لجمعه": 4, "لسبت": 5,  # after an assimilated article: للجمعة
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
    "mon": 0, "tues": 1, "tue": 1, "weds": 2, "wed": 2, "thurs": 3, "thur": 3, "thu": 3, "fri": 4, "sat": 5, "sun": 6,
    "ithnain": 0, "ithnayn": 0, "thulatha": 1, "tholatha": 1, "arbi3a": 2, "arbe3a": 2, "arba3a": 2, "khamis": 3,
    "khamees": 3, "5amees": 3, "jum3a": 4, "jom3a": 4, "jumu3a": 4, "sabt": 5, "a7ad": 6, "ahad": 6,
}  # fmt: skip

ONE_TO_TEN: dict[str, int] = {
    "يوم": 1, "يومين": 2, "واحد": 1, "اثنين": 2, "ثلاثه": 3, "ثلاث": 3, "اربعه": 4, "اربع": 4, "خمسه": 5, "خمس": 5,
    "سته": 6, "ست": 6, "سبعه": 7, "سبع": 7, "ثمانيه": 8, "ثمان": 8, "تسعه": 9, "تسع": 9, "عشره": 10, "عشر": 10,
    "عشرين": 20, "ثلاثين": 30,
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10,
}  # fmt: skip

# Days of a month in words: "الخامس من نوفمبر", "خمسة نوفمبر".
WORDED_DAYS: dict[str, int] = {
    "الاول": 1, "الثاني": 2, "الثالث": 3, "الرابع": 4, "الخامس": 5, "السادس": 6, "السابع": 7, "الثامن": 8,
    "التاسع": 9, "العاشر": 10, "الحادي عشر": 11, "الثاني عشر": 12, "الثالث عشر": 13, "الرابع عشر": 14,
    "الخامس عشر": 15, "السادس عشر": 16, "السابع عشر": 17, "الثامن عشر": 18, "التاسع عشر": 19, "العشرين": 20,
    "الحادي والعشرين": 21, "الثاني والعشرين": 22, "الثالث والعشرين": 23, "الرابع والعشرين": 24,
    "الخامس والعشرين": 25, "السادس والعشرين": 26, "السابع والعشرين": 27, "الثامن والعشرين": 28,
    "التاسع والعشرين": 29, "الثلاثين": 30, "واحد": 1, "اثنين": 2, "ثلاثه": 3, "اربعه": 4, "خمسه": 5, "سته": 6,
    "سبعه": 7, "ثمانيه": 8, "تسعه": 9, "عشره": 10, "خمسطعش": 15, "خمسه عشر": 15, "عشرين": 20,
    "خمسه وعشرين": 25, "ثلاثين": 30, "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6,
    "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10, "fifteenth": 15, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip

NEXT = r"(?:القادم(?:ه|ين)?|الجايي?(?:ه|ين)?|اللي جايه?|الياي|اليايه|المقبل(?:ه|ين)?|القابله?|next)"
THIS = r"(?:هذا|هذه|هذي|هالشهر|الحالي|الجاري|current)"


def any_of(words: Iterable[str]) -> str:
    """A regular expression for any of these words, the longest first, that fails fast where none of them can begin."""
    by_letter: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        by_letter.setdefault(word[0], []).append(word[1:])
    branches = "|".join(f"{first}(?:{'|'.join(rests)})" for first, rests in by_letter.items())
    return f"(?=[{''.join(by_letter)}])(?:{branches})"
