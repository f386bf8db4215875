"""What the pages and the API work with, handed in by whoever builds the site."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request

from services.publisher.accounts import Accounts
from services.publisher.backlog import Backlog
from services.publisher.desk import Desk
from services.publisher.letters import Letters, Replays
from services.publisher.life import Lives
from services.publisher.overview.board import Board
from services.publisher.presence import Live, Presence
from services.publisher.tokens import Tokens
from shared.contracts.messages import RawMessage
from shared.storage.alerts import Alerts
from shared.storage.audit import Audit
from shared.storage.calls import Calls
from shared.storage.dead_letters import DeadLetters
from shared.storage.ledger import Ledger
from shared.storage.sources import Sources


@dataclass(frozen=True, slots=True)
class Options:
    """The site's settings."""

    session_secret: str
    session_hours: float = 12
    secure_cookies: bool = False
    public_url: str | None = None
    trust_proxy: bool = False


@dataclass(frozen=True, slots=True)
class Office:
    """What the pages of the admins work with, and the life of a message."""

    board: Board
    sources: Sources
    tokens: Tokens
    audit: Audit
    lives: Lives
    alerts: Alerts
    limits: Mapping[str, Mapping[str, int]]
    """Each rule of the alerts, with the numbers from where on it fires."""
    letters: Letters
    replays: Replays


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a route may use."""

    desk: Desk
    calls: Calls
    backlog: Backlog
    ledger: Ledger
    dead_letters: DeadLetters
    accounts: Accounts
    clock: Callable[[], datetime]
    options: Options
    live: Live
    presence: Presence
    submit: Callable[[RawMessage], Awaitable[object]]
    """Sends a message on the way that WhatsApp's take; Unavailable while the broker is away."""
    office: Office


def parts_of(request: Request) -> Parts:
    """The parts of the site that answers this request."""
    parts: Parts = request.app.state.parts
    return parts
