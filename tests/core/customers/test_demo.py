"""What removing the demo company would take along."""

from __future__ import annotations

from typing import Any

import pytest

from ecrm_server.access import SYSTEM
from ecrm_server.admin import demo as company
from ecrm_server.customers import activities, demo, services
from ecrm_server.customers.facts import CUSTOMER
from ecrm_server.data import Prepared

pytestmark = pytest.mark.usefixtures("both_engines")


def test_an_admin_reads_how_many_would_go(site: Any) -> None:
    assert demo.describe() == []
    company.load()
    real = services.create(SYSTEM, "Bo")
    assert demo.describe() == ["27 customers of the demo, 8 organisations", "9 entries that staff logged about them"]
    invented = Prepared("SELECT uid FROM customer WHERE demo LIMIT 1").value()
    for uid in (invented, real):
        activities.log(SYSTEM, CUSTOMER, uid, activities.Wanted(kind="note", text="Called back"))
    assert demo.describe()[1:] == ["10 entries that staff logged about them"]
    company.remove()
    assert demo.describe() == []
    assert Prepared("SELECT uid FROM customer").tuples() == [(real,)]
