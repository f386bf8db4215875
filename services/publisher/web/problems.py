"""What is wrong with some input, field by field, for programs and for people."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ValidationError

_OWN_WORDS = re.compile(r"^(Value|Assertion) error, ")


class Problem(BaseModel):
    """One thing that is wrong. `code` is constant; `path` as in the fields: "roles.0.age_min", "" for the whole."""

    path: str
    code: str
    message: str
    details: dict[str, Any] = {}


def problems_in(error: ValidationError) -> list[Problem]:
    """The problems of a failed validation, without the input itself."""
    found = []
    for item in error.errors(include_input=False, include_url=False):
        message = item["msg"]
        code = item["type"]
        if code == "value_error":
            message = _OWN_WORDS.sub("", message)
            code = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")
        details = {name: value for name, value in item.get("ctx", {}).items() if isinstance(value, str | int | float)}
        found.append(Problem(path=".".join(str(p) for p in item["loc"]), code=code, message=message, details=details))
    return found
