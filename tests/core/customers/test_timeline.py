from __future__ import annotations

from collections.abc import Callable

import pytest

from ecrm_server.access import Actor
from ecrm_server.customers import organisations, services, timeline
from ecrm_server.customers.timeline import Entry

Person = Callable[..., Actor]


def read_all(parts: list[list[int]], limit: int) -> list[int]:
    """Page through the entries of several parts, each given by the times of its entries."""
    seen: list[int] = []
    before: int | None = timeline.NEWEST
    while before is not None:
        answers = [
            [Entry("part", "x", at, "Something") for at in sorted(times, reverse=True) if at < before][
                : limit + 1
            ]
            for times in parts
        ]
        entries, before = timeline.merge(answers, limit)
        seen += [entry.at for entry in entries]
    return seen


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_entries_of_all_parts_come_newest_first_without_gap_or_repetition(limit: int) -> None:
    assert read_all([[9, 7, 7, 5], [8, 7, 2], []], limit) == [9, 8, 7, 7, 7, 5, 2]


def test_the_core_tells_when_somebody_came_and_joined(person: Person) -> None:
    staff = person("Stella", "staff")
    uid = services.create(staff, "Bo")
    organisations.add_member(staff, organisations.create(staff, "Cogs"), uid)
    customer_id = services.get(staff, uid)["id"]
    entries, following = timeline.collect(staff, customer_id=customer_id)
    assert {entry.title for entry in entries} == {"Cogs", "Customer added"}
    assert following is None
    assert timeline.collect(person("Ada"), customer_id=customer_id) == ([], None)
