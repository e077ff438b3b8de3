"""The categories as one tree in memory, read anew when their version rises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ecrm_server.api import Prepared

from . import state
from .memory import kept

_CATEGORIES = Prepared(
    "SELECT id, uid, parent_id, name, slug, description, colour, icon, position FROM forums_category"
    " ORDER BY position, name, id"
)
_GRANTS = Prepared("SELECT category_id, subject, level FROM forums_category_grant")

LEVELS = {"see": 1, "reply": 2, "create": 3}
SEE, REPLY, CREATE = 1, 2, 3
DEFAULT_GRANTS = {"everyone": SEE, "member": CREATE}
"""What holds in a top-level category without grants."""


@dataclass(frozen=True, slots=True)
class Node:
    """A category without its counters. ``grants`` are the effective ones: subject -> level."""

    id: int
    uid: str
    parent_id: int | None
    name: str
    slug: str
    description: str
    colour: int
    icon: str
    position: int
    grants: dict[str, int]
    own_grants: bool
    path: tuple[Node, ...] = ()
    """Its ancestors, from the top down."""
    children: list[Node] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"/forums/c/{self.slug}/{self.uid}"


class Tree:
    """Every category by database key and by uid."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.nodes: dict[int, Node] = {}
        self.by_uid: dict[str, Node] = {}
        self.roots: list[Node] = []
        rows = _CATEGORIES.rows()
        grants: dict[int, dict[str, int]] = {}
        for category_id, subject, level in _GRANTS.tuples():
            grants.setdefault(category_id, {})[subject] = LEVELS[level]
        below: dict[int | None, list[dict[str, object]]] = {}
        for row in rows:
            below.setdefault(row["parent_id"], []).append(row)
        self._hang(below, grants, None)

    def _hang(self, below: dict, grants: dict[int, dict[str, int]], parent: Node | None) -> None:
        inherited = parent.grants if parent else DEFAULT_GRANTS
        path = (*parent.path, parent) if parent else ()
        for row in below.get(parent.id if parent else None, ()):
            own = grants.get(row["id"])
            node = Node(**row, grants=own or inherited, own_grants=own is not None, path=path)
            self.nodes[node.id] = node
            self.by_uid[node.uid] = node
            (parent.children if parent else self.roots).append(node)
            self._hang(below, grants, node)

    def walk(self) -> Iterator[Node]:
        """Every category, each before its children, in the order of the index page."""
        pending = list(reversed(self.roots))
        while pending:
            node = pending.pop()
            yield node
            pending.extend(reversed(node.children))


def node_of(category_id: int) -> Node:
    """A category by its database key, for its uid and slug: they never change, so the tree last read will do."""
    holder: dict[str, Tree] = kept("tree", dict)
    known = holder.get("tree")
    node = known.nodes.get(category_id) if known is not None else None
    return node if node is not None else tree().nodes[category_id]


def tree() -> Tree:
    """The categories as they are now: one small query, and two more when they changed."""
    version = state.category_version()
    holder: dict[str, Tree] = kept("tree", dict)
    found = holder.get("tree")
    if found is None or found.version != version:
        found = holder["tree"] = Tree(version)
    return found
