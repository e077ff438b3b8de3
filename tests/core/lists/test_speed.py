"""A page costs a fixed number of questions, and one that takes too long is stopped with a sentence."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ecrm_server.access import SYSTEM
from ecrm_server.data import Prepared, database
from ecrm_server.jobs.execute import run_job
from ecrm_server.kernel.current import generation
from ecrm_server.lists.bound import bind
from ecrm_server.lists.kind import Column
from ecrm_server.lists.look import look
from ecrm_server.lists.state import State
from ecrm_server.rules import Expression
from tests.core.lists.conftest import add_parcel

ENDLESS = Expression(
    "SELECT COUNT(*) + t.id FROM (WITH RECURSIVE n(i) AS"
    " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000000) SELECT i FROM n) numbers"
)


@pytest.fixture
def site(parcels_site: Any) -> Any:
    return parcels_site


@pytest.fixture
def slow_column(site: Any) -> None:
    """The list of parcels with one more column that no engine can read within a second."""
    lists = generation().registry.lists
    kind = lists["parcels.parcels"]
    assert not callable(kind.columns)
    made = Column(key="slow", title="Slow", sql=ENDLESS, kind="integer", default=False, make_index=_index)
    lists["parcels.parcels"] = replace(kind, columns=[*kind.columns, made])
    for code in "AB":
        add_parcel(code)


def _index() -> None:
    database.execute_sql("CREATE TABLE index_was_built (id INTEGER)")


@pytest.mark.usefixtures("both_engines", "slow_column")
def test_a_slow_sort_is_stopped_after_a_second_and_names_its_column() -> None:
    started = time.monotonic()
    found = look(bind("parcels.parcels", SYSTEM), State(sort="slow"), None, 0)
    assert time.monotonic() - started < 2.5
    assert found.stopped
    assert found.slow is not None
    assert found.slow.key == "slow"
    quick = look(bind("parcels.parcels", SYSTEM), State(), None, 0)
    assert [row["code"] for row in quick.page.rows] == ["A", "B"]


@pytest.mark.usefixtures("slow_column")
def test_the_page_offers_the_index_to_who_may_build_one(visitor: Any, sign_in: Any) -> None:
    text = visitor.get("/parcels/all?sort=slow").text
    assert "“Slow” has no index" in text
    assert "/index/slow" not in text
    root = sign_in("Root", "admin")
    assert "/lists/parcels.parcels/index/slow" in root.get("/parcels/all?sort=slow").text
    answer = root.post("/lists/parcels.parcels/index/slow", {"next": "/parcels/all?sort=slow"})
    assert (answer.status_code, answer.location) == (302, "/parcels/all?sort=slow")
    run_job(Prepared("SELECT uid FROM job WHERE kind = 'lists.index'").value())
    assert database.table_exists("index_was_built")
    assert root.post("/lists/parcels.parcels/index/code").status_code == 404
    assert sign_in("Stan", "staff").post("/lists/parcels.parcels/index/slow").status_code == 403


def test_a_page_asks_as_much_for_a_hundred_rows_as_for_one(
    sign_in: Callable[..., Any], queries: list[str]
) -> None:
    stan = sign_in("Stan", "staff")

    def asked(path: str) -> int:
        stan.get(path)
        queries.clear()
        assert stan.get(path).status_code == 200
        return len(queries)

    add_parcel("A0")
    few = {path: asked(path) for path in ("/parcels/all", "/parcels/all?sort=-weight")}
    for number in range(100):
        add_parcel(f"B{number}", weight=number)
    many = {path: asked(path) for path in few}
    # One counts the rows, once they no longer fit a page; one less looks for rows without a value.
    assert many == few
    # Each group asks for rows with a value of the column that sorts, then for those without.
    assert asked("/parcels/all?group=state") <= few["/parcels/all"] + 2 * 3
    assert not [text for text in queries if "OFFSET" in text.upper()]


def test_a_column_that_one_may_not_see_can_be_asked_for_in_no_way(visitor: Any, sign_in: Any) -> None:
    lists = generation().registry.lists
    kind = lists["parcels.parcels"]
    assert not callable(kind.columns)
    hidden = [replace(column, permission="parcels.edit" if column.key == "weight" else "") for column in kind.columns]
    lists["parcels.parcels"] = replace(kind, columns=hidden)
    add_parcel("A", weight=77)
    filtered = '?filter={"trait":"parcels.weight","op":">","value":70}'
    for query in ("?sort=weight", "?columns=weight", filtered, "?trait=parcels.weight&op=is&value=77"):
        assert visitor.get(f"/parcels/all{query}").status_code == 422, query
    assert visitor.get("/lists/parcels.parcels/export.csv?columns=weight").status_code == 422
    assert "77" not in visitor.get("/lists/parcels.parcels/export.csv").text
    stan = sign_in("Stan", "staff")
    assert "77" in stan.get("/lists/parcels.parcels/export.csv").text
    assert stan.get(f"/parcels/all{filtered}").status_code == 200
