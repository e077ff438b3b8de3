"""Lists of accounts for the administration."""

from __future__ import annotations

from typing import Any

from ecrm_server.content.names import name_key
from ecrm_server.data import Prepared
from ecrm_server.identity import profiles

_COLUMNS = (
    "a.uid, a.email, a.active, a.confirmed_at, a.suspended_until, a.created_at, a.last_seen_at, a.demo,"
    " p.uid AS profile_uid, p.name, p.handle, p.avatar"
)
_PAGE = (
    f"SELECT {_COLUMNS} FROM account a JOIN profile p ON p.account_id = a.id"
    " WHERE a.deleted_at IS NULL AND a.id < COALESCE((SELECT b.id FROM account b WHERE b.uid = ?), 9223372036854775807)"
)
_ALL = Prepared(f"{_PAGE} ORDER BY a.id DESC LIMIT ?")
_FOUND = Prepared(
    f"{_PAGE} AND (a.email_key LIKE ? OR p.name_key LIKE ? OR p.handle LIKE ?) ORDER BY a.id DESC LIMIT ?"
)


def accounts(q: str = "", *, before: str = "", limit: int) -> list[dict[str, Any]]:
    """Accounts, the newest first, after that with the public id ``before``; ``q``: part of name, handle or e-mail."""
    if not q:
        return _ALL.rows(before, limit)
    pattern = f"%{name_key(q).replace('%', '').replace('_', '')}%"
    return _FOUND.rows(before, pattern, pattern, pattern, limit)


def profile_of(account_id: int) -> dict[str, Any]:
    """The profile of an account that exists."""
    found = profiles.by_account(account_id)
    assert found is not None
    return found
