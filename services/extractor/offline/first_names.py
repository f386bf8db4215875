"""First names of the Gulf and of the casts that work there, folded: what they say about a role's gender.

Names that are everyday words too when folded (علي and على, عمر, هنا, لين, فجر) are left out.
"""

from __future__ import annotations

MALE_NAMES = frozenset(
    """محمد احمد محمود مصطفي خالد سعد سعود فهد فيصل سلطان عبدالله عبدالرحمن عبدالعزيز عبدالملك عبدالمجيد عبدالكريم
عبدالاله عبداللطيف عبدالوهاب عبدالمحسن عبدالهادي ناصر بندر تركي مشاري ماجد سالم سلمان راكان رايد يوسف حمد حسين
حسن عمرو عثمان ابراهيم اسماعيل اسحاق صالح مطلق دحيم نوفل عزام بدر نايف نواف زياد طارق وليد ياسر هاني سامي كريم
مازن جاسم راشد حمدان منصور عادل جابر سعيد حمود غازي عبود مبارك ريان يزن زيد ثامر تامر خليفه مسفر معاذ عبيد عايض
غانم فواز فراس باسل باسم بشار بسام بلال حاتم حازم حامد حمزه حيدر خليل داود رامي رشيد رضا رمزي رعد زكي زكريا
سليمان سليم سمير شادي صلاح صقر ضاري طلال ظافر عامر عباس عصام عماد عيسي غسان فادي فارس فايز فواد قاسم لوي ليث
مجدي مروان مسعود مشعل معن مهند موسي نبيل نزار نعيم هاشم هشام هيثم وايل وسام وسيم ياسين يحيي يعقوب ايمن اياد
ايهاب اسامه انس اوس ادم امجد انور ايوب شريف عبده عبدو برهان دخيل ذياب رفيق سطام شافي شلاش صبحي عجلان عتيق عواد
فلاح قيس كنعان لافي محسن مرزوق مزيد مفلح منيف ناجي هزاع وديع رامز بطي سهيل ذيب جراح يعرب تيم كنان mohammed
mohammad mohamed muhammad ahmed ahmad mahmoud mustafa khalid khaled saad saud fahad fahd faisal sultan abdullah
abdallah abdulrahman abdulaziz nasser naser bandar turki mishari mishal majed majid salem salim salman rakan
raed rayed yousef youssef yusuf hamad hamed hussein hussain hassan ali omar omer othman ibrahim ismail saleh
azzam badr bader nayef nawaf ziad ziyad tariq tarek waleed walid yasser yaser hani sami samir karim kareem mazen
jassim jasim rashid rashed mansour adel jaber saeed rayan zaid zayed adam marwan hamza hamdan khalifa saif seif
fares faris fawaz firas basel bassam bilal jamal hatem hazem haidar khalil rami ramzi reda ridha zaki suleiman
sulaiman shadi talal amer amir issam imad essa fadi ghassan hakim laith malek malik mohannad muhannad musa
moussa nabil nader nizar hadi hashim hisham haitham wael wissam yassin yahya yaqoub ayman iyad anas osama amjad
anwar akram ashraf ayoub sharif sherif james john david michael daniel tom peter paul george robert william jack
harry sam ben luke noah ethan ryan kevin eric alex carlos raj arjun rahul imran usman asif""".split()
)
FEMALE_NAMES = frozenset(
    """نوره ساره سارا مريم فاطمه عايشه هند منال ريم لمي نجود اسيل جواهر عبير ليان منيره هيله دانه لولوه العنود شهد رهف
وجدان هيا حصه ميسا امل نجلا سمر سلمي ليلي هدي مها ريما رنا دلال بدريه امنه صالحه جوري تالا لجين غاده وفا شيخه
موضي نوف روان اروي بسمه ندي رغد شيما هاجر زينب خديجه ايمان سعاد سميره سهام سوسن شذي شروق صفيه ضحي عاليه عبله
عفاف عهود غدير غلا فايزه فريده كوثر لطيفه لميا لميس لبني ماجده منيفه مشاعل ميرا ميعاد ناديه نادين نهي نهله نرمين
نجوي نسرين هاله هبه هنادي هيفا وسن ياسمين يارا يسري رحاب رنيم رزان رشا رقيه رويده ريتاج ريناد زهرا سجي سديم سندس
سلوي شادن ابرار اثير افنان الاء الهام اماني انفال اريج اميره بشاير تغريد تهاني جنا جني حنان حنين حليمه خلود خوله
دارين دعا ديما ذكري رابعه روز شيرين صبا عنود فتون فضه فوزيه كاميليا كارمن لورا لينا مادلين مايا مزنه ميار ميساء
نعيمه نوال نور وداد وضحي هديل حوريه ليتي sara sarah noura nora nourah norah maryam mariam fatima fatimah aisha
aysha hind manal reem reema rima lama layan layla leila laila lulwa manira munira dana danah shahad rahaf haya
mai amal salma huda maha rana nadeen nadine nada abeer noor nour joud jood sheikha rawan ghada basma raghad
zainab zaynab yasmin yasmine yasmeen jasmine dalal lina lena maya tala samar samira suad soad hanan haneen hiba
heba hanadi haifa wafa widad yara rasha ruba ruqayya rania raneem razan salwa sahar sireen shatha shouq sumaya
souad amira amina amna aliya alia asma asmaa areej ahlam bayan bushra dina diana dima farah fay faten ghalia
jana jamila jawaher kawthar latifa lamia lamis loubna lubna luna malak mira mona muna nadia nahla najla nawal
nihal nisreen nuha rahma sabah safia shaima shireen suha tahani taghreed wijdan zahra zahraa bilqis khadija emma
olivia sophia maria anna emily kate jessica jane lucy priya anjali nina elena julia khalto""".split()
)
