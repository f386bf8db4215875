"""The stand-in for an OpenAI-compatible endpoint: structured chat completions, and what can go wrong there."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.sandbox import answers, inventions, logic
from services.sandbox.handlers import answer
from services.sandbox.inventions import Plant
from services.sandbox.knobs import Knobs

_MODELS = ("gpt-4o-mini", "gpt-4o")


class ModelApi:
    """One method a path. What goes wrong is drawn for each text and each time it is asked about.

    `planted` is told what was asked and what false values the answer to it carries.
    """

    def __init__(
        self,
        give: answers.Answer,
        *,
        key: str,
        seed: str,
        knobs: Callable[[], Knobs],
        clock: Callable[[], float],
        planted: Callable[[str, Sequence[Plant]], None] = lambda _asked, _plants: None,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._give = give
        self._key = key
        self._seed = seed
        self._knobs = knobs
        self._clock = clock
        self._planted = planted
        self._asked: Counter[str] = Counter()

    def routes(self) -> list[Route]:
        """The API's paths."""
        return [
            Route("/v1/chat/completions", self.complete, methods=["POST"]),
            Route("/v1/models", self.models, methods=["GET"]),
        ]

    async def models(self, request: Request) -> Response:
        """The models that there are."""
        if not self._known(request):
            return _refusal(401, "Incorrect API key provided", "invalid_request_error", "invalid_api_key")
        return answer({"object": "list", "data": [{"id": name, "object": "model"} for name in _MODELS]})

    async def complete(self, request: Request) -> Response:
        """One chat completion."""
        self.counts["requests"] += 1
        if not self._known(request):
            return _refusal(401, "Incorrect API key provided", "invalid_request_error", "invalid_api_key")
        try:
            asked = _Asked(await request.json())
        except (ValueError, TypeError, KeyError, AttributeError):
            return _refusal(400, "We could not parse the JSON body of your request", "invalid_request_error", None)
        if asked.stream:
            return _refusal(400, "The sandbox does not stream", "invalid_request_error", "unsupported")
        self._asked[asked.user] += 1
        trouble = await self._trouble(asked)
        return trouble or self._completion(asked)

    async def _trouble(self, asked: _Asked) -> Response | None:
        knobs = self._knobs()
        if self._happens("llm_too_many", asked, knobs.llm_too_many):
            wait = {} if knobs.llm_retry_after_s is None else {"retry-after": f"{knobs.llm_retry_after_s:g}"}
            return _refusal(429, "Rate limit reached", "requests", "rate_limit_exceeded", wait)
        if self._happens("llm_errors", asked, knobs.llm_errors):
            return _refusal(500, "The server had an error", "server_error", None)
        if self._happens("llm_hangs", asked, knobs.llm_hangs):
            await asyncio.sleep(knobs.llm_hang_s)
            return _refusal(504, "Timed out", "server_error", None)
        await asyncio.sleep(knobs.llm_delay_s)
        return None

    def _completion(self, asked: _Asked) -> Response:
        knobs = self._knobs()
        message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
        if self._happens("llm_refusals", asked, knobs.llm_refusals):
            message["refusal"] = "I'm sorry, I can't help with that."
        else:
            message["content"] = self._content(asked, knobs)
        self.counts["answered"] += 1
        tokens_in, tokens_out = (
            answers.tokens(str(text)) for text in (asked.all, message["content"] or message["refusal"])
        )
        return answer(
            {
                "id": f"chatcmpl-sandbox{self.counts['requests']}",
                "object": "chat.completion",
                "created": int(self._clock()),
                "model": asked.model,
                "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
                "usage": {
                    "prompt_tokens": tokens_in,
                    "completion_tokens": tokens_out,
                    "total_tokens": tokens_in + tokens_out,
                },
            }
        )

    def _content(self, asked: _Asked, knobs: Knobs) -> str:
        given = self._give(asked.user)
        for what, share, change in (
            ("llm_inventions", knobs.llm_inventions, inventions.with_inventions),
            ("llm_obeys", knobs.llm_obeys, inventions.obeying),
        ):
            if self._happens(what, asked, share):
                given, plants = change(given, asked.user, lambda question: self._drawn(question, asked))
                self._planted(asked.user, plants)
        content = json.dumps(answers.fitted(given, asked.schema) if asked.schema else given, ensure_ascii=False)
        return content[: len(content) // 2] if self._happens("llm_broken", asked, knobs.llm_broken) else content

    def _happens(self, what: str, asked: _Asked, share: float) -> bool:
        happens = self._drawn(what, asked) < share
        self.counts[what] += happens
        return happens

    def _drawn(self, what: str, asked: _Asked) -> float:
        return logic.chance(self._seed, what, f"{asked.user}:{self._asked[asked.user]}")

    def _known(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self._key}"


class _Asked:
    """A request, as far as it is looked at. ValueError, TypeError, KeyError or AttributeError where it is none."""

    def __init__(self, body: Any) -> None:
        turns = [(str(turn["role"]), _words(turn.get("content"))) for turn in body["messages"]]
        self.model = str(body["model"])
        self.stream = bool(body.get("stream"))
        self.user = "\n".join(text for role, text in turns if role == "user")
        self.all = "\n".join(text for _, text in turns)
        wanted = body.get("response_format") or {}
        self.schema: dict[str, Any] = wanted["json_schema"]["schema"] if wanted.get("type") == "json_schema" else {}


def _words(content: Any) -> str:
    """A turn's text: a string, or a list of parts."""
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _refusal(status: int, message: str, type: str, code: str | None, headers: dict[str, str] | None = None) -> Response:
    return answer({"error": {"message": message, "type": type, "param": None, "code": code}}, status, headers)
