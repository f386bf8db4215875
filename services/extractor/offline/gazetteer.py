"""Cities, districts and countries with their spellings. Spellings are folded when the tables are built.

A line is: canonical English name, country (ISO 3166-1 alpha-2), spellings. Arabic spellings are given without the
article where it falls off after a preposition (بالرياض, للرياض); `places` tries both.
"""

from __future__ import annotations

from shared.arabic.normalise import fold_text

_CITIES = """
Riyadh|SA|الرياض|رياض|الرياظ|riyadh|ryadh|riyad|ruh|arriyadh
Diriyah|SA|الدرعية|diriyah|diriya|diriyyah|ad diriyah|addiriyah
Kharj|SA|الخرج|al kharj|kharj
Majmaah|SA|المجمعة|majmaah|al majmaah
Zulfi|SA|الزلفي|zulfi
Shaqra|SA|!شقراء|shaqra
Dawadmi|SA|الدوادمي|dawadmi
Wadi ad-Dawasir|SA|وادي الدواسر
Huraymila|SA|حريملاء
Thadiq|SA|ثادق
Ushaiqer|SA|أشيقر|اشيقر|ushaiqer
Jeddah|SA|عروس البحر الأحمر|عروس البحر|جدة|جده|jeddah|jedda|jiddah|jed|jidda
Mecca|SA|العاصمة المقدسة|مكة|مكه|مكة المكرمة|mecca|makkah|makka
Medina|SA|المدينة المنورة|!المدينة|المدينه المنوره|medina|madinah|al madinah
Taif|SA|عروس المصايف|الطائف|طايف|taif|al taif|at taif
Yanbu|SA|ينبع|yanbu|yanbo
Rabigh|SA|رابغ|rabigh
KAEC|SA|مدينة الملك عبدالله الاقتصادية|kaec
Qunfudhah|SA|القنفذة
Al Lith|SA|الليث
Dammam|SA|الدمام|dammam|damam|dmm|ad dammam
Khobar|SA|الخبر|khobar|al khobar|alkhobar|khubar
Dhahran|SA|الظهران|dhahran
Qatif|SA|القطيف|qatif|al qatif
Jubail|SA|الجبيل|jubail|al jubail
Al Ahsa|SA|الأحساء|الاحساء|الحسا|الهفوف|المبرز|الأحسا|al ahsa|al hasa|alahsa|ahsa|hofuf|hofouf|al hofuf
Saihat|SA|سيهات
Ras Tanura|SA|رأس تنورة|ras tanura
Khafji|SA|الخفجي|khafji
Hafar al-Batin|SA|حفر الباطن|hafar al batin|hafr al batin
Buraydah|SA|بريدة|buraydah|buraidah|buraida
Unaizah|SA|عنيزة|unaizah|onaizah|unayzah
Ar Rass|SA|!الرس
Hail|SA|حائل|حايل|hail|ha'il
Tabuk|SA|تبوك|tabuk|tabouk
NEOM|SA|نيوم|neom
AlUla|SA|العلا|alula|al ula|al-ula|ula
Umluj|SA|أملج|umluj
Duba|SA|ضباء
Amaala|SA|أمالا|amaala
Abha|SA|أبها|ابها|السودة|abha|soudah|al soudah|as soudah
Khamis Mushait|SA|خميس مشيط|khamis mushait|khamis mushayt
Rijal Almaa|SA|رجال ألمع|rijal almaa
Namas|SA|النماص
Bisha|SA|بيشة
Muhayil|SA|محايل عسير|محايل
Najran|SA|نجران|najran
Sharurah|SA|شرورة
Jazan|SA|جازان|جيزان|jazan|jizan|gizan
Sabya|SA|صبيا
Farasan|SA|فرسان_|جزر فرسان|farasan
Al Bahah|SA|الباحة|bahah|al baha|al bahah|baha
Baljurashi|SA|بلجرشي
Sakaka|SA|سكاكا|sakaka
Qurayyat|SA|القريات
Dumat al-Jandal|SA|دومة الجندل
Arar|SA|عرعر|arar
Rafha|SA|رفحاء
Turaif|SA|طريف_
Qiddiya|SA|القدية|qiddiya
Dubai|AE|دبي|دبى|dubai|dxb
Abu Dhabi|AE|أبوظبي|ابوظبي|أبو ظبي|بوظبي|abu dhabi|abudhabi|auh
Sharjah|AE|الشارقة|الشارجة|شارجة|sharjah
Ajman|AE|عجمان|ajman
Al Ain|AE|!العين|al ain|alain
Ras Al Khaimah|AE|رأس الخيمة|راس الخيمه|ras al khaimah|rak
Fujairah|AE|الفجيرة|fujairah
Umm Al Quwain|AE|أم القيوين|umm al quwain
Kuwait City|KW|الكويت|كويت|السالمية|حولي|مدينة الكويت|kuwait city|kuwait|salmiya|hawally|hawalli|mishref|مشرف_
Kuwait City|KW|الشويخ|shuwaikh|الجابرية|jabriya|شرق الكويت
Jahra|KW|الجهراء|jahra|al jahra
Ahmadi|KW|الأحمدي|ahmadi
Farwaniya|KW|الفروانية|farwaniya
Fahaheel|KW|الفحيحيل|fahaheel
Doha|QA|الدوحة|دوحة|doha
Lusail|QA|لوسيل|lusail
Al Wakrah|QA|الوكرة|wakrah|al wakrah
Manama|BH|المنامة|manama
Muharraq|BH|المحرق|muharraq
Riffa|BH|الرفاع|riffa
Sitra|BH|!سترة|sitra
Muscat|OM|مسقط|muscat
Salalah|OM|صلالة|salalah
Sohar|OM|صحار|sohar
Nizwa|OM|نزوى|nizwa
Cairo|EG|القاهرة|cairo
Giza|EG|الجيزة|giza
Alexandria|EG|الإسكندرية|اسكندرية|alexandria
Sharm El Sheikh|EG|شرم الشيخ|sharm el sheikh
Hurghada|EG|الغردقة|hurghada
Amman|JO|amman|عمّان الأردن
Petra|JO|البتراء|petra
Aqaba|JO|العقبة|aqaba
Beirut|LB|بيروت|beirut
Damascus|SY|دمشق|damascus
Baghdad|IQ|بغداد|baghdad
Basra|IQ|البصرة|basra
Erbil|IQ|أربيل|erbil
Istanbul|TR|إسطنبول|اسطنبول|istanbul
Casablanca|MA|الدار البيضاء|casablanca
Marrakesh|MA|مراكش|marrakesh|marrakech
Ouarzazate|MA|ورزازات|ouarzazate
Tunis|TN|tunis
London|GB|لندن|london
"""

