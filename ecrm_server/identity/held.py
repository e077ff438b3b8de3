"""Which roles and groups an account holds, read once and kept with its sessions and API keys."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecrm_server.access.permission import EVERYONE, MEMBER
from ecrm_server.data import Prepared
from ecrm_server.kernel import current

if TYPE_CHECKING:
    from ecrm_server.kernel.generation import Generation

_ROLES = Prepared(
    "SELECT role FROM account_role WHERE account_id = ? UNION SELECT r.role FROM account_group_role r"
    " JOIN account_group_member m ON m.group_id = r.group_id WHERE m.account_id = ?"
)
_GROUPS = Prepared("SELECT group_id FROM account_group_member WHERE account_id = ?")
_FORGET = (
    Prepared("UPDATE session SET roles = NULL WHERE account_id = ? AND roles IS NOT NULL"),
    Prepared("UPDATE api_key SET roles = NULL WHERE account_id = ? AND roles IS NOT NULL"),
)
_FORGET_ALL = (
    Prepared("UPDATE session SET roles = NULL WHERE roles IS NOT NULL"),
    Prepared("UPDATE api_key SET roles = NULL WHERE roles IS NOT NULL"),
)
_CACHE = "ecrm_held"
_CACHE_SIZE = 2000


@dataclass(frozen=True, slots=True)
class Held:
    """Roles, groups (database keys) and the permissions that follow from them in one generation."""

    roles: frozenset[str]
    groups: frozenset[int]
    permissions: frozenset[str]


def read(account_id: int) -> str:
    """Roles and groups of an account, its groups' roles included, as the JSON text that is kept with sessions."""
    roles = sorted(row[0] for row in _ROLES.tuples(account_id, account_id))
    groups = sorted(row[0] for row in _GROUPS.tuples(account_id))
    return json.dumps({"roles": roles, "groups": groups}, separators=(",", ":"))


def understood(text: str, generation: Generation | None = None) -> Held:
    """What a kept text means in a generation (that in force); every signed-in person is a member too."""
    serving = generation or current.generation()
    cache: dict[str, Held] = serving.app.extensions.setdefault(_CACHE, {})
    found = cache.get(text)
    if found is None:
        kept = json.loads(text)
        roles = frozenset({EVERYONE, MEMBER, *kept["roles"]})
        found = Held(roles, frozenset(kept["groups"]), serving.permissions_of(roles))
        if len(cache) >= _CACHE_SIZE:
            cache.clear()
        cache[text] = found
    return found


def forget(account_id: int) -> None:
    """Let the next request of an account read its roles and groups again. Call it in the change's transaction."""
    for statement in _FORGET:
        statement.run(account_id)


def forget_all() -> None:
    """Let everybody's next request read roles and groups again (a group's roles changed)."""
    for statement in _FORGET_ALL:
        statement.run()
