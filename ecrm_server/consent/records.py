"""The log of decisions and their present state. Everything here runs in the caller's transaction."""

from __future__ import annotations

from typing import Any

from ecrm_server import clock, ids
from ecrm_server.consent.kind import Purpose
from ecrm_server.consent.subject import Subject
from ecrm_server.data import Prepared

_RECORD = Prepared(
    "INSERT INTO consent_record (uid, account_id, visitor, purpose, decision, basis, source, place, version, wording,"
    " digest, actor_id, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_OPEN = Prepared(
    "INSERT INTO consent_state (account_id, visitor, purpose, given, version, at) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO NOTHING"
)
_LOCKED = {
    column: Prepared(
        f"SELECT id, given, version FROM consent_state WHERE {column} = ? AND purpose = ?", lock=True
    )
    for column in ("account_id", "visitor")
}
_STATE = {
    column: Prepared(f"SELECT given, version, at FROM consent_state WHERE {column} = ? AND purpose = ?")
    for column in ("account_id", "visitor")
}
_STATES = {
    column: Prepared(f"SELECT purpose, given, version, at FROM consent_state WHERE {column} = ?")
    for column in ("account_id", "visitor")
}
_DECIDE = Prepared("UPDATE consent_state SET given = ?, version = ?, at = ? WHERE id = ?")
_FORGET = {
    column: Prepared(f"DELETE FROM consent_state WHERE {column} = ?") for column in ("account_id", "visitor")
}
_HISTORY = Prepared(
    "SELECT uid, purpose, decision, basis, source, place, version, wording, digest, at, actor_id, visitor"
    " FROM consent_record WHERE account_id = ? OR visitor IN (SELECT visitor FROM consent_record WHERE account_id = ?)"
    " ORDER BY id DESC LIMIT ?"
)
_SWEEP = Prepared(
    "DELETE FROM consent_state WHERE id IN"
    " (SELECT id FROM consent_state WHERE account_id IS NULL AND at < ? ORDER BY id LIMIT ?)"
)
EVERYTHING = 100_000


def decide(
    subject: Subject,
    purpose: Purpose,
    given: bool,
    *,
    source: str,
    place: str = "",
    actor_id: int | None = None,
    became: str | None = None,
) -> str | None:
    """Write a decision down unless it is the present one already. Returns the record's public id, or None.

    ``became``: the visitor who became this account.
    """  # fmt: skip
    now = clock.now()
    # Who has not decided yet gets the state that silence has, so that two who decide at once wait for each other.
    _OPEN.run(
        subject.account_id, subject.visitor, purpose.key, purpose.basis == "interest", purpose.version, now
    )
    state = locked(subject, purpose.key)
    assert state is not None
    if bool(state["given"]) == given and (not given or state["version"] == purpose.version):
        return None
    uid = ids.public_id()
    _RECORD.run(
        uid, subject.account_id, subject.visitor or became, purpose.key, "given" if given else "withdrawn",
        purpose.basis, source, place[:200], purpose.version, purpose.wording, purpose.digest, actor_id, now,
    )  # fmt: skip
    _DECIDE.run(given, purpose.version, now, state["id"])
    return uid


def locked(subject: Subject, key: str) -> dict[str, Any] | None:
    """The present state, kept from changing until the transaction ends: id, given, version."""
    return _LOCKED[subject.column].row(subject.key, key)


def holds(purpose: Purpose, state: dict[str, Any] | None) -> bool:
    """Whether a purpose may be pursued in a state (None: nothing was decided)."""
    if not purpose.is_choice:
        return True
    if state is None:
        return purpose.basis == "interest"
    # An objection stays one whatever the words become; a consent was given to certain words.
    return bool(state["given"]) and (purpose.basis == "interest" or state["version"] == purpose.version)


def state(subject: Subject, key: str) -> dict[str, Any] | None:
    """The present state: given, version, at; None when nothing was decided."""
    return _STATE[subject.column].row(subject.key, key)


def states(subject: Subject) -> dict[str, dict[str, Any]]:
    """Purpose -> present state."""
    return {row["purpose"]: row for row in _STATES[subject.column].rows(subject.key)}


def history(account_id: int, limit: int = EVERYTHING) -> list[dict[str, Any]]:
    """Every decision of a person, those as a visitor included, newest first."""
    return _HISTORY.rows(account_id, account_id, limit)


def forget_states(subject: Subject) -> None:
    """Forget what somebody decided at last; the records stay."""
    _FORGET[subject.column].run(subject.key)


def forget_visitors(before: int, limit: int) -> int:
    """Forget the states of visitors who never came back."""
    return _SWEEP.run(before, limit)
