"""The JSON APIs against their own OpenAPI document: whatever is sent, the answer is one that the document names."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode

from shared.contracts.ids import call_id
from tests.services.publisher.house import PASSWORD, House, queued, sign_in, visitor

SCHEMA = schemathesis.openapi.from_dict(House().app.openapi())
OPERATIONS: dict[str, Any] = {
    f"{found.method} {found.path}": found for found in (each.ok() for each in cast("Any", SCHEMA.get_all_operations()))
}
_MEANT_FOR_ALL = {400, 405}
"""What the framework answers to what is no request of the API at all: broken JSON, an address with a line break."""


@pytest.fixture
async def house() -> House:
    made = House()
    await made.accounts.add("sara", PASSWORD)
    await made.backlog.reload()
    await queued(made)
    return made


def cases(name: str, mode: GenerationMode) -> list[Any]:
    """Some requests to this operation, the same each time: such as the document allows, or such as it does not."""
    found: list[Any] = []

    @settings(
        max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True,
        phases=[Phase.generate],
    )  # fmt: skip
    @given(OPERATIONS[name].as_strategy(mode))
    def collect(case: Any) -> None:
        found.append(case)

    with suppress(Unsatisfiable):  # there is nothing that an id must not be
        collect()
    return found


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
@pytest.mark.parametrize("name", sorted(OPERATIONS))
async def test_every_answer_is_one_that_the_document_names(house: House, name: str, mode: GenerationMode) -> None:
    operation = OPERATIONS[name]
    responses = operation.definition.raw["responses"]
    async with visitor(house) as client:
        await sign_in(client, "sara")
        for at, case in enumerate(cases(name, mode)):
            if at % 2 and "id" in (case.path_parameters or {}):
                case.path_parameters["id"] = call_id("m1")  # a call that there is
            answer = await client.send(_request(client, case))
            assert answer.status_code < 500, answer.text
            if answer.status_code in _MEANT_FOR_ALL:
                continue
            documented = responses.get(str(answer.status_code))
            assert documented is not None, (answer.status_code, answer.text[:300])
            kind = answer.headers.get("content-type", "").partition(";")[0]
            assert not answer.content or kind in documented["content"], kind
            if answer.status_code == 200:
                operation.validate_response(answer)


def _request(client: httpx.AsyncClient, case: Any) -> httpx.Request:
    """The case as bytes on the way: encoded by another library than the one that the site's own tests use."""
    values = case.as_transport_kwargs(base_url="http://desk.test")
    made = requests.Request(
        values["method"], values["url"], headers=values.get("headers"), params=values.get("params"),
        json=values.get("json"), data=values.get("data"), cookies=values.get("cookies"),
    ).prepare()  # fmt: skip
    kept = {
        name: str(value) for name, value in made.headers.items() if name.lower() in ("content-type", "if-none-match")
    }
    body = made.body.encode() if isinstance(made.body, str) else cast("bytes | None", made.body)
    return client.build_request(str(made.method), str(made.url), headers=kept, content=body)
