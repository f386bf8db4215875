"""Words for people and what they say about gender, in folded spelling; first names; and the reading of gender."""

from __future__ import annotations

import re
from functools import lru_cache

from services.extractor.offline.first_names import FEMALE_NAMES, MALE_NAMES
from shared.contracts.calls import Gender

_MALE = """شاب شباب شبان شابين الشاب ولد اولاد ولدين صبي صبيان عيال رجل رجال رجلين رجاجيل شايب شيبان شيبه ممثل عارض
مقدم مذيع معلق راوي مراهق فارس فرسان فتي فتيان عم العم خال الجد جد اب الاب والد اخوين اخو اخوان عريس العريس
زوج الزوج راقص راقصين مغني لاعب كابتن طيار نادل دكتور مهندس محامي سايق سواق حارس ضابط شيخ موظف مدير معلم
طبيب طباخ شيف صياد تاجر عامل ملك امير محقق صحفي مراسل طالب فنان بطل بديل سباك خباز بحاره بحار جندي شرطي لص
حرامي راعي بياع جار ذكور ذكر اعمام رابر راجل رجاله زلمه زلام ختيار ريايل رياييل رجالي حفيد ابن خادم مندوب
قاضي نجار عسكري بنين جدو مزارع بايع مسعف شواب شياب شيابه شب كهل كهول زول زولين ختايره عمو مسحراتي مهرج حكواتي سقا
شرير شحاذ بدوي خباز قصاب حلاق صبيان فتوه بواب زبال مطرب موذن امام عازف ساعي santa fella fellas chap chaps bloke blokes
villain pilot landlord grandpas rajjal rajul rajel shab shabab wlad weld walad awlad wilad reyayeel riyayeel
man gent gents lads lad dude dudes husbands grandfathers kings
grooms men male males guy guys boy boys dad dads father grandfather grandpa uncle uncles brother brothers
husband son sons gentleman gentlemen waiter king prince groom businessman businessmen cameraman fireman
policeman salesman fisherman grandad nokhatha sheikh actor_m""".split()
_FEMALE = """بنت بنات بنتين بنوته بنوتات فتاه فتيات شابه شابات صبيه صبايا امراه نسا نسا سيده سيدات حريم ام الام والده
امهات جده الجده عجوز خاله الخاله عمه العمه اخت اخوات شقيقات عروس العروس عروسه زوجه الزوجه ممثله ممثلات
ممثلتين عارضه عارضات معلقه معلقات مقدمه مقدمات مذيعه مذيعات راويه طالبه طالبات طفله طفلات اناث انثي ممرضه
ممرضات مراهقه اميره اميرات راقصه راقصات مغنيه حكواتيه مضيفه مضيفات ساحره خطابه بديله بطله موظفه مديره معلمه
طبيبه صحفيه مهندسه محاميه دكتوره فنانه سكرتيره حرمه ست ستات عيوز عجايز بنيه بنيات مدام انسه حفيده ابنه خادمه
شغاله صانعه صانعات مربيه جليسه حماه عيايز ستو عرايس جاره جارات كنه ضره خياطه طباخه حنايه حنايات خطابات bint bent
banat 7areem 7orma waitresses ballerinas nannies grandmas gran granny girlies brides موظفات معلمات طبيبات
لاعبات راويات مغنيات تيته ختياره انسات زوجات woman
gals gal females grandmothers nanny maid housewife stewardess brides wives women female females girl girls
lady ladies mom moms mum mums mama mamas mother mothers grandmother grandma teta aunt auntie sister sisters
wife daughter daughters actress actresses waitress bride hostess hostesses princess queen businesswoman
ballerina nurse_f usherette""".split()
_NEUTRAL = """طفل اطفال طفلين شخص شخصين اشخاص ناس وجوه وجه ممثلين ممثلون الممثلين موديل موديلز
مودلز متسابقين متسابق مواهب
موهبه متحدث متحدثين كومبارس مجاميع اعضا عضو طلاب مرضي ضيف ضيوف عوايل عايله عايله ازواج زوجين ثنايي توام
تومين مقدمين مذيعين مضيف مرشد مرشدين مشتركين مشاركين مشتري رضيع صوت اصوات سفرا باريستا ماسكوت شخصيات شخصيه
احفاد ابنا موظفين عمال لاعبين توايم رضع بيبي طلبه بزر بزران ورعان يهال ياهل جهال مستقبلين فنانين مغنين رواه
صانع صناع هواه مبتديين سعوديين people person persons actor actors talent talents extras extra model models
kid kids child children teen teens teenager teenagers baby toddler family families couple couples host hosts
mc emcee presenter presenters creators creator performers performer dancer dancers singers singer friends
friend twins contestants contestant voice voices vo gamers gamer influencer influencers passengers passenger
doctor doctors nurse nurses visitors student students crowd cooks foodies ushers usher storytellers
violinist violinists baristas travellers travelers crew villagers locals mascots clowns clown
مسافرين ركاب مصلين متفرجين معازيم مهرجين حكواتيين عازفين قرا مودين مودي محاربين جنود سكان
storyteller lookalikes westerners bikers fighters driver guard manager owner shopkeeper rapper musician
artist artists cast cashier chef barista employee employees workers worker volunteers tourist tourists
babies toddlers newborn infant infants seniors youth grandparents hikers runners cyclists athletes swimmers
riders rider teachers teacher patients patient couple twin siblings sibling freelancers faces nurses walkers
shoppers customers customer passersby officer officers agent soldiers players player""".split()

