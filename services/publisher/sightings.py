"""Where else a call was seen: the copies of its message in other groups, and the calls that were merged into it."""

from __future__ import annotations

from shared.contracts.messages import Group, message_reference
from shared.contracts.pipeline import Sighting
from shared.storage.calls import Call, Calls
from shared.storage.ledger import Entry, Ledger


async def sightings(ledger: Ledger, calls: Calls, call: Call) -> tuple[Sighting, ...]:
    """Everywhere that this call is known to have been posted, oldest first, without its own message."""
    messages = [call.message, *(copy.message for copy in await calls.merged_into(call.id))]
    found = {
        message.reference: Sighting(group=message.group, message_ref=message.reference, posted_at=message.sent_at)
        for message in messages
    }
    for message in messages:
        for entry in await _copies(ledger, message.message_id):
            reference = message_reference(entry.group_id, entry.id)
            found[reference] = Sighting(
                group=Group(id=entry.group_id, name=entry.group_name), message_ref=reference, posted_at=entry.sent_at
            )
    found.pop(call.message.reference, None)
    return tuple(sorted(found.values(), key=lambda seen: (seen.posted_at, seen.message_ref)))


async def _copies(ledger: Ledger, message_id: str) -> list[Entry]:
    """The copies of a message, and what repeats one of them word for word."""
    copies = await ledger.copies_of(message_id)
    near = [entry for entry in copies if "publisher" in entry.stages]  # those in other words have copies of their own
    return copies + [repeat for entry in near for repeat in await ledger.copies_of(entry.id)]
