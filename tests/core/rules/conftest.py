from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ecrm_server import data
from ecrm_server.data import database
from ecrm_server.rules import Rule, parse
from ecrm_server.testing import databases
from tests.core.rules import shop


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def stored(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[shop.Subject]]:
    """Two hundred subjects, in the tables of a database and as they are in memory; on each engine."""
    people = shop.subjects(200, seed=7)
    name = f"ecrm_rules_{uuid.uuid4().hex[:12]}"
    if request.param == "postgres":
        databases.require_postgres()
        databases.administer(f'CREATE DATABASE "{name}"')
        data.connect(f"{databases.POSTGRES_URL.rpartition('/')[0]}/{name}")
    else:
        data.connect(f"sqlite:///{tmp_path_factory.mktemp('rules') / 'rules.db'}")
    with database.connection_context():
        shop.store(people)
        yield people
    database.close_all()
    if request.param == "postgres":
        databases.administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def read() -> Callable[[Any], Rule]:
    """Parse a tree over the shop's traits and segments."""
    return lambda tree: parse(tree, shop.TRAITS, segment=shop.SEGMENTS.get)
