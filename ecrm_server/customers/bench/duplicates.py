"""Looking for duplicates among 100,000 customers, as the nightly job does."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import Any

from ecrm_server import clock, ids
from ecrm_server.bench import Bench, Figure, at_most, opened, reported
from ecrm_server.customers import duplicates
from ecrm_server.data import Prepared, database, transaction
from ecrm_server.data.bulk import insert_many

CUSTOMERS = 100_000
TWICE = 5_000
"""Of these, the customers who are there a second time, each with something else written differently."""
SWITCHBOARD = 2_000
"""Customers that share one phone number."""
PLACES = 4_000
LIMIT = 60.0
"""Seconds."""
_FIRST = ("Ada", "Bo", "Chen", "Dora", "Emil", "Fatima", "Georg", "Hanna", "Igor", "Jana", "Kofi", "Lena", "Zoe")
_SYLLABLES = ("ber", "gen", "hof", "lin", "mann", "ner", "ost", "rich", "schul", "sen", "stein", "tal", "vogt", "zel")
_COLUMNS = (
    "id", "uid", "name", "name_key", "email", "email_key", "phone", "phone_key", "city", "city_key", "stage",
    "birthday", "created_at", "updated_at", "version", "demo",
)  # fmt: skip
_ADDRESS = (
    "uid", "customer_id", "label", "street", "postcode", "city", "region", "country", "main", "created_at",
)  # fmt: skip
_PAIRS = Prepared("SELECT COUNT(*) FROM duplicate_pair WHERE state = 'open'")


class _Run:
    """A job's run that nobody watches."""

    def check(self) -> None:
        """Nobody cancels it."""

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Nobody looks."""


def look_for_duplicates(bench: Bench) -> Iterator[Figure]:
    """From nothing known to all pairs with their reasons; then once more, which is what most nights find."""
    with opened(bench.instance("duplicates")):
        _fill()
        for name in ("duplicates looked for the first time", "duplicates looked for again"):
            started, before = time.perf_counter(), time.process_time()
            duplicates.scan(_Run())  # type: ignore[arg-type]
            took, spent = time.perf_counter() - started, time.process_time() - before
            detail = f"{CUSTOMERS:,} customers, {_PAIRS.value():,} pairs; {spent:.0f} s of CPU of our own"
            yield at_most(name, took, "s", LIMIT, detail=detail)
        yield reported("pairs found", _PAIRS.value(), "", detail=f"{TWICE:,} are there twice")


def _fill() -> None:
    people = list(_people(random.Random(20)))  # nosec B311 (benchmark data)
    now = clock.now()
    with transaction():
        insert_many(
            "customer", _COLUMNS,
            [
                (
                    number, ids.public_id(), one["name"], one["name"].lower(), one["email"], one["email"], one["phone"],
                    one["phone"], one["city"], one["city"].lower(), "customer", one["birthday"], now, now, 1, False,
                )
                for number, one in enumerate(people, 1)
            ],
        )  # fmt: skip
        insert_many(
            "address", _ADDRESS,
            [
                (ids.public_id(), number, "", one["street"], one["postcode"], one["city"], "", "DE", True, now)
                for number, one in enumerate(people, 1)
            ],
        )  # fmt: skip
    database.execute_sql("ANALYZE")


def _people(chance: random.Random) -> Iterator[dict[str, Any]]:
    once: list[dict[str, Any]] = []
    for number in range(CUSTOMERS - TWICE):
        place = chance.randrange(PLACES)
        last = "".join(chance.choices(_SYLLABLES, k=3)).capitalize()
        once.append(
            {
                "name": f"{chance.choice(_FIRST)} {last}", "email": f"p{number}@cust.example",
                "phone": "300000000" if number < SWITCHBOARD else f"{chance.randrange(10**9):09}",
                "city": f"City {place // 4}", "postcode": f"{10_000 + place}",
                "street": f"Street {chance.randrange(200)}", "birthday": None,
            }
        )  # fmt: skip
    yield from once
    for number, one in enumerate(chance.sample(once, TWICE)):
        first, last = one["name"].split()
        others = (
            {"email": f"q{number}@cust.example", "name": f"{last}, {first}"},
            {"email": None, "phone": None, "name": f"{first} {last[:-1]}"},
            {"phone": None, "name": f"{first[0]}. {last}", "street": "", "postcode": ""},
        )
        yield one | others[number % 3]
