"""One world for each module of security tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.security.built import built
from tests.security.matrix import Caller
from tests.security.world import World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The site of the matrix. Who changes it calls ``restore``."""
    with built() as found:
        yield found


@pytest.fixture(scope="module")
def caller(world: World) -> Caller:
    """Sends requests as everybody."""
    return Caller(world)
