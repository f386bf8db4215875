"""The control API: turns the knobs and plays events, for demos and tests. It has no lock: keep it on this machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.sandbox.channel import Channel
from services.sandbox.handlers import answer
from services.sandbox.knobs import Knobs
from services.sandbox.replay import Replay
from services.sandbox.sender import Sender


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PostOrder(_Order):
    """A message to post: `group` is a name or an id, `at` unix seconds, `fields` is laid over the gateway's object."""

    group: str = Field(min_length=1)
    text: str
    id: str | None = None
    type: str = "text"
    at: int | None = None
    webhook: bool = True
    fields: dict[str, Any] = {}
    gold: dict[str, Any] | None = None


class GroupOrder(_Order):
    """A group that the phone joins, or whose name changes."""

    id: str = Field(pattern=r"^[0-9-]{10,31}@g\.us$")
    name: str


class EditOrder(_Order):
    """A message that gets another text."""

    id: str
    text: str
    gold: dict[str, Any] | None = None


class DeleteOrder(_Order):
    """A message that is deleted for everyone."""

    id: str


class ControlApi:
    """One method a path."""

    def __init__(
        self, channel: Channel, sender: Sender, replay: Replay, *, requests: Counter[str], answers: Counter[str]
    ) -> None:
        self._channel = channel
        self._sender = sender
        self._replay = replay
        self._requests = requests
        self._answers = answers

    def routes(self) -> list[Route]:
        """The API's paths."""
        return [
            Route("/_control", self._checked(self.state), methods=["GET"]),
            Route("/_control", self._checked(self.turn), methods=["POST"]),
            Route("/_control/post", self._checked(self.post), methods=["POST"]),
            Route("/_control/group", self._checked(self.group), methods=["POST"]),
            Route("/_control/edit", self._checked(self.edit), methods=["POST"]),
            Route("/_control/delete", self._checked(self.delete), methods=["POST"]),
        ]

    async def state(self, _body: Any) -> Any:
        """Where everything stands."""
        channel = self._channel
        return {
            "knobs": channel.knobs.model_dump(),
            "played": len(channel.played),
            "left": self._replay.left,
            "messages": len(channel.messages),
            "groups": [{"id": group["id"], "name": group["name"]} for group in channel.groups.values()],
            "webhooks": {"waiting": self._sender.waiting, "dropped": channel.dropped, **self._sender.counts},
            "requests": dict(self._requests),
            "model": dict(self._answers),
        }

    async def turn(self, body: Any) -> Any:
        """Turns the knobs that are named, and the token; the others stay. After an outage, all webhooks are due."""
        before = self._channel.knobs
        values = dict(body) if isinstance(body, dict) else {"body": body}
        token = values.pop("token", None)
        self._channel.knobs = knobs = Knobs.model_validate(before.model_dump() | values)
        self._channel.token = str(token) if token else self._channel.token
        self._replay.turned()
        if (before.webhook_outage and not knobs.webhook_outage) or (before.session != "AUTH" and self._channel.working):
            self._sender.hurry()
        return await self.state(None)

    async def post(self, body: Any) -> Any:
        """Posts a message and returns the gateway's object."""
        order = PostOrder.model_validate(body)
        if order.gold is not None:
            self._channel.teach(order.text, order.gold)
        return self._channel.post(
            order.group,
            order.text,
            id=order.id,
            kind=order.type,
            at=order.at,
            webhook=order.webhook,
            fields=order.fields,
        )

    async def group(self, body: Any) -> Any:
        """Joins a group or gives it another name, and returns the gateway's object."""
        order = GroupOrder.model_validate(body)
        return self._channel.join(order.id, order.name)

    async def edit(self, body: Any) -> Any:
        """Edits a message and returns the action that tells of it."""
        order = EditOrder.model_validate(body)
        if order.gold is not None:
            self._channel.teach(order.text, order.gold)
        return self._channel.edit(order.id, order.text)

    async def delete(self, body: Any) -> Any:
        """Deletes a message and returns the action that tells of it."""
        return self._channel.delete(DeleteOrder.model_validate(body).id)

    def _checked(self, endpoint: Callable[[Any], Any]) -> Callable[[Request], Any]:
        async def checked(request: Request) -> Response:
            try:
                return answer(await endpoint(await request.json() if request.method == "POST" else None))
            except ValidationError as error:
                return answer(
                    {"error": error.errors(include_url=False, include_input=False, include_context=False)}, 422
                )
            except KeyError as error:
                return answer({"error": f"there is no message {error}"}, 404)
            except ValueError:
                return answer({"error": "the body is no JSON"}, 400)

        return checked
