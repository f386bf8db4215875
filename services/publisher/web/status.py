"""The status page: whether the twin is alive, in one look. It renews itself while it is open."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.publisher.logic import local_day
from services.publisher.overview.picture import Picture, picture_of
from services.publisher.web.admin_words import dollars, drop_name, lasting, named, percent
from services.publisher.web.alert_words import text_of
from services.publisher.web.pages import render
from services.publisher.web.parts import Parts
from services.publisher.web.plots import bands, bars
from services.publisher.web.sessions import Admin, SiteParts
from services.publisher.web.silences import HOURS
from services.publisher.web.words import Words, language_of

router = APIRouter(include_in_schema=False)
ADDRESS = "/admin/digital-twin-status"
_LETTERS = 20


@router.get(ADDRESS)
async def status_page(request: Request, who: Admin, parts: SiteParts) -> Response:
    """The page."""
    return render(request, "status.html", visitor=who, **shown_on(request, parts))


@router.get(f"{ADDRESS}/now")
async def status_now(request: Request, who: Admin, parts: SiteParts) -> Response:
    """Its content alone, for the page's script."""
    return render(request, "_status.html", visitor=who, **shown_on(request, parts))


def shown_on(request: Request, parts: Parts) -> dict[str, Any]:
    """The values that the page's templates take. Nothing here waits for a database."""
    words = Words(language_of(request))
    picture = picture_of(parts.office.board)
    return {
        "here": ADDRESS,
        "p": picture,
        "r": picture.readings,
        "today": local_day(picture.now),
        "bands": bands(picture.flow),
        "queue": parts.backlog.counts(),
        "letters": picture.readings.letters[:_LETTERS],
        "plots": plots_of(words, picture),
        "lasting": partial(lasting, words),
        "named": partial(named, words),
        "drop_name": partial(drop_name, words),
        "percent": percent,
        "dollars": dollars,
        "alert_text": partial(text_of, words),
        "quiet": {one.name: one for one in picture.readings.silences if one.until > picture.now},
        "limits": parts.office.limits,
        "quiet_hours": HOURS,
        "bars": bars,
    }


def plots_of(words: Words, picture: Picture) -> list[dict[str, Any]]:
    """The plots over the days: a name, each day with its figure in words and its bar, and the highest figure."""
    days = picture.days

    def plot(
        name: str, values: list[float | None], told: Callable[[float | None], str], most: float | None = None
    ) -> dict[str, Any]:
        drawn = list(zip(days, map(told, values), bars(values, most=most), strict=True))
        known = [value for value in values if value is not None]
        return {"name": name, "days": drawn, "highest": told(max(known, default=None))}

    return [
        plot("messages", [float(day.messages) for day in days], _number),
        plot("calls", [float(day.calls) for day in days], _number),
        plot("false", [day.judged.rate for day in days], percent, 1.0),
        plot("wait", [day.wait for day in days], partial(lasting, words)),
        plot("cost", [day.cost_usd for day in days], dollars),
    ]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"
