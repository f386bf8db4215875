"""A short name for the words of a text: copies that differ in dress only (emoji, bold, line breaks) share it."""

from __future__ import annotations

import hashlib
import re

from shared.arabic.normalise import LONGEST_MESSAGE, fold_text

_WORD = re.compile(r"[^\W_]+")


def fingerprint(text: str, *, folded: str | None = None) -> str:
    """32 hex digits of the letters and digits of the folded text; "" for a text that has none, which names nothing.

    `folded` spares the folding where the caller has it already. Of a text beyond `LONGEST_MESSAGE` only so much is
    folded, and the rest counts as it stands.
    """
    words = "".join(_WORD.findall(fold_text(text) if folded is None else folded))
    words += text[LONGEST_MESSAGE:]
    return hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest() if words else ""
