"""What people tell the desk about themselves: where to leave parcels, and whether to mail them."""

from __future__ import annotations

from typing import Any

from ecrm_server.api import Actor, Prepared, Purpose, Question, Refusal, Retention, clock, consent_allowed

MAIL = Purpose(
    key="parcels.mail",
    title="Mail when a parcel arrives",
    about="You need not look at the page of parcels.",
    wording="Tell me by e-mail when a parcel for me arrives",
    asked=("account", "profile"),
)

_WISH = Prepared("SELECT door, changed_at FROM parcels_wish WHERE account_id = ?")
_SAVE = Prepared(
    "INSERT INTO parcels_wish (account_id, door, changed_at) VALUES (?, ?, ?)"
    " ON CONFLICT (account_id) DO UPDATE SET door = excluded.door, changed_at = excluded.changed_at"
)
_FORGET = Prepared("DELETE FROM parcels_wish WHERE account_id = ?")
_OLD = Prepared(
    "DELETE FROM parcels_wish WHERE account_id IN"
    " (SELECT account_id FROM parcels_wish WHERE changed_at < ? ORDER BY account_id LIMIT ?)"
)


def wants_mail(account_id: int) -> bool:
    """Whether somebody agreed to be told of parcels."""
    return consent_allowed(account_id, MAIL.key)


def door(account_id: int) -> str | None:
    """Where somebody wants parcels to be left, or None."""
    row = _WISH.row(account_id)
    return row["door"] if row else None


def _save(actor: Actor, value: str) -> None:
    if len(value) > 80:
        raise Refusal("Say it in at most 80 characters.", field="answer")
    _SAVE.run(actor.account_id, value, clock.now())


DOOR = Question(
    key="parcels.door",
    title="Where may we leave parcels for you?",
    why="We leave them there when nobody opens.",
    answered=lambda account_id: door(account_id) is not None,
    save=_save,
)

RETENTION = [
    Retention(
        table="parcels_wish",
        holds="Where to leave your parcels",
        why="We leave them there.",
        days=730,
        sweep=_OLD.run,
    )
]


def export(account_id: int) -> dict[str, Any] | None:
    """Where somebody wants parcels to be left."""
    return _WISH.row(account_id)


def erase(account_id: int) -> None:
    """Forget it."""
    _FORGET.run(account_id)
