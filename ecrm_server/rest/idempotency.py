"""``Idempotency-Key``: a POST to the API that is sent twice does its work once and is answered the same."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from flask import g, request
from werkzeug.wrappers import Response

from ecrm_server import clock
from ecrm_server.data import Prepared
from ecrm_server.errors import Conflict, Refusal

if TYPE_CHECKING:
    from ecrm_server.jobs.run import Run
    from ecrm_server.web.app import EcrmFlask

KEPT = clock.DAY
STALE = 60 * clock.SECOND
"""A request still in work after this long was lost with its process; the key may be used again."""

_CLAIM = Prepared(
    "INSERT INTO rest_idempotent_answer (account_id, key, digest, status, body, at) VALUES (?, ?, ?, 0, '', ?)"
    " ON CONFLICT (account_id, key) DO NOTHING"
)
_FIND = Prepared(
    "SELECT digest, status, body, at FROM rest_idempotent_answer WHERE account_id = ? AND key = ?"
)
_STORE = Prepared("UPDATE rest_idempotent_answer SET status = ?, body = ? WHERE account_id = ? AND key = ?")
_FREE = Prepared("DELETE FROM rest_idempotent_answer WHERE account_id = ? AND key = ?")
_FORGET = Prepared("DELETE FROM rest_idempotent_answer WHERE account_id = ?")
_SWEEP = Prepared("DELETE FROM rest_idempotent_answer WHERE at < ?")


def install(app: EcrmFlask) -> None:
    """Honour the header on every POST of the API."""
    app.before_request(_before)
    app.after_request(_after)


def sweep(run: Run) -> None:
    """The job that deletes answers older than a day."""
    gone = _SWEEP.run(clock.now() - KEPT)
    run.progress(gone, gone, f"{gone} rows deleted")


def forget(account_id: int) -> None:
    """Delete the answers to a person that is erased."""
    _FORGET.run(account_id)


def _before() -> Response | None:
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method != "POST" or not request.path.startswith("/api/"):
        return None
    account = g.actor.account_id
    if account is None:
        return None
    if not 1 <= len(key) <= 100:
        raise Refusal("The Idempotency-Key must have 1 to 100 characters.", field="Idempotency-Key")
    digest = hashlib.sha256(request.full_path.encode() + b"\0" + request.get_data()).hexdigest()
    if _CLAIM.run(account, key, digest, clock.now()):
        g.idempotency_key = key
        return None
    return _repeated(account, key, digest)


def _repeated(account: int, key: str, digest: str) -> Response | None:
    found = _FIND.row(account, key)
    if found is None or (found["status"] == 0 and found["at"] < clock.now() - STALE):
        _FREE.run(account, key)
        return _before()
    if found["digest"] != digest:
        raise Refusal("This Idempotency-Key was used for another request.", field="Idempotency-Key")
    if found["status"] == 0:
        raise Conflict("The first request with this Idempotency-Key is still being worked on.")
    answer = Response(found["body"], found["status"], mimetype="application/json")
    answer.headers["Idempotency-Replayed"] = "true"
    return answer


def _after(response: Response) -> Response:
    key = g.pop("idempotency_key", None)
    if key is not None:
        account = g.actor.account_id
        if response.status_code < 400:
            _STORE.run(response.status_code, response.get_data(as_text=True), account, key)
        else:
            _FREE.run(account, key)  # nothing was done, so a corrected request may use the key again
    return response
