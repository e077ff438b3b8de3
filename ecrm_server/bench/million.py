"""A million customers, made by one statement: what a big site holds, for every case that needs many."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ecrm_server import clock
from ecrm_server.access import SYSTEM
from ecrm_server.bench.datasets import Dataset
from ecrm_server.bench.people import member
from ecrm_server.customers import fields
from ecrm_server.customers.facts import CUSTOMER
from ecrm_server.customers.fields import Wanted
from ecrm_server.data import Prepared, database, transaction
from ecrm_server.lists.indexes import index_on

CUSTOMERS = 1_000_000
OWNERS = 100
CITIES = 1_000
PLANS = ("free", "basic", "pro", "enterprise")

FIELDS = (
    Wanted(title="Score", kind="integer"),
    Wanted(title="Plan", kind="choice", choices="\n".join(PLANS)),
    Wanted(title="Renewal", kind="date"),
    Wanted(title="Revenue", kind="money"),
    Wanted(title="Contract", kind="text"),
)
"""Custom fields, all with an index. Every customer has a score, every third the others; one in a thousand of these is
on the plan "enterprise"."""
INDEXED = (index_on("customer", "city_key"), index_on("customer", "country"))
"""Of columns that have an index only where an admin asked for one."""

_DAY = f"CAST({clock.DAY} AS BIGINT)"
_FILL = Prepared(
    "INSERT INTO customer (uid, name, name_key, number, number_key, email, email_key, city, city_key, country, stage,"
    " birthday, owner_id, created_at, updated_at, version, demo,"
    " x_score, x_plan, x_renewal, x_revenue, x_contract, x_contract_key)"
    # m: every number below a prime once, in an order that has nothing to do with that of the rows.
    " WITH RECURSIVE n(i, m) AS (SELECT 1, 7919 UNION ALL SELECT i + 1, (m + 7919) % 1000003 FROM n WHERE i < ?)"
    " SELECT 'b' || i, 'Customer ' || m, 'customer ' || m, 'C-' || i, 'c-' || i,"
    " CASE WHEN i % 10 < 8 THEN 'c' || i || '@example.org' END,"
    " CASE WHEN i % 10 < 8 THEN 'c' || i || '@example.org' END,"
    f" 'City ' || (m % {CITIES}), 'city ' || (m % {CITIES}),"
    " CASE i % 5 WHEN 0 THEN 'DE' WHEN 1 THEN 'FR' WHEN 2 THEN 'GB' WHEN 3 THEN 'AT'"
    " ELSE CASE i % 1000 WHEN 4 THEN 'LI' END END,"
    " CASE i % 7 WHEN 0 THEN 'lead' WHEN 1 THEN 'lapsed' WHEN 2 THEN 'advocate' ELSE 'customer' END,"
    " CASE WHEN i % 3 < 2 THEN '19' || (50 + i % 50) || '-0' || (1 + i % 9) || '-1' || (i % 10) END,"
    " CASE WHEN m % 4 = 0 THEN CAST(? AS INTEGER) + (m / 4) % ? END,"
    f" ? - (i % 1000) * {_DAY} - m, ? - (i % 400) * {_DAY} - m, 1, FALSE,"
    " (m / 7) % 10000,"
    " CASE WHEN m % 3 = 0 THEN CASE (m / 3) % 1000 WHEN 0 THEN 'enterprise' ELSE"
    " CASE (m / 3) % 3 WHEN 0 THEN 'free' WHEN 1 THEN 'basic' ELSE 'pro' END END END,"
    " CASE WHEN m % 3 = 0 THEN (2024 + (m / 3) % 4) || '-' || (11 + (m / 12) % 2) || '-' || (10 + (m / 24) % 19) END,"
    " CASE WHEN m % 3 = 0 THEN CAST(m AS BIGINT) * 37 % 10000000 END,"
    " CASE WHEN m % 3 = 0 THEN 'K' || m END, CASE WHEN m % 3 = 0 THEN 'k' || m END FROM n"
)
_TAGS = Prepared(
    "INSERT INTO customer_tag (customer_id, tag) SELECT id, 'vip' FROM customer WHERE id % 50 = 0"
)


def fill(customers: int = CUSTOMERS, owners: int = OWNERS) -> None:
    """Always the same customers but for their times, which end now."""
    first = min(member(f"Owner {number}").account_id or 0 for number in range(owners))
    for wanted in FIELDS:
        fields.add(SYSTEM, CUSTOMER, wanted)
    now = clock.now()
    with transaction(), _indexes_afterwards():
        _FILL.run(customers, first, owners, now, now)
        _TAGS.run()
    for wanted in FIELDS:
        fields.set_indexed(SYSTEM, CUSTOMER, f"x_{wanted.title.lower()}", True)
    for make in INDEXED:
        make()


@contextmanager
def _indexes_afterwards() -> Iterator[None]:
    """Made anew from all rows, the indexes of customers take a third of the time."""
    indexes = [
        index for index in database.get_indexes("customer") if index.sql and index.name != "customer_pkey"
    ]
    for index in indexes:
        database.execute_sql(f'DROP INDEX "{index.name}"')
    yield
    for index in indexes:
        database.execute_sql(index.sql)


MILLION = Dataset("million", (), fill, Path(__file__))
