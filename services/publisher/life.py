"""The whole life of one message: what the database and the broker tell of it. Behind a page and `twin trace`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from shared.broker.topology import Lag
from shared.contracts.ids import call_id
from shared.contracts.pipeline import DeadLetter
from shared.errors import Transient
from shared.storage.calls import Call, Calls
from shared.storage.dead_letters import DeadLetters
from shared.storage.ledger import Entry, Ledger

_REFERENCE = "whatsapp://group/"
_LETTERS = 1000


@dataclass(frozen=True, slots=True)
class Life:
    """What is known of a message. `lags` is None where the broker did not answer."""

    id: str
    entry: Entry | None
    copies: list[Entry]
    call: Call | None
    dead: list[DeadLetter]
    lags: Sequence[Lag] | None

    @property
    def known(self) -> bool:
        """Whether anything was found."""
        return self.entry is not None or self.call is not None or bool(self.dead)


class Lives:
    """Finds lives by a message id, a call id or a whatsapp:// reference."""

    def __init__(
        self, calls: Calls, ledger: Ledger, dead_letters: DeadLetters, lags: Callable[[], Awaitable[Sequence[Lag]]]
    ) -> None:
        self._calls = calls
        self._ledger = ledger
        self._dead_letters = dead_letters
        self._lags = lags

    async def of(self, id: str) -> Life:
        """Everything that is known; Unavailable while the database is away."""
        call = await self._calls.get(id)
        message_id = call.message.message_id if call else message_id_of(id)
        entry = await self._ledger.get(message_id)
        if call is None:
            call = await self._calls.get((entry and entry.call_id) or call_id(message_id))
        copies = await self._ledger.copies_of(message_id)
        dead = await self._letters(message_id, entry)
        return Life(message_id, entry, copies, call, dead, await self._waiting())

    async def _letters(self, message_id: str, entry: Entry | None) -> list[DeadLetter]:
        """Open letters of this message, and those that its ledger entry names."""
        opened = await self._dead_letters.open(limit=_LETTERS)
        found = {letter.event_id: letter for letter in opened if letter.message_id == message_id}
        for detail in (entry.stages if entry else {}).values():
            letter_id = detail.get("letter")
            if isinstance(letter_id, str) and letter_id not in found:
                letter = await self._dead_letters.get(letter_id)
                if letter:
                    found[letter_id] = letter
        return list(found.values())

    async def _waiting(self) -> Sequence[Lag] | None:
        try:
            return await self._lags()
        except Transient:
            return None


def message_id_of(given: str) -> str:
    """The message id in a whatsapp:// reference; anything else is taken as an id itself."""
    if given.startswith(_REFERENCE):
        return given.removeprefix(_REFERENCE).partition("/message/")[2]
    return given
