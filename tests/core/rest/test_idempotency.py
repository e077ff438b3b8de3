from __future__ import annotations

from typing import Any

from ecrm_server import clock
from ecrm_server.data import Prepared
from ecrm_server.jobs.run import Run
from ecrm_server.kernel import current
from ecrm_server.rest import idempotency

STORE = Prepared(
    "INSERT INTO rest_idempotent_answer (account_id, key, digest, status, body, at) VALUES (?, ?, '', 200, '', ?)"
)
KEYS = Prepared("SELECT key FROM rest_idempotent_answer ORDER BY key")


def test_answers_are_forgotten_after_a_day_and_with_their_person(site: Any, sign_in: Any, both_engines: str) -> None:
    ada, bob = sign_in("Ada").account, sign_in("Bob").account
    STORE.run(ada.id, "old", clock.now() - idempotency.KEPT - 1)
    STORE.run(ada.id, "new", clock.now())
    STORE.run(bob.id, "other", clock.now())
    job = next(kind for kind in current.generation().registry.jobs.values() if kind.name == "rest.sweep")
    assert job.every is not None
    job.work(Run("x", {}, None, 1))
    assert KEYS.tuples() == [("new",), ("other",)]
    current.generation().parts["rest"].hooks["erase_account"](account_id=ada.id, profile_id=0)
    assert KEYS.tuples() == [("other",)]
