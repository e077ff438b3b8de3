"""The page of a customer: few queries, however much there is to show."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ecrm_server.access import SYSTEM
from ecrm_server.customers import activities, contacts, organisations, services
from ecrm_server.customers.activities import Wanted
from ecrm_server.customers.facts import CUSTOMER

MOST = 30
"""Queries of a customer's page, those of the session, the sidebar and the plugins' own included."""


def filled(things: int) -> str:
    """A customer on whom so many things of each kind hang."""
    uid = services.create(SYSTEM, "Bo", email=f"bo{things}@cogs.example", city="Bonn", tags="vip, new")
    for number in range(things):
        activities.log(
            SYSTEM, CUSTOMER, uid, Wanted(kind="note", text=f"Note {number}", pinned=number % 3 == 0)
        )
        contacts.add_point(SYSTEM, CUSTOMER, uid, kind="email", value=f"bo{number}@further.example")
        organisations.add_member(SYSTEM, organisations.create(SYSTEM, f"Firm {things} {number}"), uid)
    return uid


@pytest.mark.plugins("forums")
def test_a_page_asks_the_same_number_of_questions_for_few_and_for_many_things(
    sign_in: Any, queries: Any
) -> None:
    staff = sign_in("Stella", "staff")
    few, many = filled(1), filled(12)
    staff.get(f"/customers/{few}")
    counts = []
    for uid in (few, many):
        queries.clear()
        assert staff.get(f"/customers/{uid}").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= MOST, counts


@pytest.mark.bench
def test_a_page_takes_at_most_sixty_milliseconds(sign_in: Any) -> None:
    staff = sign_in("Stella", "staff")
    uid = filled(20)
    staff.get(f"/customers/{uid}")
    started, rounds = time.process_time(), 20
    for _ in range(rounds):
        staff.get(f"/customers/{uid}")
    milliseconds = (time.process_time() - started) / rounds * 1000
    print(f"customer_page_ms: {milliseconds:.1f}")
    assert milliseconds <= 60
