"""The words of pay in folded spelling: what promises it, what denies it, and the sums that are none."""

from __future__ import annotations

import re

from shared.arabic.money import Per

_PAY_WORDS = (
    r"(?:ال|ب|ل|لل|بال|و|وال)?(?:اجر|اجور|اجره|اجرها|اجرته|مكافاه|مكافات|مكافاه|راتب|رواتب|مقابل|مبلغ|ميزانيه|"
    r"بدل|فلوس|سعر|اتعاب|الدفع)(?:\s(?:ال)?(?:يومي|شهري|مالي|معتمد|مادي|رمزي|رمزيه|اسبوعيه|اسبوعي|بالساعه|صافي|"
    r"كاش|نقدي))*"
    r"|الاجر\sاليومي|(?:ب|بن|ن|ت|ا|را?ح\sن)?عطي(?:ك|كم|ه|ها|هم|ج)?|ب?ن?ا?دفع(?:ل[ـ]?كم|لك)?|اقدر\sادفع|ياخذ|تاخذ|ياخذون|يستلم|"
    r"اليوميه|العطا|عطيه|قيمه\s(?:العقد|العمل)|المستحقات?|الحساب|اجرته|عرضنا"
)
_PAY_WORDS_EN = (
    r"pay(?:ment|ing|s)?|paid|rates?|fees?|budget|stipend|honorarium|salary|compensation|remuneration|wage|\$\$"
)
CUE = re.compile(rf"(?<![^\W\d_])(?:{_PAY_WORDS}|{_PAY_WORDS_EN})(?![^\W\d_])")
NOT_PAY_BEFORE = re.compile(
    r"(?:جايزه|جوايز|جايزه|جوايز|prizes?|الفايز|للفايز|هديه|هدايا|قسيمه|gifts?|voucher|worth|بقيمه|قيمته|"
    r"قيمتها|valued|رسوم|الرسوم|رسم|اشتراك|الاشتراك|سدد|سددي|تسديد|تحويل|حول(?!ي)|(?<!في\s)(?<!منطقه\s)حولي|ادفعي|ادفعوا|دفع\sرسوم|"
    r"registration\sfee|deposit|خصم|discount|متابع|followers|غرامه|عربون|تامين|"
    r"قيمه)\s?(?:\w+\s?){0,3}[:=]?\s?(?:ب\s?)?$"
)
NOT_PAY_AFTER = re.compile(
    r"\s?(?:للفايز|للفايز|prize|voucher|gift|جايزه|رسوم|fee\b|متابع|followers|قبل\s(?:الترشيح|المقابله|التسجيل|"
    r"التصوير)|تحول|تحويل|تدفع|تسترد|يسترد|refundable|deposit)"
)
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
    r"deferred\spay|copy\s(?:and|&|\+)\scredit|for\scredit)(?!\w)"
)
PAID = re.compile(
    r"(?<!\w)(?:(?:ال|و|ب)?مدفوعه?|مدفوعين|مدفوع\sالاجر|باجر|(?:ال)?(?:اجر|اجور|مكافاه|مكافات|راتب|مقابل\sمادي|"
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
    r"علي\sحساب|نتكفل|نغطي|جايزه|جوايز|جايزه|"
    r"meals?\s(?:provided|only|covered)|transport(?:ation)?\s(?:provided|covered|only)|gift(?:ed|s)?|prizes?|"
    r"free\s(?:products?|breakfast|haircut|meal)|barter|مقايضه|شهادات|شهاده)(?!\w)"
)

# A unit that is said before the sum.
PER_BEFORE: tuple[tuple[re.Pattern[str], Per], ...] = (
    (
        re.compile(
            r"(?:(?<!\w)(?:ال)?يومي(?!ن)|يوميا|(?<!\w)ال(?:يوميه|ليله)\s?[:=]?\s?(?:ب\s?)?$|day\srates?|daily(?:\srate)?|per\sday|(?<!\w)اليوم\s?[:=]?\s?$)"
        ),
        "day",
    ),
    (re.compile(r"(?:بالساعه|للساعه|hourly)"), "hour"),
    (re.compile(r"(?:شهري(?:ا|ه)?(?!\w)|monthly)"), "month"),
    (
        re.compile(
            r"(?:الميزانيه|ميزانيه|budget|total|flat(?:\s(?:fee|rate))?(?:\sof)?|اجمالي|المجموع|فيديوهات\s?=\s?$)"
        ),
        "project",
    ),
)
