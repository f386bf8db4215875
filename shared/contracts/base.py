"""The base of every event: frozen, tolerant to read, versioned."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, field_validator

from shared.errors import Permanent

ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class Contract(BaseModel):
    """A value that travels. Unknown fields are ignored, so that an older reader survives a newer writer."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="null")


class Event(Contract):
    """Something that happened. `event_id` names it for ever: the same thing seen twice has the same id.

    It is sent as `Nats-Msg-Id`, so that JetStream drops what it saw within its duplicate window; the claims in the
    database drop the rest.

    `schema_version` grows only when an older reader would understand the event wrongly. A new optional field is none
    of that: it is ignored where nobody knows it, and has its default where nobody wrote it. A version above `VERSION`
    raises Permanent, so that the event is kept as a dead letter and replayed after the update.
    """

    VERSION: ClassVar[int] = 1

    event_id: str = Field(min_length=1, max_length=300)
    schema_version: int = 1

    @field_validator("schema_version")
    @classmethod
    def _is_known(cls, version: int) -> int:
        if version > cls.VERSION:
            raise Permanent(
                f"{cls.__name__} of version {version}, this release reads up to {cls.VERSION}: update, then replay it",
                reason="newer_contract",
            )
        return version


__all__ = ["AwareDatetime", "Contract", "Event", "ShortText"]
