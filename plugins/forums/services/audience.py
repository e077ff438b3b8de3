"""Who of some accounts may read in a category: asked when something is delivered, not when it was subscribed to."""

from __future__ import annotations

from collections.abc import Iterable

from ecrm_server.api import actor_of_account, generation

from .permissions import access_of
from .tree import SEE, Node, tree

READ = "forums.read"


def readers(account_ids: Iterable[int], category_id: int) -> set[int]:
    """The accounts that may read a listed topic of the category."""
    asked = set(account_ids)
    node = tree().nodes[category_id]
    if _open_to_members(node):
        return asked
    allowed = set()
    for account_id in asked:
        actor = actor_of_account(account_id)
        if actor.may(READ) and access_of(actor).sees(category_id):
            allowed.add(account_id)
    return allowed


def _open_to_members(node: Node) -> bool:
    """Whether every member reads it, so that nobody has to be asked one by one."""
    ordinary = frozenset({"everyone", "member"})
    if READ not in generation().permissions_of(ordinary):
        return False
    return all(any(step.grants.get(name, 0) >= SEE for name in ordinary) for step in (*node.path, node))
