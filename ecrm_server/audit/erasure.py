"""What the audit log says to, and forgets about, a person."""

from __future__ import annotations

from typing import Any

from ecrm_server.data import Prepared

_UIDS = Prepared(
    "SELECT uid FROM account WHERE id = ? UNION SELECT uid FROM profile WHERE id = ?"
    " UNION SELECT uid FROM customer WHERE account_id = ?"
)
_OWN = Prepared(
    "SELECT at, action, obj_kind, obj_uid, note FROM audit_entry WHERE actor_account_id = ? ORDER BY id"
)
_FORGET_NAME = Prepared(
    "UPDATE audit_entry SET actor_name = NULL, actor_key = NULL, actor_salt = NULL WHERE actor_account_id = ?"
)
_FORGET_DETAIL = Prepared(
    "UPDATE audit_entry SET detail_salt = NULL, before = NULL, after = NULL, note = NULL"
    " WHERE obj_uid = ? AND obj_kind IN ('account', 'profile', 'customer')"
)


def export(account_id: int) -> list[dict[str, Any]]:
    """What a person did here, oldest first."""
    return _OWN.rows(account_id)


def forget(account_id: int, profile_id: int) -> None:
    """Erase a person's name as an actor, and the details of what was done to the person.

    The salts go with them; the seals over the commitments stay valid.
    """
    _FORGET_NAME.run(account_id)
    for (uid,) in _UIDS.tuples(account_id, profile_id, account_id):
        _FORGET_DETAIL.run(uid)
