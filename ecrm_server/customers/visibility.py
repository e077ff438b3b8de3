"""Who sees which customers and which of their fields. Every query about customers goes through here.

Rows: a person sees all customers, those of the own groups, or the own ones; the widest permission counts. A customer
is of a group when its team is that group, or when somebody of that group looks after it.
Fields: an admin may keep a field to certain roles; for others it is empty, and they can neither filter by it nor change
it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ecrm_server.access import Actor
from ecrm_server.access.permission import ADMIN
from ecrm_server.customers.custom import in_force
from ecrm_server.customers.facts import Subject
from ecrm_server.errors import Forbidden
from ecrm_server.rules import Expression

READ, READ_TEAM, READ_OWN, EDIT = (
    "customers.read", "customers.read_team", "customers.read_own", "customers.edit",
)  # fmt: skip
EVERY_ROW = Expression("1 = 1")
PRESENT = "t.merged_into_id IS NULL"
"""The rows that are still customers of their own."""
ALWAYS_SHOWN = frozenset({"name", "stage", "kind"})
"""Fields that cannot be kept to roles: without them a row could not be shown."""


def sees_any(actor: Actor) -> bool:
    """Whether the actor sees customers at all."""
    return sees_all(actor) or actor.may(READ_TEAM) or actor.may(READ_OWN)


def sees_all(actor: Actor) -> bool:
    """Whether the actor sees every customer and every organisation."""
    return actor.may(READ)


def scope(actor: Actor, alias: str = "t") -> Expression:
    """The customers (or organisations) that the actor may see, as a condition on the table of this alias."""
    if sees_all(actor):
        return EVERY_ROW
    if not sees_any(actor) or actor.account_id is None:
        return Expression("1 = 0")
    groups = sorted(actor.groups) if actor.may(READ_TEAM) else []
    if not groups:
        return Expression(f"{alias}.owner_id = ?", (actor.account_id,))
    marks = ", ".join("?" * len(groups))
    return Expression(
        f"({alias}.owner_id = ? OR {alias}.team_id IN ({marks}) OR {alias}.owner_id IN"
        f" (SELECT gm.account_id FROM account_group_member gm WHERE gm.group_id IN ({marks})))",
        (actor.account_id, *groups, *groups),
    )


def hidden(actor: Actor, subject: Subject) -> frozenset[str]:
    """The names of the facts that the actor may not read."""
    return _kept_from(actor, subject, "read_roles")


def fixed(actor: Actor, subject: Subject) -> frozenset[str]:
    """The names of the facts that the actor may not change: the hidden ones are among them."""
    return _kept_from(actor, subject, "edit_roles") | hidden(actor, subject)


def _kept_from(actor: Actor, subject: Subject, which: str) -> frozenset[str]:
    rules = in_force().rules
    if not rules or actor.all_permissions or ADMIN in actor.roles:
        return frozenset()
    return frozenset(
        name
        for (of, name), rule in rules.items()
        if of == subject.name and (roles := getattr(rule, which)) is not None and not roles & actor.roles
    )


def require_editable(actor: Actor, subject: Subject, names: Iterable[str]) -> None:
    """Raise Forbidden when one of these facts is not the actor's to change."""
    kept = fixed(actor, subject).intersection(names)
    if kept:
        raise Forbidden(f"You may not change the field '{min(kept)}'.")


def without_hidden(actor: Actor, subject: Subject, row: dict[str, Any]) -> dict[str, Any]:
    """A row as the actor may see it: hidden facts are None, and ``hidden`` names them."""
    kept = hidden(actor, subject)
    for name in kept:
        for column in _COLUMNS.get(name, (name,)):
            if column in row:
                row[column] = None
    row["hidden"] = kept
    return row


_COLUMNS = {
    "owner": ("owner_id", "owner_uid", "owner_name"),
    "team": ("team_id", "team_uid", "team_name"),
}
"""What rows carry of a fact, where that is not a column of its name."""