WORDS: dict[str, Gender | None] = {
    **dict.fromkeys(_NEUTRAL),
    **{word: Gender.MALE for word in _MALE if "_" not in word},
    **{word: Gender.FEMALE for word in _FEMALE if "_" not in word},
}
PLURAL = frozenset(
    """شواب شياب كهول عيايز عرايس جارات حنايات خطابات مسافرين ركاب مصلين متفرجين معازيم مهرجين عازفين قرا مودين محاربين
جنود fellas chaps blokes shabab wlad awlad reyayeel banat 7areem waitresses ballerinas nannies girlies
violinists baristas
travellers travelers crew villagers locals mascots clowns singers gamers ushers صانعات صناع احفاد ابنا موظفين
عمال لاعبين بنين رجاله زلام ريايل رياييل ستات بنيات موظفات معلمات عجايز بزران
ورعان يهال جهال babies toddlers hikers runners athletes nurses gents lads gals شباب شبان اولاد صبيان عيال
رجال رجاجيل شيبان فرسان فتيان اخوان راقصين ذكور بنات بنوتات فتيات شابات صبايا نسا سيدات حريم امهات اخوات
ممثلات عارضات مقدمات مذيعات طالبات اناث ممرضات اميرات راقصات مضيفات اطفال اشخاص ناس وجوه ممثلين موديلز
متسابقين مواهب متحدثين مجاميع كومبارس اعضا طلاب ضيوف عوايل ازواج men women males females guys boys girls
ladies moms mums mamas mothers sisters brothers sons daughters people persons actors actresses talents
extras models kids children teens families couples hosts hostesses creators performers dancers male female""".split()
)
CHILDREN = frozenset(
    "طفل اطفال طفله طفلات طفلين رضيع بنوتات بنوته صبي kid kids child children baby toddler boy girl boys girls "
    "عيال ولد".split()
)
BABIES = frozenset("بيبي رضيع رضع baby babies".split())
_TRAITS_FEMALE = re.compile(
    r"(?<!\w)(?:محجبه|منقبه|سعوديه|خليجيه|كويتيه|بحرينيه|اماراتيه|قطريه|عمانيه|مصريه|عربيه|اجنبيه|شاميه|"
    r"لبنانيه|سوريه|اردنيه|مغربيه|هاديه|عنيده|قويه|جميله|انيقه|مرحه|جرييه|سمرا|شقرا|"
    r"ارمله|مطلقه|متزوجه|حامل|متسلطه|كتومه|مجروحه|معلمه|طيبه|حنونه|مغروره|متقاعده|ساخره|كوميديه|حيويه|رشيقه|"
    r"تعزف|تدير|تجيد|تتكلم|تعرف|تحفظ|تعيش|تحب|تعمل|تعاني|تتقن|تلعب|تقدم|تقود|عندها|عمرها|طولها|لها|"
    r"she|her|herself|hijabi)(?!\w)"
)
_TRAITS_MALE = re.compile(
    r"(?<!\w)(?:ملتحي|وسيم|يجيد|يتكلم|يعرف|يحفظ|يعيش|يحب|يعمل|يعاني|يتقن|يلعب|يقود|عنده|عمره|طوله|لحيه|بلحيه|"
    r"شنب|شارب|متقاعد|he|his|him|himself|beard|bearded|moustache)(?!\w)"
)
_ANY = re.compile(
    r"(?<![^\W\d_])(?:m ?[/+&] ?f|f ?[/+&] ?m|male ?(?:&|and|or|/|\+|,) ?female|female ?(?:&|and|or|/|\+|,) ?male|"
    r"(?:men|guys|boys|males|gents|lads|gentlemen|shabab) ?(?:&|and|or|/|\+|,|w) ?(?:women|girls|ladies|females|"
    r"gals|banat)|"
    r"(?:women|girls|ladies|females|gals|banat) ?(?:&|and|or|/|\+|,|w) ?(?:men|guys|boys|gents|gentlemen|males|shabab)|"
    r"(?:host|actor|model|waiter|steward|prince)s? ?(?:/|&|and|or) ?(?:host|actr|model|waitr|steward|"
    r"princ)ess(?:es)?|both sexes|all sexes|"
    r"mixed (?:gender|cast)|male/s|(?:he|she)/(?:she|he)|(?:any|all|both|either) (?:ages? (?:and|&) )?genders?|any sex|"
    r"(?:ما|لا) (?:يهم|نهتم|يفرق)[^\W\d_]*(?: (?:ال)?عمر)?(?: و?لا)? (?:ال)?جنس|"
    r"(?:من |ل)?(?:كلا )?الجنسين|للجنسين|"
    r"(?:ال|لل|ل)?(?:رجال|شباب|ذكور|اولاد|عيال|شبان|ممثلين|بنين|رجاله)(?: او | ?[,/+&] ?| و ?| )(?:ال|لل|"
    r"ل)?(?:نسا|بنات|اناث|فتيات|صبايا|ستات|حريم|"
    r"سيدات|شابات|ممثلات)|(?:ال|لل|ل)?(?:بنات|نسا|سيدات|اناث|فتيات|شابات|ممثلات|صبايا|ستات|حريم)(?: او |"
    r" ?[,/+&] ?| و ?| "
    r")(?:ال|لل|ل)?(?:شباب|رجال|اولاد|ذكور|عيال|ممثلين|بنين|رجاله|شبان)|"
    r"(?P<base>[^\W\d_]{3,20}) ?/ ?(?P=base)ه|(?P<one>[^\W\d_]{3,20}) (?:او|ولا) (?:ال)?(?P=one)(?:ه|يه)|"
    r"رجالي (?:و|او|/) ?(?:حريمي|نسايي)|(?:حريمي|نسايي) (?:و|او|/) ?رجالي|ذكر (?:او|/) انثي|انثي او ذكر|رجل او "
    r"امراه|امراه او رجل|شاب او (?:بنت|فتاه)|(?:بنت|فتاه) او شاب|ولد او بنت|بنت او ولد|ممثل ?/ ?ممثله|"
    r"\w{3,20}/ه(?!\w)|(?:الجنس|gender) ?[:=]? ?(?:لا يهم|غير محدد|any|الكل))(?![^\W\d_])"
)
_TAG = re.compile(
    r"(?<![\w'\u2019])(?P<f>f|female|woman|انثي|اناث|نسايي|نساييه|حريمي|بناتي|انثوي)(?![^\W_'])|"
    r"(?<![\w'\u2019])(?P<m>m|male|man|ذكر|ذكور|رجالي|رجاليه|ذكوري)(?![^\W_'])"
)
_WORD = re.compile(r"[^\W\d_]+")
_PREFIX = ("وال", "بال", "لل", "ال", "و", "ب", "ل")
_NO_FEMININE = frozenset(
    """شخصيه لهجه عايله خبره سنه جلسه قصه فرصه شركه مدينه مده حلقه صوره بدايه نهايه لغه خلفيه كوميديه مسرحيه فرقه
فقره ساعه رخصه سياره تجربه مجموعه ضحيه شخصيات جنسيه فيه طفوله خليفه حمزه اسامه طلحه معاويه عبيده قتيبه حذيفه
لياقه بشره قامه هيبه اجاده ملامح لحيه""".split()
)
_KIN = re.compile(
    r"(?<![^\W\d_])(?:ال)?(?:(?P<f>ام|بنت|اخت|زوجه|umm?|om|mrs|ms|miss|madam|sitt|lady)|"
    r"(?P<m>ابو|بو|اب|ابن|اخو|abu|abo|bu|mr|sir|uncle))[. ]{1,2}(?:ال)?[^\W\d_]{2,}"
)


