"""The words of pay in folded spelling: what promises it, what denies it, and the sums that are none."""

from __future__ import annotations

import re

_PAY_WORDS = (
    r"(?:ال|ب|ل|لل|بال|و|وال)?(?:اجر|اجور|اجره|اجرها|اجرته|مكافاه|مكافات|مكافاءه|راتب|رواتب|مقابل|مبلغ|ميزانيه|"
    r"بدل|فلوس|سعر|اتعاب|الدفع)(?:\s(?:ال)?(?:يومي|شهري|مالي|معتمد|مادي|رمزي|رمزيه|اسبوعيه|اسبوعي|بالساعه|صافي|"
    r"كاش|نقدي))*"
    r"|الاجر\sاليومي|نعطيه?ا?ا?|بنعطيه?ا?|تعطيه|ندفع|ادفع|اقدر\sادفع|ياخذ|تاخذ|ياخذون|يستلم"
)
_PAY_WORDS_EN = (
    r"pay(?:ment|ing|s)?|paid|rates?|fees?|budget|stipend|honorarium|salary|compensation|remuneration|wage|\$\$"
)
CUE = re.compile(rf"(?<![^\W\d_])(?:{_PAY_WORDS}|{_PAY_WORDS_EN})(?![^\W\d_])")
NOT_PAY_BEFORE = re.compile(
    r"(?:جائزه|جوائز|جايزه|جوايز|prizes?|الفائز|للفائز|هديه|هدايا|قسيمه|gifts?|voucher|worth|بقيمه|قيمته|"
    r"قيمتها|valued|رسوم|الرسوم|رسم|اشتراك|الاشتراك|سدد|سددي|تسديد|تحويل|حول|حولي|ادفعي|ادفعوا|دفع\sرسوم|"
    r"registration\sfee|deposit|خصم|discount|متابع|followers|غرامه|عربون|تامين|"
    r"قيمه)\s?(?:\w+\s?){0,3}[:=]?\s?(?:ب\s?)?$"
)
NOT_PAY_AFTER = re.compile(
    r"\s?(?:للفائز|للفايز|prize|voucher|gift|جائزه|رسوم|fee\b|متابع|followers|قبل\s(?:الترشيح|المقابله|التسجيل|"
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
    r"(?<!\w)(?:هديه|هدايا|وجبات|وجبه|فطور\sعلينا|غدا\sعلينا|عشا\sعلينا|المواصلات|مواصلات|السكن\sعلينا|"
    r"علي\sحساب|نتكفل|نغطي|جائزه|جوائز|جايزه|"
    r"meals?\s(?:provided|only|covered)|transport(?:ation)?\s(?:provided|covered|only)|gift(?:ed|s)?|prizes?|"
    r"free\s(?:products?|breakfast|haircut|meal)|barter|مقايضه|شهادات|شهاده)(?!\w)"
)
