"""What segments store about a person: handed out, forgotten, shown in the timeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server.access import SYSTEM, Actor
from ecrm_server.customers import services as customers
from ecrm_server.customers import timeline
from ecrm_server.data import Prepared, transaction

pytestmark = [pytest.mark.usefixtures("both_engines"), pytest.mark.plugins("segments")]

Person = Callable[..., Actor]


def test_a_person_is_handed_out_and_forgotten(
    segments: Any, person: Person, deliver: Callable[[], int]
) -> None:
    ada = person("Ada")
    deliver()
    row = customers.of_account(ada.account_id or 0)
    fair = segments.make("Fair")
    everybody = segments.make("Everybody", {"all": []})
    segments.hand.add(SYSTEM, fair, [row["uid"]])
    told = segments.personal.export(ada.account_id)
    assert [item["title"] for item in told["in"]] == ["Everybody", "Fair"]
    assert [(item["title"], bool(item["entered"])) for item in told["entered_and_left"]] == [("Fair", True)]
    with transaction():
        segments.personal.erase(ada.account_id)
    assert segments.names(fair) == []
    for table in ("member", "passage", "touched", "purchases"):
        assert Prepared(f"SELECT COUNT(*) FROM segments_{table}").value() == 0
    segments.following.tick()
    assert segments.names(everybody) == ["Ada"]


def test_the_timeline_tells_when_somebody_entered_and_left(
    segments: Any, person: Person, customer: Callable[..., str], deliver: Callable[[], int]
) -> None:
    staff, uid = person("Stella", "staff"), customer("Ada", country="FR")
    segments.make("Germans", {"trait": "customers.country", "op": "is", "value": "DE"})
    customers.change(SYSTEM, uid, country="DE")
    deliver()
    customers.change(SYSTEM, uid, country="FR")
    deliver()
    row_id = Prepared("SELECT id FROM customer WHERE uid = ?").value(uid)
    found, _ = timeline.collect(staff, customer_id=row_id, only="segments")
    assert [(entry.kind, entry.title) for entry in found] == [("left", "Germans"), ("entered", "Germans")]
    assert timeline.collect(person("Mia"), customer_id=row_id, only="segments")[0] == []