@lru_cache(maxsize=4_096)
def bare(word: str) -> str | None:
    """The word for people that this word is, without what Arabic joins in front; None where it is none."""
    if word in WORDS:
        return None if word in _TITLES else word
    if word.startswith("ال") and word[2:] in _TITLES:
        return None
    for dual, single in (("تين", "ه"), ("ين", "")):
        if word.endswith(dual) and word.removesuffix(dual) + single in WORDS and len(word) > 5:
            return word.removesuffix(dual) + single
    if word in _KINSMEN:
        return _KINSMEN[word]
    for prefix in _PREFIX:
        rest = word.removeprefix(prefix)
        if rest != word and (len(rest) > 2 or (prefix == "و" and rest in _SHORT)) and rest in WORDS:
            return rest
    return None


_SHORT = frozenset(("شب", "اب", "ام"))

# With whose relative it is: "حفيدها", "وأخته".
_KINSMEN = {
    f"{lead}{stem}{whose}": word
    for stem, word in {"حفيد": "حفيد", "حفيدت": "حفيده", "ابن": "ابن", "ابنت": "ابنه", "ولد": "ولد", "بنت": "بنت",
                       "اخت": "اخت", "اخو": "اخو", "زوج": "زوج", "زوجت": "زوجه", "والدت": "والده", "والد": "والد",
                       "ابو": "اب", "ام": "ام"}.items()
    for whose in ("ها", "ه", "هم")
    for lead in ("", "و")
    if stem + whose not in WORDS
}  # fmt: skip
_TITLES = frozenset(("ملك", "امير", "شيخ", "king", "prince", "sheikh"))  # more often a place or a patron than a role


