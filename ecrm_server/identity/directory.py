"""Lists of accounts for the administration."""

from __future__ import annotations

from typing import Any

from ecrm_server.content.names import name_key
from ecrm_server.data import Prepared
from ecrm_server.identity import profiles

_COLUMNS = (
    "a.id, a.uid, a.email, a.active, a.confirmed_at, a.suspended_until, a.created_at, a.last_seen_at, a.demo,"
    " p.uid AS profile_uid, p.name, p.handle, p.avatar"
)
_PAGE = (
    f"SELECT {_COLUMNS} FROM account a JOIN profile p ON p.account_id = a.id"
    " WHERE a.deleted_at IS NULL AND a.id < COALESCE((SELECT b.id FROM account b WHERE b.uid = ?), 9223372036854775807)"
)
_FOUND = " AND (a.email_key LIKE ? OR p.name_key LIKE ? OR p.handle LIKE ?)"
_WITH_ROLE = " AND a.id IN (SELECT account_id FROM account_role WHERE role = ?)"


def accounts(q: str = "", role: str = "", *, before: str = "", limit: int) -> list[dict[str, Any]]:
    """Accounts, the newest first, after that with the public id ``before``, each with the names of its own ``roles``.

    q: part of name, handle or e-mail. role: only accounts that were given it.
    """
    sql, params = _PAGE, [before]
    if q:
        sql += _FOUND
        params += [f"%{name_key(q).replace('%', '').replace('_', '')}%"] * 3
    if role:
        sql += _WITH_ROLE
        params.append(role)
    rows = Prepared(f"{sql} ORDER BY a.id DESC LIMIT ?").rows(*params, limit)
    return _with_roles(rows)


def _with_roles(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not rows:
        return rows
    marks = ", ".join("?" * len(rows))
    held: dict[int, list[str]] = {}
    select = Prepared(f"SELECT account_id, role FROM account_role WHERE account_id IN ({marks}) ORDER BY role")
    for account_id, role in select.tuples(*(row["id"] for row in rows)):
        held.setdefault(account_id, []).append(role)
    return [{**row, "roles": held.get(row["id"], [])} for row in rows]


def profile_of(account_id: int) -> dict[str, Any]:
    """The profile of an account that exists."""
    found = profiles.by_account(account_id)
    assert found is not None
    return found
