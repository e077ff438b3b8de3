"""Segments to test on, a worker that runs their jobs, and a small plugin that has orders."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecrm_server.access import SYSTEM, Actor
from ecrm_server.customers import services as customers
from ecrm_server.data import Prepared
from ecrm_server.events.delivery import deliver_pending
from ecrm_server.identity.testing import actor_of, make_account
from ecrm_server.jobs.execute import run_job
from ecrm_server.kernel.site import Site

_WAITING = Prepared("SELECT uid FROM job WHERE state = 'queued' AND part = 'segments' ORDER BY id")

ORDERS_MANIFEST = 'name = "orders"\ntitle = "Orders"\nversion = "1.0"\nprovides = ["orders.purchases@1"]\n'
# As much of the contract of orders as segments ask for: lines in a table, and the events that tell of them.
ORDERS_CODE = '''
import json

from ecrm_server.api import Event, Prepared, emit, hookimpl, transaction


class Placed(Event, name="orders.placed"):
    """An order was placed."""

    order: str
    customer: str | None
    organisation: str | None
    currency: str
    placed_at: int
    total: int


class Returned(Event, name="orders.returned"):
    """Goods came back."""

    order: str
    customer: str | None
    organisation: str | None
    currency: str
    goods_return: str
    returned_at: int
    lines: list
    amount: int
    complete: bool
    reason: str


LINES = Prepared("SELECT data FROM orders_line ORDER BY placed_at, line_order, line")


def purchases(*, customer=None, since=None, until=None, as_of=None, after="", limit=500):
    rows = [json.loads(data) for (data,) in LINES.tuples()]
    rows = [row for row in rows if as_of is None or row["placed_at"] <= as_of]
    if after:
        rows = rows[[row["line"] for row in rows].index(after) + 1:]
    if customer is not None:
        rows = [row for row in rows if row["customer"] == customer]
    return rows[:limit]


def place(order, customer, placed_at, *lines, currency="EUR"):
    """lines: (net, quantity)."""
    with transaction():
        for number, (net, quantity) in enumerate(lines):
            row = {"order": order, "line": f"{order}-{number}", "customer": customer, "currency": currency, "net": net,
                   "credited": 0, "quantity": quantity, "cancelled": 0, "returned": 0, "placed_at": placed_at}
            Prepared("INSERT INTO orders_line (line, line_order, placed_at, data) VALUES (?, ?, ?, ?)").run(
                row["line"], order, placed_at, json.dumps(row))
        emit(Placed(order=order, customer=customer, organisation=None, currency=currency, placed_at=placed_at,
                    total=sum(net for net, _ in lines)))


def give_back(line, quantity, credited):
    with transaction():
        row = json.loads(Prepared("SELECT data FROM orders_line WHERE line = ?").value(line))
        row["returned"] += quantity
        row["credited"] += credited
        Prepared("UPDATE orders_line SET data = ? WHERE line = ?").run(json.dumps(row), line)
        emit(Returned(order=row["order"], customer=row["customer"], organisation=None, currency=row["currency"],
                      goods_return="r", returned_at=row["placed_at"], lines=[], amount=credited, complete=False,
                      reason=""))


@hookimpl
def events():
    return [Placed, Returned]


@hookimpl
def services():
    return {"orders.purchases@1": purchases}
'''
ORDERS_MIGRATION = """
def up(migrator, db):
    db.execute_sql("CREATE TABLE orders_line (line VARCHAR(40) PRIMARY KEY, line_order VARCHAR(40), placed_at BIGINT,"
                   " data TEXT)")


def down(migrator, db):
    db.execute_sql("DROP TABLE orders_line")
"""


def module(name: str) -> Any:
    """A module of the plugin, as the server imported it."""
    return importlib.import_module(f"ecrm_plugins.segments.{name}")


class Segments:
    """What the tests speak to: the plugin's services by name, and shortcuts."""

    def __getattr__(self, name: str) -> Any:
        return module(f"services.{name}")

    def make(self, title: str, rule: Any = None, actor: Actor = SYSTEM) -> str:
        uid = str(self.editing.create(actor, title, rule=rule))
        self.settle()
        return uid

    def names(self, uid: str) -> list[str]:
        """The names of a segment's members, sorted; the kept count is checked on the way."""
        rows = Prepared(
            "SELECT c.name FROM segments_member m JOIN segments_segment s ON s.id = m.segment_id"
            " JOIN customer c ON c.id = m.customer_id WHERE s.uid = ? ORDER BY c.name"
        ).tuples(uid)
        assert Prepared("SELECT member_count FROM segments_segment WHERE uid = ?").value(uid) == len(rows)
        return [name for (name,) in rows]

    def settle(self) -> None:
        """Run the jobs that wait and deliver the events, until nothing is left to do."""
        while self.work() + deliver_pending():
            pass

    def work(self) -> int:
        uids = [uid for (uid,) in _WAITING.tuples()]
        for uid in uids:
            thread = threading.Thread(target=run_job, args=(uid,))
            thread.start()
            thread.join()
            state = Prepared("SELECT state, error FROM job WHERE uid = ?").row(uid)
            assert state is not None
            assert state["state"] == "done", state["error"]
        return len(uids)


@pytest.fixture
def segments(site: Site) -> Segments:
    return Segments()


@pytest.fixture
def person(site: Site) -> Callable[..., Actor]:
    """``person("Ada", "staff")``: the actor of a new account."""

    def make(name: str, *roles: str, **more: Any) -> Actor:
        return actor_of(make_account(name, roles=roles, **more))

    return make


@pytest.fixture
def customer(site: Site) -> Callable[..., str]:
    """``customer("Ada", country="DE")``: the public id of a new customer."""

    def make(name: str, **facts: Any) -> str:
        return customers.create(SYSTEM, name, **facts)

    return make


@pytest.fixture
def orders_plugin(tmp_path: Path) -> None:
    """Lay the plugin with orders into the instance; to be asked for before the site."""
    folder = tmp_path / "instance" / "plugins" / "orders"
    (folder / "migrations").mkdir(parents=True)
    (folder / "plugin.toml").write_text(ORDERS_MANIFEST)
    (folder / "plugin.py").write_text(ORDERS_CODE)
    (folder / "migrations" / "0001_lines.py").write_text(ORDERS_MIGRATION)
