from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server.access import SYSTEM, Actor
from ecrm_server.access import services as access
from ecrm_server.identity.testing import actor_of, make_account
from ecrm_server.kernel import current


@pytest.fixture
def person(both_engines: str, site: Any) -> Callable[..., Actor]:
    """``person("Ada", "staff")``: the actor of a new account."""

    def make(name: str, *roles: str, **more: Any) -> Actor:
        return actor_of(make_account(name, roles=roles, **more))

    return make


@pytest.fixture
def seller(person: Callable[..., Actor], site: Any) -> Callable[..., Actor]:
    """``seller("Sam", "customers.read_own")``: somebody who has these permissions and no others."""

    def make(name: str, *permissions: str) -> Actor:
        role = f"may_{name.lower()}"
        access.create_role(SYSTEM, role, role)
        declared = list(current.generation().registry.permissions.values())
        access.set_permissions(SYSTEM, {role: set(permissions)}, declared, {})
        site.dispatcher.refresh(wait=True)
        return person(name, role)

    return make
