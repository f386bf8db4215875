"""Weaker and rarer signs of what is made, in folded spelling: how other writers call a voice, a crowd, a stage."""

from __future__ import annotations

from shared.contracts.calls import ProjectType

_WANT = (
    r"(?:نبي|نبغي|نبا|ابغي|ابي|ابا|تبي|تبغي|يبي|يبغي|نحتاج|محتاج(?:ين|ه)?|مطلوب|نبحث\sعن|ندور|ادور|بدنا|عايزين?|"
    r"ناقصنا)"
)
_MANY = r"(?:1[0-9]|[2-9]\d|[1-9]\d\d)"

SIGNS: tuple[tuple[ProjectType, float, str], ...] = (
    (
        ProjectType.VOICE_OVER, 8,
        rf"{_WANT}\s(?:[^\W\d_]+\s)?(?:صوت|اصوات|صوتين)|صوت\s[^\W\d_]{{2,12}}(?:ي|يه)|صوت\s(?:ل|حق|في\sاعلان)\w*|"
        r"(?:male|female|man|woman|british|american|khaleeji|gulf|saudi|egyptian|levantine|rp|teen|old|young|deep|warm|"
        r"husky|bilingual|native)\svoices?|voices?\s(?:actors?|actress|over|talents?|samples?|reels?|roles?|lines?)|"
        r"dub|dubs|دوبلاج|الدبلجه|مدبلج\w*|(?:للمكفوفين|يقرون|تقرا\sكتاب|قراه\sكتب|يسجل\w*\sكتب|تسجل\s(?:كتب|قصايد))|"
        r"voice\s?note\sad|(?:recording|record)\s(?:[^\W\d_]+[\s-]){0,3}(?:kids|children|accents?|voices?|phrases|commands|"
        r"lines|sentences|prompts)|نسجل\s(?:[^\W\d_]+\s)?(?:قصيده|قصايد|كتاب|روايه|جمل|حلقات\sكرتون|انميشن)|"
        r"(?:يبغي|تبغي|يبي|تبي)\s(?:[^\W\d_]+\s)?صوت\w*|(?:بنت|ولد|رجال|واحد|وحده)\sصوت(?:ها|ه)|مبحوح|رخيم|جهوري|"
        r"(?:بدبلجه|بصوتك|بصوتكم)|موشح\sصوتي|صوتيات|mobile\sgame|game\scharacters|in-?game|gps\svoice|siri"),
    (
        ProjectType.VOICE_OVER, 3.5,
        r"\bmic\b|microphone|booth|from\shome\sstudio|سامبل|سامبلز|audio|acx|تسجيل\sمن\sالبيت|التسجيل\sمن\sالبيت|remote\s"
        r"recording|recording\sremote|accent(?:ed)?|عازل\sصوت|معزول|يلقي|القا|نطق|ينطق|تهمس|whisper|فويس\sنوت\sعينه|راوي|"
        r"راويه|سبوت|spot\sاذاعي|صوت|voice"),
    (
        ProjectType.MUSIC_VIDEO, 8,
        r"كليبات|للكليب|كليبنا|(?:rap|song|music|artist'?s?|band|singer'?s?)\s(?:clip|vid|video)|clip\s(?:rap|song|ghina)|"
        r"klip|cleeb|kleeb|clib|فيديوكليب|شيلات|تصوير\s(?:ال)?اغني(?:ه|ات)|اغنيه\s(?:جديده|مصوره|وطنيه)|نشيد|اوبريت|"
        r"(?:فنان|مطرب|مغني|رابر|فنانه|مطربه)\s(?:شاب|جديد|معروف|سعودي|خليجي|كويتي)|lyric\svideo|visualiser|visualizer"),
    (
        ProjectType.EXTRAS, 6,
        rf"{_MANY}\s(?:رجل|رجال|حرمه|حريم|امراه|سيده|زول|عجوز|مصلي|مصلين|متفرج|متفرجين|راكب|ركاب|مسافر|مسافرين|جندي|جنود|"
        rf"محارب|فارس|فرسان|عاملين|معازيم|ضيف|مقعد|كرسي|يهال|ياهل|طفل|pax|heads?|bodies|extras?|soldiers|passengers|"
        rf"diners|worshippers|partygoers|people\swho|locals|villagers)",
    ),
    (
        ProjectType.EXTRAS, 6,
        r"كمالة\sعدد|تكمله\sعدد|ورا\sالبطل|وراء\sالبطل|خلف\sالبطل|صف\sمصلين|مصلين|معازيم|زحمه|حشد|مار(?:ه|ين)\s(?:في|ب)|"
        r"(?:ما|مو|بدون)\s(?:يتكلم|يتكلمون|تتكلم)|ما\sتقولون\sشي|(?:بس|فقط)\s(?:يمشون|يقعدون|يوقفون|تقعدون|تمشون)|"
        r"fill\s(?:the|up)\s(?:room|seats|hall)|seat\sfillers?|atmosphere\s(?:talent|actors)|silent\s(?:role|bits?)|"
        r"(?:سوق|مطار|مستشفي|محكمه|مدرسه|عزا|عرس|تراويح)\s(?:ل|في\s)?(?:مسلسل|فيلم)|مجموعه\sكبيره|مجاميع|mjame3|majamee3|"
        r"(?:تصوير|مشاهد?)\s(?:ال)?(?:معركه|معارك|عزا|تراويح|حرب|جنازه|عرضه|سوق|صلاه)|(?:monster|zombie|battle|riot|"
        r"market|airport|courtroom|hospital|restaurant|cafe|party|street|school|mosque|stadium|hotel\slobby)\s(?:scenes?|"
        r"thing|crowd|shots?)"),
    (
        ProjectType.FILM, 6,
        r"وثايقي(?:ه)?|الوثايقي|(?:horror|comedy|drama|silent|student|sci-?fi|festival|action|thriller|love|indie|arabic|"
        r"saudi|grad(?:uation)?)\sshort|my\sshort|our\sshort|شريط(?:ي|نا)?\s(?:ال)?(?:قصير|سينمايي|طويل)|"
        r"(?:سالفه|قصه|حكايه)\sقصيره|graduation\s(?:film|project)|مشروع\s(?:ال)?تخرج\w*|docu(?:mentary)?|body\sdouble|"
        r"stunt\sdouble|دوبلير\w*|فيلمي|فلمي|فلمنا|فيلم\s(?:توعوي\sقصير|قصير|طويل|صامت|رعب|وثايقي|طلابي)|feature-length|"
        r"بدعم\sمن\s(?:صندوق|هييه|مهرجان)|شورت\sفيلم|شورت\sفلم|short\sfilms?|movie|cinematic"),
    (ProjectType.FILM, 3, r"one-room|director|مخرج(?:ه|نا|ي)?|imdb|المخرجه|festivals|جمل\sفي\sالفيلم|بطل(?:ه)?\sحقيقي"),
    (
        ProjectType.OTHER, 8,
        r"سكتش(?:ات)?|سكيتش(?:ات)?|اسكتش(?:ات)?|sketch(?:es)?|فيديو\sتوعوي|فيديوهات\sتوعويه|awareness\svideo|"
        r"(?:safety|training|induction|instructional|educational|explainer|onboarding)\s(?:videos?|clips?)|"
        r"فيديو\s(?:تدريبي|تعليمي|توعيه|سلامه)|فيديوهات\s(?:تدريبيه|تعليميه)|live\s(?:shopping|stream(?:ing|er)?|selling)|"
        r"livestream\w*|بث\sمباشر|لايف\s(?:بيع|تسوق|تيك)|بيع\sمباشر|برنامج\s(?:طبخ|مقالب|كاميرا\sخفيه|جديد|رمضاني|تلفزيوني|"
        r"يوتيوب|مسابقات|واقع|شبابي|حواري|اطفال|صباحي|منوعات)|كاميرا\sخفيه|مقالب|hidden\scamera|prank\w*|"
        r"(?:flash\s)?proposal|dating\sshow|talk\sshow|tv\s(?:show|programme|program|host|presenter)|virtual\sproduction|"
        r"تجارب\sاكل|cook-?off|studio\saudience|webinar|كورس\s(?:اونلاين|مسجل)|online\scourse|research\s(?:study|clip)|"
        r"mocap|motion-?capture|face\sscan|ai\straining|body\sscan|crash\stest|role-?play(?:er|ers)?"),
    (
        ProjectType.OTHER, 3,
        r"يوتيوب|youtube|بودكاست|podcast|قناه|channel|presenter|مذيع(?:ه)?|host\sfor\sour|مقدم(?:ه)?\sبرنامج",
    ),
    (
        ProjectType.EVENT, 7,
        r"flash\s?mob|فلاش\s?موب|santa|سانتا|بابا\sنويل|staff\s(?:party|do)|office\sparty|christmas|new\syear'?s?\seve|nye|"
        r"birthday|عيد\sميلاد|(?:حفله?|زفه)\s(?:عرس|زواج|زفاف|تخرج|ملكه|خطوبه|شركه)|بملكه|ملكه\sفي|زواج\sفي|"
        r"عرس\sفي|مدخل\s(?:القاعه|الحفل)|(?:قاعه|صاله)\s(?:افراح|زواج|الافراح)|استقبال\s(?:ال)?(?:ضيوف|معازيم|زوار)|"
        r"جلسات?\s(?:نار|سمر|حكواتي|قصص)|حكواتي(?:ه)?|مرشد(?:ه|ين)?\s(?:سياحي|زوار)|يستقبل(?:ون)?\s(?:ال)?(?:ضيوف|زوار)|"
        r"street\sperformers?|stilt|مهرجين|بهلوان\w*|فرقه\s(?:عرضه|شعبيه)|mall\s(?:show|performance)|corniche\sperformance|"
        r"f1|formula|grand\sprix|marathon|booth\s(?:staff|girls?|babes)|trade\sshow|leap|cityscape|brand\sactivation|"
        r"mascots?|living\sstatues?|gatsby|host\san?\s(?:event|evening|night|panel)|moderat(?:or|e)|panel|حفل\s(?:تكريم|جوايز|"
        r"تدشين|اطلاق|خيري|ختامي|افتتاح)|يقدم\sحفل|تقدم\sحفل|عريف(?:ه)?\s(?:حفل|الحفل)|بنات\s(?:ضيافه|استقبال|تنظيم)"),
    (
        ProjectType.THEATRE, 8,
        r"on\sstage|onstage|amateur\s(?:company|dramatics|theatre)|players\b(?=[^.]{0,40}(?:stage|rehears))|open\s?mic|"
        r"stand-?up(?:\snight|\sshow)?|comedy\snight|sketch\scomedy|macbeth|hamlet|othello|romeo|juliet|shakespeare|chorus|"
        r"ensemble|panto(?:mime)?|puppet\w*|دمي|مسرح\sعرايس|عرض\s(?:حركي|ادايي|مسرحي|قصير\sعلي)|علي\s(?:ال)?(?:خشبه|مسرح)|"
        r"مونولوج|كورال|playwright|script\sreading|قراه\sمسرحيه|مسرحيتنا|مسرحيتي|مسرحيا|فرقه\s(?:مسرح\w*|تمثيل)|"
        r"amdram|dramatic\ssociety|musical\s(?:theatre|production)|rehearsing"),
    (
        ProjectType.UGC, 7,
        r"review|ريفيو|رفيو|honest\s(?:clip|video|opinion)|(?:film|filming|shoot)\s(?:one|a|1|yourself|themselves|it\syourself|"
        r"your\sown)|بجوال(?:هم|ها|ه|ك|كم|ج)|بالجوال|بتلفون(?:ك|ج|ها|هم)|يصور(?:ون)?\s(?:نفسهم|غرفهم|بيتهم|يومهم|انفسهم)|"
        r"تصور(?:ين|ون)?\s(?:نفسك|بيتك|غرفتك|مطبخك|يومك)|تجرب(?:ين|ه)?\s(?:ال)?(?:منتج|كريم|تطبيق|عطر|جهاز)|تجربتك|"
        r"unboxings?|haul|grwm|get\sready\swith|ريل\s|ريلزات|tiktoks|ستوري|stories|"
        r"raw\s(?:footage|clips?)|كريتور\w*|كونتنت|يوتيوبر\w*|تيكتوكر\w*|سنابي\w*|بلوقر\w*|bloggers?|foodies?"),
    (
        ProjectType.MODELLING, 7,
        r"hands?\s(?:only|model|models|shots?)|(?:ايد|يد|يدين|ايادي)\s(?:رجاليه?|نسايي?ه?|نظيفه|ناعمه)|تصوير\sثابت|"
        r"(?:تصوير|صور)\s(?:كتالوج|منتجات\sازيا|عبايات|فساتين|ملابس|ازيا|مجوهرات|ساعات|نظارات)|لوكبوك|لوك\sبوك|lookbooks?|"
        r"fit\smodel|parts\smodel|foot\smodel|hair\smodel|موديل\s(?:شعر|يد|عبايات|فاشن|رجالي|محجبه)|editorial|headshots|"
        r"عروض\s(?:ال)?ازيا|دفيله|ديفيليه|catwalk|kidswear|sportswear|menswear|modest\s(?:fashion|wear)|thobes?|bridal\s"
        r"(?:shoot|hair)"),
    (
        ProjectType.COMMERCIAL, 7,
        r"i3lan|e3lan|e3laan|i3laan|ealan|e'lan|elan\s(?:tv|bank)|da3aya|d3aya|di3aya|7amla|hamlat?|"
        r"(?:app|bank|telco|telecom|fintech|burger|skincare|perfume|tourism|airline|car|mall|hotel|real\sestate|ramadan|brand|"
        r"product|company|corporate)\s(?:film|spot|tvc|ad|advert|promo|campaign|video)|(?:اعلان|دعايه)\s(?:حق\s)?(?:بنك|شركه|"
        r"مطعم|عطر|متجر|تطبيق|سيارات|حليب|عصير|شامبو|حفاضات|حفاظات|مفروشات|زيت|بن|قهوه|شاي|عقار|اتصالات|مول|كوفي|تمر|توصيل|"
        r"تلفزيوني|تجاري|سوشيال)|حمله\s(?:شامبو|مستشفي|بنك|رمضان|سياحيه|صحيه|وطنيه|عطر|تسويق|شركه)|كاستنج\s(?:اعلان|دعايه)|"
        r"product\s(?:shoot|launch)|brand\sfilm|spec\sad|\btvc\b|تي\sفي\sسي|اعلاننا|دعايتنا"),
    (
        ProjectType.COMMERCIAL, 3,
        r"منتج\s(?:اكل|العنايه|جديد|غذايي)|اكل\s(?:قطط|اطفال)|حفاظات|حفاضات|شامبو|مفروشات|تامين|زيوت|مشروبات|sauce|noodles|"
        r"حق\sشركه|لشركه|صوره\s(?:الحمله|الاعلان)|buyouts?|الزبون|العميل|deodorant|yogh?urt|fast\sfood|scooter|remittance"),
    (
        ProjectType.SERIES, 7,
        r"عمل\s(?:درامي|تلفزيوني|رمضاني|كوميدي|خليجي|كويتي|سعودي)|اعمال\s(?:دراميه|رمضانيه)|مسلسلنا|للمسلسل|بالمسلسل|"
        r"series\sregulars?|docu-?series|day\splayers?|pilot\sepisode|musalsal|mosalsal|msalsal|7alqa\w*|حلق(?:ه|تين|ات)\sمن|"
        r"web\s?series|سلسله\s(?:دراميه|كوميديه|حلقات)|دراما\s(?:بدويه|اجتماعيه|رمضان\w*|خليجيه)|ويب\sسيريز|سيزن\s\d"),
    (
        ProjectType.SERIES, 2.5,
        r"(?:اجره?|سعر)\sالحلقه|per\sepisode|ep(?:s|isodes)?|بالحلقه|للحلقه|اجر\sالحلقه|مخرج\sالعمل|streaming\splatform|لمنصه|"
        r"shahid|netflix"),
)  # fmt: skip
