"""Where else a call was seen: the copies of its message in other groups."""

from __future__ import annotations

from shared.contracts.messages import Group, message_reference
from shared.contracts.pipeline import Sighting
from shared.storage.calls import Call
from shared.storage.ledger import Ledger


async def sightings(ledger: Ledger, call: Call) -> tuple[Sighting, ...]:
    """The copies of this call's message that the ledger knows, oldest first, without the message itself."""
    return tuple(
        Sighting(
            group=Group(id=entry.group_id, name=entry.group_name),
            message_ref=message_reference(entry.group_id, entry.id),
            posted_at=entry.sent_at,
        )
        for entry in await ledger.copies_of(call.message.message_id)
    )
