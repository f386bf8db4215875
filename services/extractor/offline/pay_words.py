"""The words of pay in folded spelling: what promises it, what denies it, and the sums that are none."""

from __future__ import annotations

import re

from shared.arabic.money import Per

_PAY_WORDS = (
    r"(?:ال|ب|ل|لل|بال|و|وال)?(?:اجر|اجور|اجره|اجرها|اجرته|مكافاه|مكافات|مكافاه|راتب|رواتب|مقابل|مبلغ|ميزانيه|"
    r"بدل|فلوس|سعر|اتعاب|الدفع)(?:\s(?:ال)?(?:يومي|شهري|مالي|معتمد|مادي|رمزي|رمزيه|اسبوعيه|اسبوعي|بالساعه|صافي|"
    r"كاش|نقدي))*"
    r"|الاجر\sاليومي|(?:ب|بن|ن|ت|ا|را?ح\sن)?عطي(?:ك|كم|ه|ها|هم|ج)?|ب?ن?ا?دفع(?:ل[ـ]?كم|لك)?|اقدر\sادفع|ياخذ|تاخذ|ياخذون|يستلم|"
    r"(?:ال)?(?:فلوس|دخل|مصاري|اجره?|سعر)\s(?:ال)?(?:حلقه|مشهد|يوم|ليله|ساعه|جلسه|شهر)|(?:ال|و|وال)(?:فلوس|دخل|مصاري)|"
    r"(?:ي|ت|ن|ب|بن|ا|ح)دفع(?:ون)?|منعطي\w*|بنعطي\w*|له(?=\s\d)|لها(?=\s\d)|لهم(?=\s\d)|حق(?:ه|ها|هم)(?=\s\d)|حق\sاليوم|"
    r"اليوميه|العطا|عطيه|قيمه\s(?:العقد|العمل)|المستحقات?|الحساب|اجرته|عرضنا"
)
_PAY_WORDS_EN = (
    r"(?:el\s|il\s|al\s)?fl?o+s|el\s?flos|floos|fulus|filus|ajer|ajar|money|per\sdiem|gets|earn(?:s|ing)?|"
    r"how\smuch|pay(?:ment|ing|s)?|paid|rates?|fees?|budget|stipend|honorarium|salary|compensation|remuneration|wage|\$\$"
)
CUE = re.compile(rf"(?<![^\W\d_])(?:{_PAY_WORDS}|{_PAY_WORDS_EN})(?![^\W\d_])")
NOT_PAY_BEFORE = re.compile(
    r"(?:جايزه|جوايز|جايزه|جوايز|prizes?|الفايز|للفايز|هديه|هدايا|قسيمه|gifts?|voucher|worth|بقيمه|قيمته|"
    r"قيمتها|valued|رسوم|الرسوم|رسم|اشتراك|الاشتراك|سدد|سددي|تسديد|تحويل|حول(?!ي)|(?<!في\s)(?<!منطقه\s)حولي|ادفعي|ادفعوا|دفع\sرسوم|"
    r"registration\sfee|deposit|خصم|discount|متابع|followers|غرامه|عربون|تامين|"
    r"(?<!\w)(?:penalt(?:y|ies)|fined|fine\sof|deduct(?:ed|ion)?|priced\sat|retails\sat)(?!\w)|"
    r"بدل\s(?:ال)?(?:مواصلات|نقل|تنقل|سكن|وجبات|اكل|طعام|بنزين)|(?:transport(?:ation)?|travel|meal|food|fuel|housing)\sallowance|"
    r"قيمه)\s?(?:\w+(?:\s\w+){0,2}\s?)?[:=]?\s?(?:ب\s?)?$"
)
NOT_PAY_AFTER = re.compile(
    r"\s?(?:للفايز|للفايز|prize|voucher|gift|جايزه|رسوم|fee\b|متابع|followers|قبل\s(?:الترشيح|المقابله|التسجيل|"
    r"التصوير)|تحول|تحويل|تدفع|تسترد|يسترد|refundable|deposit)"
)
# What a whole film costs, or was given, where the sum is more than anyone in it would get.
WHOLE_BUDGET_BEFORE = re.compile(
    r"(?:ميزاني(?:ه|ته|تها)|تكلف(?:ه|ته|تها)|budget(?:\sof)?)\s?(?:[^\W\d_]+\s){0,3}[:=]?\s?(?:ب\s?)?$"
)
WHOLE_BUDGET_AFTER = re.compile(r"\s?(?:budget|ميزانيه|تكلفه)(?!\w)")
WHOLE_BUDGET = 200_000
GRANT_BEFORE = re.compile(
    r"(?<!\w)(?:(?:ال|ب|لل)?منحه|(?:ال|ب)?دعم|(?:ال|ب)?تمويل|grants?|funding|funded|raised|won|awarded|فزنا|فاز|فازت)"
    r"\s(?:\w+\s){0,3}[:=]?\s?(?:ب\s?)?$"
)
GRANT = 20_000
UNPAID = re.compile(
    r"(?<!\w)و?(?:غير\sمدفوعه?|بدل\sال?اجر|بدلا\sمن\sالاجر|instead\sof\spay|بدون\s(?:اجر|اجور|مقابل|ميزانيه|"
    r"مبلغ|راتب)|بلا\s(?:اجر|مقابل)|لا\s(?:يوجد|توجد|نملك|يوجد\sاي|توجد\sاي)\s(?:اجر|اجور|مقابل|ميزانيه|"
    r"مكافاه)|"
    r"ما\s?(?:في|فيه|فيها|عندنا|عندي|به)\s(?:اجر|اجور|مقابل|ميزانيه|فلوس|مردود|ماديات)|مافيه?\s(?:اجر|اجور|"
    r"مقابل|ميزانيه|فلوس)|مب\sمدفوع|مو\sمدفوع|مش\sمدفوع|ليس\sمدفوع|مجانا|"
    r"(?:ال)?(?:مشاركه|عمل|التعاون|تعاون)\s(?:تطوعي|تطوعيه|مجاني)|تطوعي|تطوعيه|متطوعين|متطوعات|تطوع|"
    r"unpaid|un-paid|no\spay(?:ment)?|no\sfees?\sno\spay|not\spaid|non[\s-]paid|zero\sbudget|no\sbudget|"
    r"volunteer(?:s|ing)?|voluntary|for\sfree|pro\sbono|tfp|tfcd|time\sfor\sprint|collab(?:oration)?\sonly|"
    r"credit\sonly|"
    r"(?:ما|لا|مو|مب|مش|مانقدر|ماقدر)\s(?:[^\W\d_]+\s)?(?:اقدر|نقدر|راح)\s(?:ا|ن)دفع\w*|ما\s?(?:ن|ا)?دفع|(?:ما|مافي|ما\sفي|"
    r"ما\sعندنا|ما\sعندي|ما\sمعنا|ما\sفيه|ما\sفيها|ماعندنا|ماعندي|مافيه|مافيها|بدون|بلا|ولا|مب|مو|من\sغير|من\sدون)\s"
    r"(?:اي\s)?(?:ال)?(?:كاش|فلوس|ميزانيه|مقابل|اجر|اجور|ماده|ماديات|مردود|دفع|مكافاه|راتب|عايد)(?:\sمادي|\sمالي)?|"
    r"(?:for|just\sfor|all\sfor)\sfun|labou?r\sof\slove|no\s(?:monetary\s|financial\s|actual\s)?(?:money|cash|salary|wage|"
    r"compensation|remuneration)|(?:can\s?not|can't|cant|won't|unable\sto|not\sable\sto|don't|do\snot)\s(?:afford\sto\s)?pay|"
    r"without\s(?:pay|compensation)|(?:ال)?(?:عمل|مشاركه|مشروع|تعاون|فيلم)\s(?:طلابي\s)?بدون\s(?:اجر|ميزانيه|مقابل)|"
    r"deferred\spay|(?:ما\s?فيش|مفيش|مافيش|مفيهاش|مافيهاش|معنديش|معندناش|ماكو|ماشي|ماميش|مامن|ما\s?عندي(?:ش)?|ما\s?عندنا|ما\s?في|مافي|ما\s?فيه|"
    r"ما\s?به|مابه|بدون|بلا|من\sغير|لا\s(?:يوجد|توجد))\s(?:اي\s)?(?:ال)?(?:فلوس|مصاري|قروش|زلط|بيزات|معاش|مبلغ|مبالغ|ميزانيه|مقابل|اجر|اجور|كاش|ماده|ماديات|"
    r"مكافاه|مكافات|تكلفه|عايد|فيس)|(?:ma\s?f(?:i|ee|eesh)|mafish|mako|bedo+n|bdoon|bidoon|mafih)\s(?:flo+s|floos|fulus|ajer|mablagh|mizaneya|cash)|"
    r"ميزانيت(?:ي|نا|هم)\s(?:صفر|زيرو|معدومه)|(?:صفر|زيرو)\s(?:ميزانيه|ريال)|ميزانيه\s(?:صفر|معدومه)|بميزانيه\sصفر|zero\s(?:pay|cash|ريال)|no\s(?:cash|"
    r"pay\scheck|fees?(?!\s(?:to|for|required|charged)))|بدل\s(?:ال)?(?:مصاري|فلوس|كاش)|ببلاش|بلاش\sفلوس|لوجه\sالله|احتساب(?:ا)?|صدقه\sجاريه|"
    r"(?:لا|ما)\s(?:ن|ا)?(?:املك|نملك|عندي|عندنا)\s(?:سوي|غير|الا)|(?:ما|لا)\s(?:ن|ا)دفع|(?:can\s?not|can't|cant|couldn't|won't)\s(?:be\s)?pay(?:ing)?|"
    r"المقابل\s(?:هو\s)?(?:ال)?[^\W\d_]+\s(?:نفس(?:ه|ها)|بس|فقط|مجان\w*|هديه)|مجان\w*\s(?:هذا|وهذا|هو|وهو)\s(?:ال)?مقابل|"
    r"(?:expenses|travel|costs?)\s(?:are\s)?(?:covered|paid|reimbursed)\sonly|expenses[\s-]only|exposure(?:\sonly)?|barter|in\sexchange\sfor|"
    r"love\sproject|passion\sproject|all\s(?:a\s)?volunteers?|it's\sall\svolunteer|مشاركه\sشرفيه|"
    r"copy\s(?:and|&|\+)\scredit|for\scredit)(?!\w)"
)
PAID = re.compile(
    r"(?<!\w)(?:(?:ال|و|ب)?مدفوعه?|مدفوعين|مدفوع\sالاجر|باجر|و?(?:ال|لل)?(?:مبلغ|فلوس|مقابل|سعر|ماديات|اتعاب|حساب|دفع)(?:\s[^\W\d_]+)?\s"
    r"(?:بين[^\W\d_]*|بالاتفاق|[هب]?ن?ت?فق|[هب]?نتفق|اتفق|يتفق|متفق|نتكلم|نتفاهم|تفاهم|يحدد|تحدد|حسب|محترم(?:ه)?|حلو(?:ه)?|مجزي(?:ه)?|ممتاز(?:ه)?|مغري(?:ه)?|طيب(?:ه)?|جيد(?:ه)?|رمزي(?:ه)?|زين|"
    r"علي\sالخاص|بالخاص|خاص|مدفوعه?|يناقش|تناقش)|مقابل\s(?:حلو|مجزي|ممتاز|محترم|رمزي|جيد|طيب|زين|مغري)|(?:ال)?ميزانيه\s(?:جيده|ممتازه|مفتوحه|محترمه|حلوه|"
    r"حسب|تناقش|قابله|بالخاص|علي\sالخاص|تحدد|تتحدد)|(?:حسب|علي)\s(?:ال)?اتفاق|بالاتفاق|و?(?:ال)?(?:عقود?|عقد)\s(?:رسمي(?:ه)?|موثق(?:ه)?)|"
    r"payments?(?!\sproof)|remunerat(?:ed|ion)|(?:proper|good|decent|great|real)\s(?:money|pay)|paying\s(?:gig|job|role)|cash\spaid|"
    r"(?:rate|budget|fee|pay)s?\s(?:is\s|are\s|will\sbe\s)?(?:tbc|tbd|tba|negotiable|on\s(?:call|request|application)|discussed|available|to\sbe)|"
    r"و?(?:ال)?(?:اجر|اجور|مكافاه|مكافات|راتب|مقابل\sمادي|"
    r"مقابل\sمالي|مردود\sمالي|بمكافاه|بمقابل)|بمقابل|عقد\sرسمي|"
    r"paid|well\s?paid|pays\s(?:well|rates?)|(?:day\s|competitive\s|good\s|great\s)?rates?|stipend|honorarium|"
    r"salary|pay\s?:|compensat(?:ed|ion)|numbers\sdiscussed|fee)(?!\w)"
)
NOT_PAID_HERE = re.compile(
    r"(?:chaperone|usage|ads?|لا\s?توجد\s|لا\sيوجد\s|بدون|no|not|any|without|registration|application|ما\s?في|"
    r"مافي|training|اي)\s?(?:\w+\s)?$"
)
IN_KIND = re.compile(
    r"(?<!\w)(?:ال|وال|و|ب)?(?:هديه|هدايا|وجبات|وجبه|فطور\sعلينا|غدا\sعلينا|عشا\sعلينا|المواصلات|مواصلات|السكن\sعلينا|"
    r"علي\sحساب|نتكفل|نغطي|مصاريفك|شهاده\s(?:شكر|مشاركه)|سحب\sعلي|نسخه\sمن\s(?:ال)?فيلم|كريديت|العشا\sعلي|الغدا\sعلي|الفطور\sعلي|"
    r"القهوه\sعلي|كوبون|اشتراك\sمجاني|عضويه\sمجاني|expenses\s(?:are\s)?covered|i\scan\scover|we(?:'ll|\scan|\swill)?\scover|"
    r"lunch\s(?:provided|on\sus)|food\son\sus|credits?(?:\sand|\sonly|\s\+)|(?:but|just|only|lots\sof|plus|there's|there'll\sbe|you'll\sget|بس|"
    r"فيه|في)\s(?:[^\W\d_]+\s){0,2}(?:food|pizza|lunch|dinner|snacks|coffee|petrol|shawarma|biscuits|pies|lasagna|كيكه|اكل|شاورما|توصيله|درع)|"
    r"free\s(?:membership|stay|meals?|treatment|session|course)|voucher|منتجات\sمجانيه|جايزه|جوايز|جايزه|"
    r"meals?\s(?:provided|only|covered)|transport(?:ation)?\s(?:provided|covered|only)|gift(?:ed|s)?|prizes?|"
    r"free\s(?:products?|breakfast|haircut|meal)|barter|مقايضه|شهادات|شهاده)(?!\w)"
)

# A unit that is said before the sum.
PER_BEFORE: tuple[tuple[re.Pattern[str], Per], ...] = (
    (
        re.compile(
            r"(?:(?<!\w)(?:ال)?يومي(?!ن)|يوميا|(?<!\w)ال(?:يوميه|ليله)\s?[:=]?\s?(?:ب\s?)?$|day\srates?|daily(?:\srate)?|per\s(?:day|night)|(?<!\w)(?:اليوم|الليله|كل\s(?:يوم|ليله)(?:\s(?:له|لها|لهم|ب))?)\s?[:=]?\s?(?:ب\s?)?$)"
        ),
        "day",
    ),
    (re.compile(r"(?:بالساعه|للساعه|hourly|per\shour|(?:ال|كل\s)ساعه\s?[:=]?\s?(?:ب\s?)?$)"), "hour"),
    (re.compile(r"(?:شهري(?:ا|ه)?(?!\w)|monthly)"), "month"),
    (
        re.compile(
            r"(?:الميزانيه|ميزانيه|budget|total|flat(?:\s(?:fee|rate))?(?:\sof)?|اجمالي|المجموع|مقطوعه?|كامل\s(?:العمل|المشروع)|فيديوهات\s?=\s?$)"
        ),
        "project",
    ),
)
