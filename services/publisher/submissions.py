"""A message that a reviewer pasted in: it enters where WhatsApp's messages do and takes the same way."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from shared.contracts.ids import posted_id
from shared.contracts.messages import Group, RawMessage, Sender, Via

GROUP_ID: Final = "direct"
MAX_TEXT: Final = 20_000


def submitted(text: str, who: str, now: datetime, *, group: str = "") -> RawMessage:
    """The message. The same text is the same message, whoever pastes it and how often. `group`: where it was found."""
    text = text.strip()
    digest = hashlib.blake2b(" ".join(text.split()).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    message_id = f"desk-{digest}"
    return RawMessage(
        event_id=posted_id(message_id),
        message_id=message_id,
        group=Group(id=GROUP_ID, name=group.strip()[:200] or None),
        sender=Sender(id=f"desk:{who}", name=who),
        sent_at=now,
        text=text,
        via=Via.DIRECT,
    )
