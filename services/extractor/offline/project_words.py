"""The words that tell what is made, in folded spelling, each with its weight."""

from __future__ import annotations

from shared.contracts.calls import ProjectType

# (type, weight, words). Types that say how the work is done (a voice, extras) outweigh what it is done for (a series).
TYPES: tuple[tuple[ProjectType, float, str], ...] = (
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
        r"صوت\s(?:نسايي|رجالي|رجال|بناتي|طفل|اطفال|بنت|ولد|شبابي|انثوي|ذكوري)|نبي\sصوت|تبي\sصوت|نحتاج\sصوت|"
        r"الاصوات|اصوات|صوته|صوتك|حكواتيه|متحدث(?:ين)?\s\(|قراه\s\d+\sجمله|قراه\s\d+\sجمله|عينه\sصوت"),
    (
        ProjectType.MUSIC_VIDEO, 9,
        r"فيديو\s?كليب|كليب|(?:تصوير|كليب)\s(?:شيله|اغنيه)|اغنيه\s(?:ل|مصوره)|music\svideos?|music\sclip|"
        r"video\sclip",
    ),
    (
        ProjectType.EXTRAS, 8,
        r"مجاميع|كومبارس|كمبارس|كومبرس|اكسترا(?:ز)?|extras?|background(?:\s(?:artists?|actors?|talent))?|\bbg\b|crowd",
    ),
    (
        ProjectType.EXTRAS, 4,
        r"(?:ل|ال)?مشهد\s(?:سوق|كوفي|مستشفي|حفله?|عزومه|زحمه|مطعم|مدرسه|عرس|مطار|ملعب|مباراه|محطه|حديقه|شارع|زفاف|عزا|معارك)|مشاهد\sمعارك|scene",
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
        r"buyout|عميل|تطبيق|telecom|بنك|منتج|شوت|حملته|حملتنا|حملتها|سفرا|مطعم|كوفي|براند",
    ),
    (ProjectType.COMMERCIAL, 1, r"shoot|تصوير|نصور|كاش|on\scam"),
    (ProjectType.FILM, 1.5, r"مشهد|الدور|دور|شخصيه|كلوز"),
    (
        ProjectType.MODELLING, 7,
        r"(?:ال|لل)?مودي?ل(?:ز|ات|ين)?|عارض(?:ه|ات|ين)|عرض\sازيا|لوك\s?بوك|كتالوج|كاتالوج|look\s?book|"
        r"(?:hair\s|hijabi\s|female\s|male\s|mature\s|fitness\s|hand\s)?models?|modelling|modeling|"
        r"ecom(?:merce)?|e-com(?:merce)?|catalog(?:ue)?|runway|fashion\sshow|polas?|بورتفوليو|يد\s\((?:رجل|امراه)|كفوف|"
        r"beauty\sbrand|جلسه\sتصوير|photo\s?shoot|فاشن",
    ),
    (
        ProjectType.EVENT, 7,
        r"(?:ال|لل|ل)?موتمر|(?:ال|لل|ل|ب)?موتمر|(?:ال|لل|ل)?معرض|(?:ال|لل|ل)?افتتاح|(?:ال|لل)?فعالي(?:ه|ات)|"
        r"(?:مقدم(?:ه)?|عريف(?:ه)?)\s(?:(?:ال)?حفل|حفلات|فعاليات)|منظم(?:ين|ات)|بنات\sاستقبال|استقبال\sضيوف|ماسكوت|ساقي|ضيافه|(?:ال|"
        r"لل|ل)?مهرجان|"
        r"expo|events?|ushers?|hosts?|hostess(?:es)?|\bmc\b|emcee|gala|festival|conference|exhibition|"
        r"promoters?|wedding|awards?\snight|مضيف(?:ات|ين)\s(?:ل|فعالي|حفل)|حكواتيه\s/|storytellers",
    ),
    (
        ProjectType.OTHER, 10,
        r"برنامج\s(?:واقع|مسابقات|طبخ|مواهب|تلفزيوني|بودكاست|حواري)|متسابق(?:ين|ات)?|reality(?:\sshow)?|"
        r"game\sshow|quiz\sshow|تلفزيون\sالواقع|بودكاست|podcast(?!\sdrama)|موشن\s?كابشر|mo-?cap|"
        r"motion\scapture|"
        r"مرضي\sمعياريين|standardi[sz]ed\spatients?|فيلم\sتدريبي|training\sfilm|مواهب\sغناييه|مواهب\sغناييه|"
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
        r"(?:ال|لل|ل|ب|بال)?فيلم(?:نا|ها|ه|ي)?|(?:ال|لل)?فلم|(?:ال)?افلام|سينمايي|films?|short\sfilm|"
        r"feature(?:\sfilm)?|movie|festival\sshort|thesis|مشروع\sتخرج\w*|docu-?drama|doc-fiction|documentary|"
        r"short(?=\s?[,(-])",
    ),
    (
        ProjectType.COMMERCIAL, 6.5,
        r"(?:ال|لل|ل|ب)?اعلان(?:ات)?(?!\s(?:تجارب|للمواهب|كاستنج|رسمي|عن|هام|مهم))|(?:ال|لل|ل)?دعايه|(?:ال|ل|"
        r"لل)?حمله|حملات|tvcs?|commercials?|\bad\b|\bads\b|advert(?:isement)?s?|campaign|spot|e3lan|"
        r"فيديو\s(?:سياحي|ترويجي|دعايي|تعريفي)|brand(?:\sface)?|promo|وجه\sاعلاني|ماركه|توصيل|"
        r"تصوير\sمنتج",
    ),
    (
        ProjectType.VOICE_OVER, 6,
        r"خامه\sصوت\w*|خامات\sصوتيه|تسجيل\sصوتي\w*|صوت\s(?:اعلاني|اذاعي|دافي|شبابي|كرتوني)|اعلان\sاذاعي|اعلانات\sاذاعيه|"
        r"رساله\sانتظار|رسايل\sانتظار|كتب?\sمسموع\w*|كتاب\sمسموع|روايه\sصوتيه|صوتين|voices(?:\snot\sfaces)?|"
        r"radio\s(?:spot|ad|commercial)|narration|voice\s(?:needed|wanted|for|recording|casting|cast|sample|demo)|"
        r"(?:boy|girl|kids?|childs?|lady|elder)\svoice|audio\s(?:book|series|course)|صوته\sيشبه|من\sصوته|اذا\sصوتك"),
    (
        ProjectType.VOICE_OVER, 3,
        r"انمي|انيمي|كرتون(?:ي|يه)?|رسوم\sمتحركه|انميشن|animation|animated|cartoon|elearning|e-learning|عينه|demo|wav|home\sstudio|"
        r"اذاعه|راديو|radio|مايك|نبره|bilingual\svoice"),
    (
        ProjectType.EXTRAS, 6,
        r"(?:no|without)\s(?:lines|dialogue|dialog|speaking)|non-?speaking|بدون\s(?:حوار|كلام)|(?:ما|مافيه|مافي)\s?(?:فيه|في)?\s?كلام(?!\sكثير)|"
        r"صامت(?:ه|ين)?|walk[\s-]?ons?|passers-?by|حشود|جماهير|جمهور\s(?:مباراه|مسابقه|برنامج|في\s(?:ال)?(?:مشهد|تصوير))|باقي\s\d{2,3}\sمكان|مشجعين|fans|spectators|stand-?ins?|featured\sextras?|"
        r"(?:بس\s)?(?:يمشون|يقعدون|جالسين|واقفين)|ymshon|(?:عشر|عشره|عشرين|ثلاثين|اربعين|خمسين|ميه|fifty|twenty|thirty)\s"
        r"(?:رجاجيل|رجال|شخص|شباب|بنات|شاب|نفر|people|men|women|extras)"),
    (
        ProjectType.EXTRAS, 5,
        r"(?:1[0-9]|[2-9]\d|[1-9]\d\d)\s(?:رجاجيل|شباب|بنات|صبايا|نفر|موظف|طالب|عامل|طلاب|اشخاص|عوايل|hikers|runners|guests|"
        r"students|workers|guys|girls|ladies|extras|fans|kids|children|drivers|families|banat|shabab|office\w*)"),
    (
        ProjectType.UGC, 4,
        r"ريلز|reels?|tik\s?tok|تيك\s?توك|بجوالك|بالجوال|phone\sonly|on\syour\sphone|vertical|unboxing|من\s(?:بيتك|بيتكم|البيت)|"
        r"from\shome|تجرب(?:ه|ين|ون)\sالمنتج|رايك\sالصريح|honest\sreview|influencers?|micro-?influencers?|موثرين|"
        r"مشاهير|content|محتوي|تصور(?:ين|ون)?\s(?:لنا|طلبك|نفسك)\s?(?:فيديو)?|to\sfilm\s(?:what|their|your|themselves)|"
        r"بالبيت|بوكس|افلييت|يوميات|day\sin\s(?:my|the)\slife|vlog|فلوق"),
    (
        ProjectType.MUSIC_VIDEO, 7,
        r"اغنيه|اغاني|الاغنيه|song\svideo|new\s(?:song|single)|single\sby|rap\svideo|فنان\sكليب|موسيقي\sمصور"),
    (
        ProjectType.MODELLING, 6,
        r"فوتوسيشن|فوتو\s?سيشن|photo\s?sessions?|كولكشن|collection|capsule|stills|print\s(?:ad|campaign|shoot)|تصوير\sفوتوغرافي|"
        r"فوتوغرافي\w*|صور\s(?:المنتجات|الواجهه|الموقع|المتجر|الكتالوج|العبايات|الفساتين)|عروض\sازيا|ازيا|fashion|"
        r"makeup\s(?:artist|model|look)|hair\s(?:show|salon|shoot)|صالون|salon|streetwear|jewel\w+|مجوهرات|فساتين|"
        r"bridal"),
    (
        ProjectType.MODELLING, 3,
        r"skincare|beauty|عبايه|عبايات|عبايا|abayas?|فستان|ثياب|ثوب|ملابس|مكياج|ميك\s?اب|شعرها|الشتوي|الصيفي|winter|summer\sline|boutique|بوتيك|label|"
        r"متجر|height|مقاس"),
    (
        ProjectType.EVENT, 6,
        r"تدشين|حفل(?!\s(?:زفاف|عرس)\sفي\sمشهد)|حفله|يقدم\sالحفل|تقديم\s(?:الحفل|الفعاليه)|launch\s(?:event|party|night)|ceremony|grand\s"
        r"opening|opening\s(?:night|ceremony)|بوث|booths?|activation|roadshow|road\sshow|كرنفال|ملتقي|منتدي|forum|summit|قمه|"
        r"tournament|grand\sprix|motorsport|race\sweekend|(?:موسم|سيزن)\s(?:الرياض|جده|الدرعيه)|riyadh\sseason|jeddah\sseason|"
        r"بروتوكول|protocol|event\sstaff|welcome|تستقبل(?:ون|ين)|يستقبلون|ستاند|mall\s(?:event|activation)|"
        r"مضيفات|مضيفين|staffing|live\sshow|face\spainting|مهرج|clown|entertainers?|حكواتي\w*|7akawati|سحور|افطار"),
    (
        ProjectType.COMMERCIAL, 7,
        r"(?:brand|corporate|promo|promotional|developer|company|tourism|national\sday|founding\sday|campaign|launch|ramadan)\s"
        r"(?:\w+\s)?(?:film|video|short)|فيلم\s(?:اعلاني|دعايي|ترويجي|تعريفي|مؤسسي|موسسي|سياحي|وطني)|dvc|digital\s(?:ad|film|"
        r"commercial)|tv\s(?:ad|spot|commercial)|تصوير\sاعلاني|حمله\s(?:اعلانيه|ترويجيه|توعويه|رمضانيه|تسويقيه)|فيديو\s(?:دعايي|تسويقي|"
        r"اعلاني|مؤسسي|موسسي)|اعلانيه?|billboard|تي\sفي\sسي"),
    (
        ProjectType.COMMERCIAL, 4,
        r"client|agency|العميل|زبون|الزبون|product|المنتج"),
    (
        ProjectType.COMMERCIAL, 2.5,
        r"عطر|عطور|زيت|سياره|سيارات|شاي|عصير|حليب|مشروب|شوكولاته|كريم|برجر|شاورما|محل|قهوه|محمصه|nappy|diapers?|shampoo|toothpaste|"
        r"snack|juice|app|bank|airline|perfume|car|dairy|coffee|chocolate|real-?estate|عقار\w*|شركه|مستشفي|عياده|clinic|منتجع"),
    (
        ProjectType.SERIES, 6,
        r"ويب\s?سيريز|web\s?series|mini-?series|s1|s2|s3|s4|s5|الموسم\s(?:الاول|الثاني|الثالث|الجديد)|مسلسلين|دراما\sرمضان\w*|حلقتين"),
    (
        ProjectType.OTHER, 4,
        r"برنامج|برامج|program(?:me)?|talk\sshow|challenge|تحدي|تحديات|المسابقه|مسابقه|quiz|interview\sguests?|ضيوف"),
    (
        ProjectType.FILM, 4,
        r"روايي\s(?:طويل|قصير)|feature|طلابي|طالبه?\s(?:اخراج|سينما|افلام)|student\s(?:film|project)|مخرج(?:ه)?\sمستقل\w*|indie|"
        r"سينما"),
)  # fmt: skip
