"""Who moderates."""

from __future__ import annotations

from ecrm_server import clock
from ecrm_server.data import Prepared
from ecrm_server.kernel import current
from ecrm_server.moderation.screening import REVIEW


def accounts() -> set[int]:
    """Accounts in use that may review, by their own roles or a group's."""
    roles = sorted(role for role, held in current.generation().role_permissions.items() if REVIEW in held)
    marks = ", ".join("?" * len(roles))
    sql = (
        "SELECT a.id FROM account a WHERE a.active = ? AND (a.suspended_until IS NULL OR a.suspended_until < ?)"
        f" AND (EXISTS (SELECT 1 FROM account_role r WHERE r.account_id = a.id AND r.role IN ({marks}))"
        " OR EXISTS (SELECT 1 FROM account_group_member m JOIN account_group_role g ON g.group_id = m.group_id"
        f" WHERE m.account_id = a.id AND g.role IN ({marks})))"
    )
    return {row[0] for row in Prepared(sql).tuples(True, clock.now(), *roles, *roles)}


def is_other_than(account_id: int | None, author_account_id: int | None) -> bool:
    """Whether somebody else than these two could decide."""
    return bool(accounts() - {account_id, author_account_id})
