"""The API against its own description: whatever it allows is answered as described, and nothing breaks."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from ecrm_server.identity.counters import ProcessStorage
from tests.security import people as p
from tests.security.matrix import Caller

EXAMPLES = 30
CHECKS = [not_a_server_error, response_schema_conformance]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", [p.KEY, p.ROOT])
def test_answers_are_as_the_description_says(caller: Caller, name: str) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", caller.world.site.dispatcher)
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in operations:
        _attempt(operation, caller.headers(name))
    caller.world.restore()
    assert len(operations) >= 10


def _attempt(operation: Any, headers: dict[str, str]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def attempt(case: Any) -> None:
        ProcessStorage._counts.clear()
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)

    attempt()
