"""What the stages hand on: a candidate, an extracted call, an approved call; and what could not be handled."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.base import AwareDatetime, Contract, Event
from shared.contracts.calls import CastingCall, EvidenceMap, Flag
from shared.contracts.messages import Group, RawMessage


class Verdict(Contract):
    """Why the filter let a message through or stopped it. `rule` is never anonymous."""

    passed: bool
    rule: str
    score: float = 0.0
    reasons: tuple[str, ...] = ()


class Candidate(Event):
    """A message that may be a casting call.

    `message.message_id` names the call for its whole life. After an edit the message carries the new text and
    `edit_id` the edit that brought it; `edited_at`, where it is sure, says which of two edits that overtake each other
    holds. With `check` the filter has stopped the message, and a reviewer is asked whether it was right to: a sample
    of the rejections, so that the rate of missed calls is known. `replay` names the replay that sends it once more.
    """

    type: Literal["candidate"] = "candidate"
    message: RawMessage
    verdict: Verdict
    edit_id: str | None = None
    edited_at: AwareDatetime | None = None
    check: bool = False
    replay: str | None = Field(None, max_length=40)


class Engine(Contract):
    """What read the message: for the audit, the evaluation and the bill."""

    name: str  # "offline" or "openai"
    model: str | None = None
    version: str = "1"  # of the parsers or the prompt
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    latency_ms: float = 0.0
    cached: bool = False  # the answer was paid for by an earlier message of the same words


Confidence = dict[str, Annotated[float, Field(ge=0, le=1)]]
"""Field path → how far its value can be trusted, from grounding and agreement. Paths as in the evidence."""


class Extraction(Contract):
    """What an engine found in one message. `call` is null where it is no casting call; `reason` then says why."""

    call: CastingCall | None
    reason: str | None = None
    evidence: EvidenceMap = Field(default_factory=dict)
    confidence: Confidence = Field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    engine: Engine


class Relation(StrEnum):
    """How a call stands to an earlier one. Of an unlike earlier one nothing is said."""

    SAME = "same"  # the same call again: a forward, another group
    UPDATE = "update"  # the same call with a fact corrected
    SIBLING = "sibling"  # the same words for another role, city or phone: another call


class Likeness(Contract):
    """An earlier call in much the same words, and what that means."""

    relation: Relation
    call_id: str  # the earlier call's
    message_id: str
    containment: Annotated[float, Field(ge=0, le=1)]  # share of the shorter text's shingles that the other has
    conflicts: tuple[str, ...] = ()  # fields that both texts state, and not alike
    reason: str = ""


class ExtractedCall(Event):
    """A structured call that waits for a reviewer."""

    type: Literal["extracted"] = "extracted"
    call_id: str
    message: RawMessage
    verdict: Verdict
    call: CastingCall
    evidence: EvidenceMap = Field(default_factory=dict)
    confidence: Confidence = Field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    engine: Engine
    edit_id: str | None = None
    edited_at: AwareDatetime | None = None  # see Candidate
    check: bool = False  # see Candidate
    likeness: Likeness | None = None
    replay: str | None = Field(None, max_length=40)  # see Candidate


class EndKind(StrEnum):
    """What speaks for a call being over."""

    FILLED = "filled"  # somebody says so: a reply to it, a word of its poster after it, a line that an edit added
    REWORDED = "reworded"  # its message was edited into something that is no call


class Ending(Event):
    """A sign that a call is over. What it means for which call is for the publisher to say.

    `message` holds the words: a reply, or the call's own message as it reads after the edit. `about` is the message
    of the call, where it is said. `wholly` is false where only a part is said to be over ("no more men needed").
    """

    type: Literal["ending"] = "ending"
    kind: EndKind
    message: RawMessage
    about: str | None = None
    edit_id: str | None = None
    wholly: bool = True


class Change(StrEnum):
    """What happened to a published call."""

    APPROVED = "approved"
    UPDATED = "updated"
    WITHDRAWN = "withdrawn"


class Sighting(Contract):
    """The same call seen in a group."""

    group: Group
    message_ref: str
    posted_at: AwareDatetime


class Origin(Contract):
    """Where a call came from: the first message that brought it, in its own words."""

    group: Group
    message_ref: str  # whatsapp://group/<id>/message/<id>
    posted_at: AwareDatetime
    text: str


class ApprovedCall(Event):
    """The product. Consumers keep the highest `revision` of each `call_id` and drop what they have seen.

    Every change carries the whole call, so that a consumer never has to ask back. `revision` grows by at least one
    with each change.
    """

    type: Change
    call_id: str
    revision: int = Field(ge=1)
    call: CastingCall
    origin: Origin
    seen_in: tuple[Sighting, ...] = ()
    changed_at: AwareDatetime
    reason: str | None = None  # of a withdrawal


class DeadLetter(Event):
    """A message that could not be handled, whole, with what is needed to understand and replay it."""

    type: Literal["dead"] = "dead"
    stage: str
    reason: str
    detail: str = ""
    stack: str = ""
    subject: str
    stream: str | None = None
    sequence: int | None = None
    deliveries: int = 1
    headers: dict[str, str] = Field(default_factory=dict)
    payload: str  # text; bytes that are no UTF-8 are kept with backslash escapes
    message_id: str | None = None  # of the ledger, where the payload tells it
    failed_at: AwareDatetime
