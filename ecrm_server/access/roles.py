"""From roles to permissions: the declared defaults, overridden by what admins decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ecrm_server.access.permission import ADMIN, BUILT_IN_ROLES, Permission, with_implied
from ecrm_server.data import Prepared

Grants = dict[str, dict[str, bool]]
"""role -> permission -> decided by an admin."""

_GRANTS = Prepared(
    "SELECT r.name AS role, p.permission AS permission, p.allowed AS allowed"
    " FROM role r LEFT JOIN role_permission p ON p.role_id = r.id"
)


def load_grants() -> Grants:
    """Every role with the decisions stored for it."""
    found: Grants = {}
    for row in _GRANTS.rows():
        decisions = found.setdefault(row["role"], {})
        if row["permission"] is not None:
            decisions[row["permission"]] = bool(row["allowed"])
    return found


def effective(
    permissions: Iterable[Permission], grants: Mapping[str, Mapping[str, bool]]
) -> dict[str, frozenset[str]]:
    """role -> permissions it holds in this generation, implied ones included; ``admin`` holds all of them."""
    declared = {permission.name: permission for permission in permissions}
    roles = set(grants) | set(BUILT_IN_ROLES)
    found = {}
    for role in roles:
        decided = grants.get(role, {})
        held = (
            permission.name
            for permission in declared.values()
            if role == ADMIN or decided.get(permission.name, role in permission.default)
        )
        found[role] = with_implied(held, declared)
    return found
