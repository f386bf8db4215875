"""Sentences that speak to a machine instead of to actors: found, kept away from every parser, and flagged."""

from __future__ import annotations

import re

from shared.arabic.normalise import fold_text

_SENTENCE = re.compile(r"[^\n.!?؟]+(?:[.!?؟]+(?!\s|$)[^\n.!?؟]+)*[.!?؟]*|[.!?؟]+")
_TO_MACHINES = re.compile(
    r"(?:ignore|disregard|forget|override|bypass)\s(?:\w+\s){0,3}(?:instructions?|rules?|prompts?|guidelines|everything|above|previous|"
    r"directions|reviewer|filters?)"
    r"|system\s?(?:note|prompt|message|override|instruction)|\bsystem\s?:|\bassistant\s?:|<\|?(?:im_start|system|endof)"
    r"|(?:ai|bot|llm|gpt|chatgpt|language\smodel)s?\s(?:moderators?|reading|reviewers?|assistants?|agents?|systems?)\b"
    r"|(?:note|dear|attention|hey)\s(?:to\s)?(?:the\s)?(?:ai|bot|llm|gpt|chatgpt)\b|"
    r"you\sare\s(?:now\s)?(?:an?\s)?(?:ai|chatgpt|assistant|language\smodel)"
    r"|(?:set|raise)\s(?:the\s)?confidence|skip\s(?:the\s)?(?:human\s)?review|auto-?\s?(?:approve|publish)|"
    r"publish\s?=\s?true"
    r"|\[(?:assistant|system|inst)\]|</?(?:system|assistant|message|user)>|<!--\s?(?:ai|bot|llm)\b|is_casting_call"
    r"|(?:^|\s)النظام\s?:\s?(?:اكتب|ضع|اجعل|استخرج|صنف|اعتبر)"
    r"|end\sof\smessage|new\sinstruction|developer\smode|\{\{\s?/?system|[\"']role[\"']\s?:|"
    r"[\"']label[\"']\s?:|extract\s(?:it|this)\sas|publish\s(?:every|all|this)\s|انظمه\sالفرز|(?:ال|لل)فرز\s(?:ال|لل)?الي|(?:المراجعه|المعالجه|التصنيف)\sالالي|الالي\s?:|"
    r"(?:اعلي|اعطه?)\sدرجه\sثقه"
    r"|label\s?=|mark\s(?:this\s)?(?:\w+\s){0,3}as\s(?:approved|verified|trusted|safe)|approve\sthis\s(?:post|"
    r"message)\s(?:directly|automatically|immediately)"
    r"|(?:تجاهل|تجاهلوا|انس|اهمل|تخطي)\s(?:\w+\s){0,3}(?:التعليمات|تعليمات|الاوامر|اوامر|القواعد|قواعد|المراجعه|السابق|ما\sسبق|سبق|اعلاه|ما\sقبل|قبله)"
    r"|(?:صنف|اعتبر)\s(?:هذه?\s|هذي\s|هذا\s)?(?:الرساله|المنشور|الاعلان|النص)|اعتمد(?:ها|"
    r"ه)?\s(?:\w+\s){0,2}(?:مباشره|فورا|تلقاييا)"
    r"|(?:ايها|يا|الي)\s(?:ال)?(?:نظام|بوت|مساعد|نموذج|ذكا\sالاصطناعي|ذكا\sاصطناعي)(?:\s|:|,|$)|"
    r"انت\s(?:الان\s)?(?:مساعد|نموذج|بوت)"
    r"|(?:ملاحظه|تعليمات|رساله)\s(?:لل|الي\sال)(?:نظام|ذكا|بوت|نموذج|مساعد)"
)
_ORDERS = re.compile(
    r"(?:set|replace|change|overwrite|output|return|insert|respond|reply\swith|use\sthis|use\sthe|make\sthe|"
    r"write)\b.{0,60}"
    r"(?:contact|phone|number|e-?mail|pay|amount|salary|deadline|city|json|field|title|verified|approved)"
    r"|(?:contact|phone|number|pay|deadline)\s(?:field\s)?(?:to|should\sbe|must\sbe|=)\s"
    r"|(?:ضع|استبدل|غير|بدل|اكتب|عدل|اجعل|حط|استخدم)\s.{0,60}(?:رقم|تواصل|الاجر|الموعد|حقل|المدينه|ايميل|بريد)"
)


def find_injections(text: str) -> list[tuple[int, int]]:
    """Raw [start, end) of the sentences that speak to machines, with the orders that follow them."""
    if not _TO_MACHINES.search(fold_text(text)):
        return []
    sentences = [match.span() for match in _SENTENCE.finditer(text)]
    found: list[tuple[int, int]] = []
    for start, end in sentences:
        words = fold_text(text[start:end])
        if _TO_MACHINES.search(words) or (found and _ORDERS.search(words)):
            found.append((start, end))
    return found
