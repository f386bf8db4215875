"""What is made: project type by weighed words, the project's own name, and the company behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.extractor.offline.page import Page
from shared.contracts.calls import Evidence, ProjectType, Support

# (type, weight, words). Types that say how the work is done (a voice, extras) outweigh what it is done for (a series).
_TYPES: tuple[tuple[ProjectType, float, str], ...] = (
    (
        ProjectType.VOICE_OVER, 9,
        r"معلق(?:ه)?\sصوتي(?:ه)?|تعليق\sصوتي|فويس\s?اوفر|دوبلاج|(?:ال|ل|لل)?دبلجه|كتاب\sصوتي|كتب\sصوتيه|"
        r"ممثل(?:ين|ه)?\sصوت(?:ي|يين)?|موهبه\sصوتيه|مواهب\sصوتيه|رد\sالي|الرد\sالالي|للرد\sالالي|مسلسل\sصوتي|"
        r"voice[\s-]?overs?|\bvo\b|dub(?:bing|bed)?|narrators?|audiobooks?|ivr|voice\s(?:actors?|artists?|"
        r"talent)|podcast\sdrama|audio\s(?:guide|drama)|(?:kid|male|female|elderly|child)\svoices?|"
        r"rapper/voice|جمع\sلهجات",
    ),
    (
        ProjectType.VOICE_OVER, 6,
        r"صوت\s(?:نسائي|رجالي|رجال|بناتي|طفل|اطفال|بنت|ولد|شبابي|انثوي|ذكوري)|نبي\sصوت|تبي\sصوت|نحتاج\sصوت|"
        r"الاصوات|اصوات|صوته|صوتك|حكواتيه|متحدث(?:ين)?\s\(|قراءه\s\d+\sجمله|قراه\s\d+\sجمله|عينه\sصوت"),
    (
        ProjectType.MUSIC_VIDEO, 9,
        r"فيديو\s?كليب|كليب|(?:تصوير|كليب)\s(?:شيله|اغنيه)|شيله|اغنيه\s(?:ل|مصوره)|music\svideos?|music\sclip|"
        r"video\sclip",
    ),
    (
        ProjectType.EXTRAS, 8,
        r"مجاميع|كومبارس|كمبارس|كومبرس|اكسترا(?:ز)?|extras?|background(?:\s(?:artists?|actors?|talent))?|\bbg\b|crowd",
    ),
    (
        ProjectType.EXTRAS, 4,
        r"(?:ل|ال)?مشهد\s(?:سوق|كوفي|مستشفي|حفله?|عزومه|زحمه|مطعم|مدرسه|عرس|عزا|معارك)|مشاهد\sمعارك|scene",
    ),
    (
        ProjectType.UGC, 9,
        r"\bugc\b|(?:ال|ل)?صناع\sمحتوي|صانع(?:ه|ات)?\sمحتوي|يوجسي|انبوكس(?:نق|ينق)|unbox(?:ing)?|"
        r"content\screators?|creators?|تصوير\sمحتوي|محتوي\s(?:من\sالبيت|ل)|يصورون\s(?:رايهم|تجربت)|first\sbite|"
        r"مراجعات|testimonials?|transformation|before/after|storytellers\s-",
    ),
    (
        ProjectType.THEATRE, 8,
        r"(?:ال|لل|ل)?مسرحيه|(?:ال|لل|ل)?مسرحيات|مسرحي(?!ه)|فرقه\sمسرح\w*|مونودراما|عرض\sمسرحي|"
        r"ستاند\sاب\sكوميدي\sشو|theat(?:re|er)|stage\s(?:musical|play|show)|musical|panto|improv|drama\sclub|"
        r"community\stheatre|live\stheatre",
    ),
    (ProjectType.THEATRE, 5, r"مسرح"),
    (ProjectType.THEATRE, 2, r"العرض|جمهور|خشبه|البروفات|بروفات"),
    (
        ProjectType.EXTRAS, 6,
        r"(?:1[5-9]|[2-9]\d|[1-9]\d\d)\s(?:شخص|شاب|رجال|رجل|بنت|امراه|طفل|people|persons|men|women)",
    ),
    (
        ProjectType.COMMERCIAL, 2,
        r"buyout|client|عميل|تطبيق|telecom|بنك|منتج|شوت|حملته|حملتنا|حملتها|سفرا|مطعم|كوفي|براند",
    ),
    (ProjectType.COMMERCIAL, 1, r"shoot|تصوير|نصور|كاش|on\scam"),
    (ProjectType.FILM, 1.5, r"مشهد|الدور|دور|شخصيه|كلوز"),
    (
        ProjectType.MODELLING, 7,
        r"(?:ال|لل)?مودي?ل(?:ز|ات|ين)?|عارض(?:ه|ات|ين)|عرض\sازيا|لوك\s?بوك|كتالوج|كاتالوج|look\s?book|"
        r"(?:hair\s|hijabi\s|female\s|male\s|mature\s|fitness\s|hand\s)?models?|modelling|modeling|"
        r"e-?com(?:merce)?|catalog(?:ue)?|runway|fashion\sshow|polas?|بورتفوليو|يد\s\((?:رجل|امراه)|كفوف|"
        r"beauty\sbrand|جلسه\sتصوير|photo\s?shoot|فاشن",
    ),
    (
        ProjectType.EVENT, 7,
        r"(?:ال|لل|ل)?مؤتمر|(?:ال|لل|ل|ب)?موتمر|(?:ال|لل|ل)?معرض|(?:ال|لل|ل)?افتتاح|(?:ال|لل)?فعالي(?:ه|ات)|"
        r"مقدم(?:ه)?\s(?:حفل|حفلات|فعاليات)|منظم(?:ين|ات)|بنات\sاستقبال|استقبال\sضيوف|ماسكوت|ساقي|ضيافه|(?:ال|"
        r"لل|ل)?مهرجان|"
        r"expo|events?|ushers?|hosts?|hostess(?:es)?|\bmc\b|emcee|gala|festival|conference|exhibition|"
        r"promoters?|wedding|awards?\snight|مضيف(?:ات|ين)\s(?:ل|فعالي|حفل)|حكواتيه\s/|storytellers",
    ),
    (
        ProjectType.OTHER, 10,
        r"برنامج\s(?:واقع|مسابقات|طبخ|مواهب|تلفزيوني|بودكاست|حواري)|متسابق(?:ين|ات)?|reality(?:\sshow)?|"
        r"game\sshow|quiz\sshow|تلفزيون\sالواقع|بودكاست|podcast(?!\sdrama)|موشن\s?كابشر|mo-?cap|"
        r"motion\scapture|"
        r"مرضي\sمعياريين|standardi[sz]ed\spatients?|فيلم\sتدريبي|training\sfilm|مواهب\sغنائيه|مواهب\sغناييه|"
        r"cook(?:ing)?\sshow|talent\sshow",
    ),
    (
        ProjectType.SERIES, 6,
        r"(?:ال|لل|ل|ب|بال|م)?مسلسل(?:ات|نا)?|لمسلسل|(?:ال)?حلقات|حلقه|سيت\s?كوم|(?:tv\s)?series|episodes?|"
        r"seasons?|sitcom|day\splayers|anthology|مسلسلنا|(?:ال)?جز\sالثاني|soap",
    ),
    (ProjectType.SERIES, 3, r"drama|streamer|دراما"),
    (
        ProjectType.FILM, 6,
        r"(?:ال|لل|ل|ب|بال)?فيلم(?:نا|ها|ه|ي)?|(?:ال|لل)?فلم|(?:ال)?افلام|سينمائي|films?|short\sfilm|"
        r"feature(?:\sfilm)?|movie|festival\sshort|thesis|مشروع\sتخرج\w*|docu-?drama|doc-fiction|documentary|"
        r"short(?=\s?[,(-])",
    ),
    (
        ProjectType.COMMERCIAL, 5,
        r"(?:ال|لل|ل|ب)?اعلان(?:ات)?(?!\s(?:تجارب|للمواهب|كاستنج|رسمي|عن|هام|مهم))|(?:ال|لل|ل)?دعايه|(?:ال|ل|"
        r"لل)?حمله|حملات|tvcs?|commercials?|\bad\b|\bads\b|advert(?:isement)?s?|campaign|spot|e3lan|"
        r"فيديو\s(?:سياحي|ترويجي|دعائي|تعريفي)|brand(?:\sface)?|safety\svideo|promo|وجه\sاعلاني|ماركه|توصيل|"
        r"تصوير\sمنتج",
    ),
)  # fmt: skip
_TYPE_RES = tuple(
    (kind, weight, re.compile(rf"\b[وف]?(?:ال|لل|بال|[لبم])?(?:{words})\b")) for kind, weight, words in _TYPES
)
_TITLE_LINE = 3


@dataclass(frozen=True, slots=True)
class FoundProject:
    """The type with the words that decided it; OTHER without evidence where nothing did."""

    type: ProjectType
    evidence: Evidence | None


def find_project(page: Page) -> FoundProject:
    """The project type whose words weigh most; words in the first lines count half as much again."""
    scores: dict[ProjectType, float] = {}
    first: dict[ProjectType, re.Match[str]] = {}
    head = len("\n".join(page.text.split("\n")[:_TITLE_LINE]))
    for kind, weight, pattern in _TYPE_RES:
        for hits, match in enumerate(pattern.finditer(page.text), start=1):
            gain = weight if hits == 1 else weight * 0.2 if hits <= 4 else 0
            scores[kind] = scores.get(kind, 0) + gain * (1.5 if match.start() < min(head, 160) else 1)
            if kind not in first or match.start() < first[kind].start():
                first[kind] = match
    if not scores:
        return FoundProject(ProjectType.OTHER, None)
    best = max(scores, key=lambda kind: scores[kind])
    return FoundProject(best, page.evidence(page.folded.place(*first[best].span()), Support.DERIVED, "project_words"))
