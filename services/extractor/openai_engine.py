"""The one place that speaks to the model's endpoint: OpenAI's chat completions with strict structured output."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import openai
from openai.types.chat import ChatCompletion
from pydantic import ValidationError
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_exponential_jitter,
)

from services.extractor import answer, prompt
from services.extractor.answer import Answer
from services.extractor.ports import Answered, BadAnswer, NeedsOperator, Usage
from services.extractor.prompt import ChatMessage
from services.extractor.settings import OpenAISettings
from services.extractor.spending import Spending
from shared.errors import Misconfigured, RateLimited, Transient, TwinError, Unavailable

_SHORT_WAIT_S = 2.0  # a longer one is spent in the stream, not here
_LEAST_S = 0.5  # with less time left than this nothing is sent any more
_AUTH_WAIT_S = 60.0
_QUOTA_WAIT_S = 600.0
_LONGEST_WAIT_S = 3600.0
_OURS = {"model", "messages", "response_format", "temperature", "seed", "max_completion_tokens"}


class OpenAIModel:
    """As `services.extractor.ports.Model` says. Every request is taken from the budgets before it is sent."""

    def __init__(self, settings: OpenAISettings, spending: Spending, *, first_wait_s: float = 0.5) -> None:
        if settings.api_key is None:
            raise Misconfigured("set OPENAI_API_KEY, or EXTRACTOR_ENGINE=offline to read without a model")
        self.name = settings.model
        self._settings = settings
        self._spending = spending
        self._wait = wait_exponential_jitter(multiplier=first_wait_s, max=4, jitter=first_wait_s)
        self._host = urlsplit(settings.base_url).hostname
        # Retries are ours alone: two layers of them multiply.
        self._client = openai.AsyncOpenAI(
            api_key=settings.api_key.get_secret_value().strip(),
            base_url=settings.base_url,
            max_retries=0,
            timeout=settings.timeout_s,
        )
        self._format: Any = {
            "type": "json_schema",
            "json_schema": {"name": "casting_call", "strict": True, "schema": answer.schema()},
        }

    async def ask(self, messages: Sequence[ChatMessage], *, source: str) -> Answered:
        """As the port says. An answer that does not fit the schema is asked for once more."""
        deadline = asyncio.get_running_loop().time() + self._settings.total_s
        usage = Usage()
        complaint: tuple[ChatMessage, ...] = ()
        for _ in range(2):
            try:
                completion, spent = await self._sent([*messages, *complaint], source, deadline)
                usage += spent
                return Answered(Answer.model_validate_json(_content(completion)), usage)
            except ValidationError as error:
                complaint = (prompt.repair(_summary(error)),)
            except BadAnswer as error:
                error.usage = usage
                raise
        raise BadAnswer("the model's answer does not fit the schema, twice", reason="model_invalid", usage=usage)

    async def close(self) -> None:
        """Closes every connection."""
        await self._client.close()

    async def _sent(self, messages: list[ChatMessage], source: str, deadline: float) -> tuple[ChatCompletion, Usage]:
        """One question, sent again where a moment may help."""
        left = deadline - asyncio.get_running_loop().time()
        async for attempt in AsyncRetrying(
            stop=stop_after_attempt(self._settings.tries) | stop_before_delay(max(0.0, left)),
            wait=self._pause,
            retry=retry_if_exception(_may_pass_soon),
            reraise=True,
        ):
            with attempt:
                return await self._once(messages, source, deadline)
        raise AssertionError("tenacity ends with a result or an error")

    async def _once(self, messages: list[ChatMessage], source: str, deadline: float) -> tuple[ChatCompletion, Usage]:
        left = min(self._settings.timeout_s, deadline - asyncio.get_running_loop().time())
        if left < _LEAST_S:
            raise Unavailable(f"the model at {self._host} took too long")
        await self._spending.take()
        began = perf_counter()
        try:
            # The client's own limit is for each read, which a slow drip never reaches.
            async with asyncio.timeout(left):
                completion = await self._client.chat.completions.create(
                    model=self.name,
                    messages=[_turn(message) for message in messages],
                    response_format=self._format,
                    temperature=0,
                    seed=self._settings.seed,
                    max_completion_tokens=self._settings.answer_tokens,
                )
        except TimeoutError as error:
            raise Unavailable(f"the model at {self._host} did not answer within {left:.0f} s") from error
        except (openai.OpenAIError, ValueError) as error:
            raise self._translated(error) from error
        if not isinstance(completion, ChatCompletion) or not completion.choices:
            raise Unavailable(f"what {self._host} answers is no chat completion: check OPENAI_BASE_URL")
        spent = completion.usage
        return completion, await self._spending.add(
            source,
            spent.prompt_tokens if spent else 0,
            spent.completion_tokens if spent else 0,
            latency_ms=(perf_counter() - began) * 1000,
        )

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, Transient) else None
        return max(asked or 0.0, float(self._wait(state)))

    def _translated(self, error: Exception) -> TwinError:
        """Ours for the client's. The endpoint's own words are left out: they may repeat the message or the key."""
        at = f"the model at {self._host}"
        match error:
            case openai.APITimeoutError():
                return Unavailable(f"{at} did not answer in time")
            case openai.APIConnectionError():
                return Unavailable(f"{at} cannot be reached: {type(error.__cause__ or error).__name__}")
            case openai.APIStatusError():
                return self._by_status(error, at)
            case _:
                return Unavailable(f"{at} answers in a way that cannot be read ({type(error).__name__})")

    def _by_status(self, error: openai.APIStatusError, at: str) -> TwinError:
        asked, named = _retry_after(error), error.code or error.type or "no code"
        match error.status_code:
            case 401 | 403:
                words = f"{at} refuses the key (HTTP {error.status_code}, {named}): check OPENAI_API_KEY and its rights"
                return NeedsOperator(words, retry_after=_AUTH_WAIT_S)
            case 402:
                return NeedsOperator(f"{at} asks for payment: add credit to the account", retry_after=_QUOTA_WAIT_S)
            case 404 | 405:
                words = f"{at} knows no model {self.name} or no such address: check OPENAI_MODEL and OPENAI_BASE_URL"
                return NeedsOperator(words, retry_after=_AUTH_WAIT_S)
            case 429 if "insufficient_quota" in (error.code, error.type):
                words = f"the credit of the account at {self._host} is used up: add credit or raise its limit"
                return NeedsOperator(words, retry_after=_QUOTA_WAIT_S)
            case 429:
                return RateLimited(f"{at} asks for fewer requests", retry_after=asked)
            case 400 | 413 | 422 if (error.param or "").split("[")[0].split(".")[0] in _OURS - {"messages"}:
                words = f"{at} does not take our {error.param} ({named}): it needs strict structured output"
                return NeedsOperator(words, retry_after=_AUTH_WAIT_S)
            case 400 | 413 | 422:
                return BadAnswer(f"{at} refuses this message ({named})", reason="model_refused_request")
            case status:
                return Unavailable(f"{at} fails (HTTP {status})", retry_after=asked)


def _turn(message: ChatMessage) -> Any:
    return {"role": message.role, "content": message.content}


def _may_pass_soon(error: BaseException) -> bool:
    if not isinstance(error, Unavailable | RateLimited) or isinstance(error, NeedsOperator):
        return False
    return error.retry_after is None or error.retry_after <= _SHORT_WAIT_S


def _content(completion: ChatCompletion) -> str:
    """The answer's text; BadAnswer where there is none by the model's own will, or only the beginning of one."""
    choice = completion.choices[0]
    if choice.message.refusal:
        raise BadAnswer("the model refuses to answer", reason="model_refused")
    if choice.finish_reason == "content_filter":
        raise BadAnswer("the model's answer was filtered", reason="model_filtered")
    if choice.finish_reason == "length":
        raise BadAnswer("the model's answer was cut off", reason="model_truncated")
    return choice.message.content or ""


def _summary(error: ValidationError) -> str:
    """Which fields are wrong, without their content."""
    items = error.errors(include_input=False, include_url=False, include_context=False)[:5]
    return "; ".join(f"{'.'.join(map(str, item['loc'])) or 'answer'}: {item['type']}" for item in items)


def _retry_after(error: openai.APIStatusError) -> float | None:
    """The wait in seconds that the headers ask for, if they do."""
    headers = error.response.headers
    written = headers.get("retry-after", "")
    try:
        if exact := headers.get("retry-after-ms"):
            wait = float(exact) / 1000
        elif written.replace(".", "", 1).isdecimal():
            wait = float(written)
        else:
            moment = parsedate_to_datetime(written)
            wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - datetime.now(UTC).timestamp()
    except ValueError:
        return None
    return min(_LONGEST_WAIT_S, max(0.0, wait))