@lru_cache(maxsize=256)
def both(segment: str) -> re.Match[str] | None:
    """Where a text says that both genders, or either, will do. Asked of the same text for each of its roles."""
    return _ANY.search(segment)


def tagged(segment: str) -> Gender | None:
    """The gender that a short tag gives: "F", "M", "female", "أنثى"."""
    match = _TAG.search(segment)
    return None if match is None else Gender.FEMALE if match["f"] else Gender.MALE


def gender_of(segment: str, *, item: bool = False) -> Gender | None:
    """The gender that the words of one role settle, None where they do not.

    In an `item` of a list the first word is the role: a feminine ending makes it female, an Arabic one without it male.
    """
    if both(segment):
        return Gender.ANY
    tag = tagged(segment)
    if tag:
        return tag
    words = _WORD.findall(segment)
    kin = _KIN.search(segment)
    if kin and kin.start() <= 12:
        return Gender.FEMALE if kin["f"] else Gender.MALE
    for word in words[:4] if item else words:
        person = bare(word)
        if person and WORDS[person]:
            return _child(person, words) or WORDS[person]
        if word in FEMALE_NAMES or word in MALE_NAMES:
            return Gender.FEMALE if word in FEMALE_NAMES else Gender.MALE
    return by_traits(segment) or (_by_form(words) if item else None)


def _child(person: str, words: list[str]) -> Gender | None:
    return None if person != "عيال" or "بنات" not in words else Gender.ANY


def by_traits(segment: str) -> Gender | None:
    """The gender that adjectives and verbs give, the first of them; None where there are none."""
    female, male = _TRAITS_FEMALE.search(segment), _TRAITS_MALE.search(segment)
    if female and (not male or female.start() < male.start()):
        return Gender.FEMALE
    return Gender.MALE if male else None


def _by_form(words: list[str]) -> Gender | None:
    """By the form of the first Arabic word: ة makes it female; a bare singular noun of a trade is male."""
    for word in words[:2]:
        if word.isascii() or word in ("دور", "شخصيه", "الشخصيه", "د", "م"):
            continue
        stem = word.removeprefix("ال")
        person = bare(word)
        if person is not None and WORDS[person] is None:
            return Gender.MALE if person == "طفل" else None
        if stem in _NO_FEMININE or stem.endswith(("ين", "ات", "ون")):
            return None
        return Gender.FEMALE if stem.endswith("ه") else Gender.MALE
    return None
