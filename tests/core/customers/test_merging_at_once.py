"""Merges at the same time that share a customer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from ecrm_server.access import SYSTEM, Actor
from ecrm_server.customers import merging, services
from ecrm_server.customers.facts import CUSTOMER
from ecrm_server.data import Prepared, database, transaction
from ecrm_server.errors import NotFound, Refusal

_WAITING = Prepared(
    "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def test_merges_that_wait_for_one_another_are_refused_or_done_and_never_fail(
    person: Callable[..., Actor], both_engines: str
) -> None:
    staff = person("Stella", "staff")
    ada, bo, cy = (services.create(SYSTEM, name) for name in ("Ada", "Bo", "Cy"))
    faults: list[BaseException] = []

    def merge(kept: str, merged: str) -> None:
        with database.connection_context():
            try:
                merging.merge(staff, CUSTOMER, kept, merged)
            except (Refusal, NotFound):
                pass
            except BaseException as fault:  # shown below, with what it was
                faults.append(fault)

    threads = [threading.Thread(target=merge, args=pair) for pair in ((bo, ada), (cy, bo))]
    with transaction():
        merging.merge(staff, CUSTOMER, bo, ada)
        for number, thread in enumerate(threads, 1):
            thread.start()
            until = time.monotonic() + 5
            while both_engines == "postgres" and _WAITING.value() < number and time.monotonic() < until:
                time.sleep(0.01)
    for thread in threads:
        thread.join()
    assert faults == []
    assert leads_to(ada) == leads_to(bo)


def leads_to(uid: str) -> Any:
    return services.get(SYSTEM, uid)["uid"]