# Districts and landmarks that settle the city where none is named. A word alone counts only after حي or beside a cue.
_DISTRICTS = """
Riyadh|SA|الملقا|حطين|الياسمين|النرجس|العليا|الصحافة|العقيق|القيروان|السليمانية|الملز|قرطبة|غرناطة|العارض|ملهم
Riyadh|SA|السويدي|الملك عبدالله المالي|كافد|kafd|البوليفارد|بوليفارد|boulevard|olaya|malqa|hittin|yasmin
Riyadh|SA|narjis|ليسن|لبن|عرقة|الحائر|الثمامة|thumamah|العمارية|ديراب|نمار|ظهرة لبن|النخيل|الربيع_|الندى
Riyadh|SA|الغدير|المروج|النفل|الفلاح_|واجهة الرياض|jax|جاكس|الدائري الشمالي|طريق الملك فهد
Jeddah|SA|البلد|أبحر|السلامة|الرويس|النزلة|غليل|الشاطئ|المحمدية|الخالدية|الصفا|المروة|التحلية|جدة التاريخية
Jeddah|SA|البحيرات|obhur|al balad|albalad|corniche jeddah|red sea mall|ذهبان|عسفان|بريمان|الحمدانية|أبو سليمان
Khobar|SA|العقربية|الراكة|العزيزية_|إثراء|ithra|half moon
Dubai|AE|al quoz|القوز|جميرا|jumeirah|البرشاء|barsha|dubai marina|مارينا|media city|studio city|jlt|الخوانيج
Dubai|AE|ديرة_|business bay|downtown dubai|القرية العالمية
Abu Dhabi|AE|جزيرة ياس|yas island|السعديات|saadiyat|twofour54|مصفح
Doha|QA|كتارا|katara|the pearl
"""

_COUNTRIES = """
SA|المملكة العربية السعودية|السعودية|المملكة|saudi arabia|ksa|saudia
AE|الإمارات|الامارات العربية|uae|u.a.e|emirates
KW|دولة الكويت
QA|قطر|qatar
BH|البحرين|bahrain
OM|سلطنة عمان|سلطنة عُمان|عمان|oman
EG|مصر|egypt
JO|الأردن|jordan
LB|لبنان|lebanon
IQ|العراق|iraq
YE|اليمن|yemen
TR|تركيا|turkey
MA|المغرب_|morocco
TN|تونس|tunisia
GB|بريطانيا|united kingdom
"""
_REGIONS = "القصيم|عسير|المنطقة الشرقية|الشرقية|qassim|asir|eastern province|الجوف|نجد_|البحر الأحمر|red sea project"

Place = tuple[str | None, str]


def _read(table: str, *, named: bool) -> tuple[dict[str, Place], set[str]]:
    """Spelling → (city, country), and the spellings that need a preposition or a cue because they are other words too.

    "!" before a spelling marks such a word; "_" at its end a word that is left out, kept to say that it was thought of.
    """
    places: dict[str, Place] = {}
    doubtful: set[str] = set()
    for line in table.strip().splitlines():
        parts = line.split("|")
        place: Place = (parts[0], parts[1]) if named else (None, parts[0])
        for spelling in parts[2:] if named else parts[1:]:
            if spelling.endswith("_"):
                continue
            folded = fold_text(spelling.lstrip("!"))
            places.setdefault(folded, place)
            if spelling.startswith("!"):
                doubtful.add(folded)
    return places, doubtful


CITIES, DOUBTFUL = _read(_CITIES, named=True)
DISTRICTS, _ = _read(_DISTRICTS, named=True)
COUNTRIES, _ = _read(_COUNTRIES, named=False)
REGIONS: dict[str, Place] = {fold_text(name): (None, "SA") for name in _REGIONS.split("|") if not name.endswith("_")}
FLAGS = {chr(0x1F1E6 + ord(code[0]) - 65) + chr(0x1F1E6 + ord(code[1]) - 65): code for code in
         "SA AE KW QA BH OM EG JO LB IQ YE SY MA TN TR SD PS".split()}  # fmt: skip
