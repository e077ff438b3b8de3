from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server.access import Actor
from ecrm_server.identity.testing import actor_of, make_account


@pytest.fixture
def person(both_engines: str, site: Any) -> Callable[..., Actor]:
    """``person("Ada", "staff")``: the actor of a new account."""

    def make(name: str, *roles: str, **more: Any) -> Actor:
        return actor_of(make_account(name, roles=roles, **more))

    return make
