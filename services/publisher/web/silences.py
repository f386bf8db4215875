"""Alerts that an admin wants quiet for a while: nobody is told of them; they stay on the page and in the log."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from services.publisher.web.parts import Parts
from services.publisher.web.sessions import Admin, SiteParts
from shared.errors import Permanent
from shared.storage.alerts import Silence
from shared.storage.audit import Deed

router = APIRouter(include_in_schema=False)
ADDRESS: Final = "/admin/alerts"
HOURS: Final = (1, 4, 24, 168)
_PAGE = "/admin/digital-twin-status#alerts"


@router.post(f"{ADDRESS}/silence")
async def silence(request: Request, who: Admin, parts: SiteParts) -> Response:
    """Keeps an alert, or all of a rule, quiet for some hours."""
    form = await request.form()
    name, hours = str(form.get("name") or ""), str(form.get("hours") or "")
    if hours not in {str(choice) for choice in HOURS} or name not in _names(parts):
        raise Permanent("there is no such alert, or no such time", reason="not_allowed")
    until = parts.clock() + timedelta(hours=int(hours))
    await parts.office.audit.note(Deed(parts.clock(), who.name, "alert", name, "silenced", {"hours": hours}))
    await parts.office.alerts.silence(Silence(name, until, who.name))
    return await _back(parts)


@router.post(f"{ADDRESS}/unsilence")
async def unsilence(request: Request, who: Admin, parts: SiteParts) -> Response:
    """Has it told again. That it was told already, by somebody else, is no error."""
    name = str((await request.form()).get("name") or "")[:300]
    await parts.office.audit.note(Deed(parts.clock(), who.name, "alert", name, "unsilenced", {}))
    await parts.office.alerts.end_silence(name)
    return await _back(parts)


def _names(parts: Parts) -> set[str]:
    """What may be kept quiet: a rule, or an alert that fires or was over lately."""
    return {*parts.office.limits, *(alert.key for alert in parts.office.board.readings.alerts)}


async def _back(parts: Parts) -> Response:
    await parts.office.board.read_alerts()
    return RedirectResponse(_PAGE, 303)
