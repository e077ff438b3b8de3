"""Lists of very many customers: every page is found by indexes. Counted are rows and steps of the engine, not time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecrm_server import clock
from ecrm_server.access import SYSTEM
from ecrm_server.bench.million import fill
from ecrm_server.customers.bench.pairs import VALUES, pairs, seen
from ecrm_server.data import database
from ecrm_server.jobs.execute import run_job
from ecrm_server.lists.bound import bind

CUSTOMERS = 50_000
MOST = {"sqlite": 200_000, "postgres": 15_000}
"""For a page: steps of SQLite's machine, of which reading all customers takes a million; rows that PostgreSQL reads."""


def steps(sql: str, params: Any) -> int:
    """The steps that SQLite takes for a statement, by the hundred."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 100
        return 0

    connection = database.connection()
    connection.set_progress_handler(count, 100)
    database.execute_sql(sql, params).fetchall()
    connection.set_progress_handler(None, 0)
    return counted


def rows_read(sql: str, params: Any) -> int:
    """The customers that PostgreSQL looks at for a statement."""
    found = database.execute_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params).fetchone()[0]
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]

    def below(node: dict[str, Any]) -> int:
        own = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) if "Relation Name" in node else 0
        return int(own * node["Actual Loops"]) + sum(below(part) for part in node.get("Plans", ()))

    return below(plan)


def plan(engine: str, sql: str, params: Any) -> str:
    word = "EXPLAIN QUERY PLAN" if engine == "sqlite" else "EXPLAIN"
    return str(database.execute_sql(f"{word} {sql}", params).fetchall())


@pytest.fixture
def asked(site: Any) -> Any:
    """The statements about customers that ran so far, with their values."""
    found: list[tuple[str, Any]] = []

    def note(event: Any) -> None:
        if "FROM customer" in event.sql and not event.sql.startswith("EXPLAIN"):
            found.append((event.sql, event.params))

    database.obj.query_hooks.append(note)
    yield found
    database.obj.query_hooks.remove(note)


def test_ten_filters_with_their_orders_are_found_by_indexes(both_engines: str, site: Any, asked: Any) -> None:
    fill(CUSTOMERS, owners=10)
    database.execute_sql("ANALYZE")
    site.refresh()
    found = pairs()
    assert len(found) == 10
    measure = steps if both_engines == "sqlite" else rows_read
    for pair in found:
        plans = ""
        for number in range(VALUES):
            asked.clear()
            look = seen(SYSTEM, pair.state(number), clock.now())
            assert not look.stopped
            statements = list(asked)
            work = [measure(*statement) for statement in statements]
            assert sum(work) <= MOST[both_engines], (pair.name, number, work, statements)
            plans += "".join(plan(both_engines, *statement) for statement in statements)
        missing = [index for index in pair.indexes if index not in plans]
        assert not missing, (pair.name, missing, plans)


def test_a_list_knows_the_index_that_was_built_for_a_column(
    both_engines: str, site: Any, sign_in: Any
) -> None:
    def column() -> Any:
        return bind("customers.customers", SYSTEM).columns["country"]

    assert not column().indexed
    answer = sign_in("Root", "admin").post("/lists/customers.customers/index/country", {"next": "/customers"})
    assert answer.status_code == 302
    run_job(database.execute_sql("SELECT uid FROM job WHERE kind = 'lists.index'").fetchone()[0])
    site.refresh()
    assert column().indexed
