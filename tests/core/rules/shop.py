"""A small shop for tests of rules: one trait of each kind, real tables, and rows full of edge cases."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta
from operator import itemgetter
from typing import Any

from ecrm_server.clock import DAY, from_datetime, to_datetime
from ecrm_server.content.names import name_key
from ecrm_server.data import Prepared, database, transaction
from ecrm_server.rules import AS_OF, Expression, Join, Members, Segment, Trait, TraitSet

Subject = dict[str, Any]

AS_OF_DAY = date(2027, 2, 27)
NOON = from_datetime(to_datetime(0).replace(year=2027, month=2, day=27, hour=12))
"""The moment of most tests: shortly before a February without a 29th ends."""

TEXTS = (
    None, "", " ", "Ann", "ANN", "anna", "Änne", "ÄNNE", "straße", "STRASSE", "100%", "1000", "a_b", "axb", "!",
    "Ann!", "İpek", "ﬁne", "\u200b", "日本", "'; --",
)  # fmt: skip
CODES = (None, "", "DE", "GB", "fr", "FR")
NUMBERS = (None, 0, 0.5, -0.0, -1.25, 2, 1e9, 2.0000001)
INTEGERS = (None, 0, 1, -1, 2, 7, 2**40)
AMOUNTS = (None, 0, 1, -250, 1250, 10**12)
TAGS = ("vip", "VIP", "press", "o'neil", "ä")
LISTS = ("fair2026", "oldlist")
DAYS = (0, 1, 2, 7, 30, 364, 365, 366, 900)
ANNIVERSARIES = ("2000-02-29", "1999-02-28", "1980-03-01", "1975-12-31", "2027-01-01", "2031-02-27")
DATES = (
    None, *ANNIVERSARIES,
    *((AS_OF_DAY + timedelta(days=sign * days)).isoformat() for days in DAYS for sign in (1, -1)),
)  # fmt: skip
TIMES = (
    None,
    0,
    *(NOON + sign * days * DAY + off for days in DAYS for sign in (1, -1) for off in (-1, 0, 1)),
)

_COLUMNS = (
    "id INTEGER PRIMARY KEY, name_key TEXT, country VARCHAR(2), score DOUBLE PRECISION, orders BIGINT,"
    " spent BIGINT, news BOOLEAN, born VARCHAR(10), seen_at BIGINT"
)
TABLES = (
    f"CREATE TABLE shop ({_COLUMNS})",
    "CREATE TABLE shop_company (shop INTEGER PRIMARY KEY, name_key TEXT, city_id INTEGER)",
    "CREATE TABLE shop_city (id INTEGER PRIMARY KEY, name_key TEXT)",
    "CREATE TABLE shop_tag (shop INTEGER, tag VARCHAR(20))",
    "CREATE TABLE shop_list (shop INTEGER, list VARCHAR(20))",
    "CREATE TABLE shop_visit (shop INTEGER, at BIGINT)",
)


def _text(name: str, title: str, column: str, *joins: str) -> Trait:
    return Trait(
        name=f"shop.{name}",
        title=title,
        kind="text",
        read=itemgetter(name),
        sql=Expression(column, (), joins),
    )


TRAITS = TraitSet(
    "shop",
    (
        _text("name", "Name", "t.name_key"),
        _text("company", "Company", "c.name_key", "company"),
        _text("city", "City", "y.name_key", "city"),
        Trait(
            name="shop.country", title="Country", kind="choice", read=itemgetter("country"),
            sql=Expression("t.country"),
            choices={"DE": "Germany", "GB": "United Kingdom", "FR": "France", "fr": "Old France"},
            events=("shop.moved",),
        ),
        Trait(name="shop.score", title="Score", kind="number", read=itemgetter("score"), sql=Expression("t.score")),
        Trait(
            name="shop.orders", title="Orders", kind="integer", read=itemgetter("orders"), sql=Expression("t.orders"),
            events=("orders.placed", "orders.cancelled"),
        ),
        Trait(
            name="shop.spent", title="Spent", kind="money", currency="GBP", read=itemgetter("spent"),
            sql=Expression("t.spent"), events=("orders.paid",),
        ),
        Trait(name="shop.news", title="Newsletter", kind="boolean", read=itemgetter("news"), sql=Expression("t.news")),
        Trait(
            name="shop.employed", title="Works for a company", kind="boolean",
            read=lambda subject: subject["company"] is not None,
            sql=Expression("c.name_key IS NOT NULL", (), ("company",)),
        ),
        Trait(name="shop.born", title="Birthday", kind="date", read=itemgetter("born"), sql=Expression("t.born")),
        Trait(name="shop.seen", title="Last visit", kind="time", read=itemgetter("seen"), sql=Expression("t.seen_at")),
        Trait(
            name="shop.visits", title="Visits so far", kind="integer",
            read=lambda subject: sum(at <= NOON for at in subject["visits"]),
            sql=Expression("SELECT COUNT(*) FROM shop_visit v WHERE v.shop = t.id AND v.at <= ?", (AS_OF,)),
        ),
        Trait(
            name="shop.tags", title="Tags", kind="set", read=itemgetter("tags"),
            sql=Members("shop_tag x WHERE x.shop = t.id", "x.tag"), events=("shop.tagged",),
        ),
    ),
    joins=(
        Join("city", "shop_city y ON y.id = c.city_id", needs=("company",)),
        Join("company", "shop_company c ON c.shop = t.id"),
    ),
    lists=Trait(
        name="shop.lists", title="Lists", kind="set", read=itemgetter("lists"),
        sql=Members("shop_list l WHERE l.shop = t.id", "l.list"), events=("segments.list_changed",),
    ),
)  # fmt: skip

SEGMENTS = {
    "germans": Segment("germans", "Germans", {"version": 1, "trait": "shop.country", "op": "is", "value": "DE"}),
    "lapsed": Segment(
        "lapsed", "Lapsed",
        {"all": [{"not": {"segment": "germans"}}, {"trait": "shop.seen", "op": "more than days ago", "value": 30}]},
    ),
    "fair2026": Segment("fair2026", "Fair 2026"),
    "oldlist": Segment("oldlist", "Old list"),
}  # fmt: skip


def subjects(count: int, seed: int) -> list[Subject]:
    """So many subjects drawn from the edge cases, the same for each seed."""
    draw = random.Random(seed)

    def some(values: tuple[str, ...]) -> frozenset[str]:
        return frozenset(draw.sample(values, draw.choice((0, 0, 1, 2))))

    return [
        {
            "id": number + 1, "name": draw.choice(TEXTS), "company": draw.choice(TEXTS), "country": draw.choice(CODES),
            "score": draw.choice(NUMBERS), "orders": draw.choice(INTEGERS), "spent": draw.choice(AMOUNTS),
            "news": draw.choice((None, True, False)), "born": draw.choice(DATES), "seen": draw.choice(TIMES),
            "tags": some((*TAGS, "")), "lists": some(LISTS), "city": draw.choice(TEXTS),
            "visits": [at for at in draw.choices(TIMES, k=3) if at is not None],
        }
        for number in range(count)
    ]  # fmt: skip


def store(people: Iterable[Subject]) -> None:
    """Make the tables and write the subjects into them. A company is None where there is no row of it."""
    with transaction():
        for table in TABLES:
            database.execute_sql(table)
        for person in people:
            _store(person)


def _store(person: Subject) -> None:
    number, name = person["id"], person["name"]
    columns = [person[key] for key in ("country", "score", "orders", "spent", "news", "born", "seen")]
    _ONE["shop"].run(number, None if name is None else name_key(name), *columns)
    if person["company"] is None:
        person["city"] = None
    else:
        _ONE["company"].run(number, name_key(person["company"]), number)
    if person["city"] is not None:
        _ONE["city"].run(number, name_key(person["city"]))
    for kind, members in (("tag", person["tags"]), ("list", person["lists"]), ("visit", person["visits"])):
        for member in members:
            _ONE[kind].run(number, member)


_ONE = {
    "shop": Prepared("INSERT INTO shop VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    "company": Prepared("INSERT INTO shop_company VALUES (?, ?, ?)"),
    "city": Prepared("INSERT INTO shop_city VALUES (?, ?)"),
    "tag": Prepared("INSERT INTO shop_tag VALUES (?, ?)"),
    "list": Prepared("INSERT INTO shop_list VALUES (?, ?)"),
    "visit": Prepared("INSERT INTO shop_visit VALUES (?, ?)"),
}
