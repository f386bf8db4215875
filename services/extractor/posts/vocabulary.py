"""Words that say little of a call, words that say the same, names of peoples and dialects; all in folded spelling."""

from __future__ import annotations

from shared.arabic.normalise import fold_text

EMPTY = frozenset(
    fold_text(
        """في من على الى إلى عن مع او أو ثم و ب ل ف هذا هذه هذي ذي اللي الذي التي هو هي هم كل بعد قبل حتى لين ان أن إن
    لا ما لم لن قد كان يكون تكون يوم ايام سنة سنوات سنه عام عمر العمر الاعمار أعمار بعمر عمره عمرها بين فوق وفوق
    تحت ال مطلوب مطلوبة المطلوب نحتاج محتاجين يحتاج تحتاج نبي نبغى يبي تبي يبون تبون نبحث يبحث تبحث يبحثون ابحث
    ندور ناقصنا باقي للتواصل التواصل تواصل تواصلوا ارسل ارسلوا إرسال ارسال أرسل يرسل يرجى الرجاء ابعث كلموني
    كلمني راسلوني راسلونا راسل واتس واتساب واتسآب الواتس الواتساب رقم الرقم جوال ايميل الايميل بريد البريد خاص
    الخاص رابط الرابط النموذج للتسجيل التسجيل سجل يسجل للتقديم التقديم قدم قدمي تقديم اخر آخر موعد تاريخ يقفل
    ينتهي الإغلاق تصوير التصوير يصور نصور المكان الموقع مكان موقع الوقت الأجر الاجر المكافأة المقابل المبلغ
    السعر الميزانية اليومية ريال ريالات درهم دينار دولار الف يوميا لليوم باليوم للساعة كاش مدفوع مدفوعة الحين
    الان عاجل هام مهم فرصة صور صورة صوره الصور صوركم فيديو سيرة السيرة الاسم اسمك عمرك عدد العدد شخص اشخاص فقط
    بس جدا تقريبا لازم يفضل كاستنج تجارب اداء الاداء أداء تعلن تدعو نرحب يعلن اعلان إعلان دور الدور ادوار
    الأدوار شخصية الشخصية الشخصيات the a an of for in on at to from and or with by is are be we our you your us
    this that it as all any per each not no need needed needs looking seeking wanted casting call calls open
    role roles shoot shooting filming date dates location rate budget pay paid send apply submit deadline
    contact whatsapp dm email photos photo video name age aged ages years year old yrs day days sar aed kwd bhd
    qar omr usd sr kd please pls must more now urgent tomorrow today next week before until till only plus
    starts start الاحد الأحد الاثنين الإثنين الثلاثاء الاربعاء الأربعاء الخميس الجمعة السبت احد اثنين ثلاثاء
    اربعاء خميس جمعة سبت القادم القادمة الجاي الجاية المقبل الحالي sunday monday tuesday wednesday thursday
    friday saturday sun mon tue wed thu fri sat thurs tues coming this يناير فبراير مارس ابريل مايو يونيو يوليو
    اغسطس سبتمبر اكتوبر نوفمبر ديسمبر january february march april june july august september october november
    december jan feb mar apr jun jul aug sep sept oct nov dec tvc tv commercial commercials ad advert brand
    client project production agency talent but so if then also hello hi everyone thank thanks am i me my who
    which what there here will can should has have had was were do does did not only just very up out off over
    into about its their his her him she he they them unfortunately still great good job total cast details info
    interested كذلك ايضا وايضا حاليا فورا جديد جديدة متاح متوفر التفاصيل تفاصيل المهتم المهتمين للمهتمين مهتم
    جميع الجميع كامل كاملة أزياء الحسبة حسبة
    دعاية دعائي دعائية حملة تجاري تجارية قيمة أجور اجور اجره أجره راتب الراتب للاستفسار استفسار حاب حابين يناسب
    مناسب رسالة الرسالة مباشرة مباشر فضلا لطفا ضروري بسرعة عندكم عندنا أبناء أهل سكان منطقة المنطقة فيه معنا
    مشاركة للمشاركة شارك campaign
    talent talents people person message text reach inbox pics pic pictures"""
    ).split()
)
ALIKE = {
    fold_text(word): alike
    for alike, words in enumerate(
        line.split()
        for line in (
            "بنت بنات بنتين فتاة فتيات صبايا شابة شابات girl girls",
            "شاب شباب شبان ولد اولاد عيال guy guys boy boys",
            "رجل رجال رجلين man men",
            "امرأة نساء سيدة سيدات حرمة حريم woman women lady ladies",
            "ممثل ممثلين الممثلين actor actors",
            "ممثلة ممثلات actress actresses",
            "موديل موديلز مودل مودلز عارض عارضين model models",
            "شايب شيخ elder",
            "مسلسل مسلسلات series",
            "فيلم فلم film movie",
            "عائلة عايلة عوائل family",
            "بدوي bedouin",
            "غدا بكرة بكره باجر",
        )
    )
    for word in words
}
ANY_MAN = frozenset("ممثل ممثلين رجل رجال شاب شباب شخص موديل عارض رجالي ذكر ذكور actor man men guy guys male".split())
ANY_WOMAN = frozenset(
    fold_text(
        """ممثلة ممثلات بنت بنات فتاة فتيات امرأة نساء سيدة سيدات صبية شابة عارضة نسائي أنثى إناث شخص موديل
        actress woman women lady girl girls female"""
    ).split()
)
NATIONS = {
    fold_text(word): nation
    for nation, words in {
        "SA": "سعودي سعودية سعوديين سعوديات saudi",
        "EG": "مصري مصرية مصريين مصريات egyptian",
        "KW": "كويتي كويتية كويتيين كويتيات kuwaiti",
        "AE": "اماراتي اماراتية اماراتيين emirati",
        "BH": "بحريني بحرينية بحرينيين bahraini",
        "QA": "قطري قطرية قطريين qatari",
        "OM": "عماني عمانية عمانيين omani",
        "LEV": "شامي شامية لبناني لبنانية لبنانيين سوري سورية سوريين فلسطيني فلسطينية lebanese syrian levantine",
        "JO": "اردني اردنية اردنيين jordanian",
        "IQ": "عراقي عراقية عراقيين iraqi",
        "MA": "مغربي مغربية مغاربة moroccan",
        "SD": "سوداني سودانية سودانيين sudanese",
        "YE": "يمني يمنية يمنيين yemeni",
        "IN": "هندي هندية هنود indian",
        "PK": "باكستاني باكستانية باكستانيين pakistani",
        "PH": "فلبيني فلبينية فلبينيين filipino filipina",
        "AF": "افريقي افريقية افارقة african",
        "AS": "اسيوي اسيوية اسيويين asian chinese صيني",
        "EU": "اجنبي اجنبية اجانب اوروبي اوروبية foreign foreigners western european british بريطاني امريكي american",
        "GULF": "خليجي خليجية خليجيين khaleeji gulf",
        "najdi": "نجدي نجدية najdi",
        "hijazi": "حجازي حجازية جداوي جداوية hijazi",
        "southern": "جنوبي جنوبية عسيري عسيرية southern",
        "hasawi": "حساوي حساوية",
        "qassimi": "قصيمي قصيمية",
        "bedouin": "بدوي بدوية bedouin",
    }.items()
    for word in words.split()
}
PAID = frozenset("مدفوع مدفوعه تطوعي مجاني unpaid paid volunteer".split())
PAY_WORDS = frozenset(
    fold_text(
        """تطوعي مدفوع مدفوعة مجاني بدون اجر مقابل وجبات وجبة مواصلات سكن فطور غدا عشا تذاكر اقامة unpaid paid meals
    food credit transport accommodation travel volunteer free gift هدية هدايا قابل للتفاوض negotiable"""
    ).split()
)
