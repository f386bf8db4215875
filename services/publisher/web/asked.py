"""What the address asks of the desk: which calls, in which order, from where on. All of it can be kept as a link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from fastapi import Request

from services.publisher.filters import AGES, Filter, Sort
from shared.storage.calls import Status

_LONGEST = 200
LEVELS = ("low", "medium", "high")
AGE_CHOICES = (*AGES, "older")
_PLAIN = {
    "group": "group",
    "city": "city",
    "type": "project_type",
    "language": "language",
    "flag": "flag",
    "reason": "reason",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    wanted: Filter
    cursor: str | None = None
    done: str | None = None  # the call that was decided a moment ago
    beside: str | None = None  # an earlier call to lay beside this one
    find: str | None = None  # words of an earlier call that is looked for

    @property
    def query(self) -> str:
        """The list's part of the address, to come back to it."""
        return urlencode(self.values)

    @property
    def values(self) -> dict[str, str]:
        """The list's part of the address, name by name."""
        wanted = self.wanted
        values = {name: getattr(wanted, field) or "" for name, field in _PLAIN.items()}
        values |= {"confidence": wanted.confidence or "", "age": wanted.age or "", "q": wanted.q}
        values |= {"status": "" if wanted.status is Status.PENDING else str(wanted.status)}
        values |= {"sort": "" if wanted.sort is Sort.NEWEST else str(wanted.sort)}
        return {name: value for name, value in values.items() if value}

    def at(self, id: str | None = None, **more: str | None) -> str:
        """The address of this list, or of one of its calls, with `more` beside it."""
        path = f"/review/{id}" if id else "/review"
        extra = {name: value for name, value in more.items() if value or (value == "" and name == "find")}
        query = urlencode({**self.values, **extra})
        return f"{path}?{query}" if query else path

    def only(self, status: str) -> str:
        """The address of the whole list of a status, in this order."""
        return Asked(Filter(status=Status(status), sort=self.wanted.sort)).at()


def asked_of(request: Request) -> Asked:
    """What this request's address asks for; what it says wrongly is left out."""
    return asked_in(request.query_params)


def asked_back(query: str) -> Asked:
    """The list that a form was opened from, by the query that it brings back."""
    return asked_in(dict(parse_qsl(query[:2000])))


def asked_in(values: Mapping[str, str]) -> Asked:
    """What these values ask for."""
    text = {name: value[:_LONGEST].strip() for name, value in values.items()}
    wanted = Filter(
        status=Status(_known(text.get("status"), Status) or Status.PENDING),
        sort=Sort(_known(text.get("sort"), Sort) or Sort.NEWEST),
        confidence=_known(text.get("confidence"), LEVELS),
        age=_known(text.get("age"), AGE_CHOICES),
        q=text.get("q", ""),
        **{field: text.get(name) or None for name, field in _PLAIN.items()},
    )
    extra = {name: text.get(name) or None for name in ("cursor", "done", "beside")}
    return Asked(wanted, **extra, find=text.get("find"))


def _known(value: str | None, known: Iterable[str]) -> str | None:
    return value if value in set(known) else None
