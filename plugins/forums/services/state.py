"""The two numbers that tell whether categories or lists changed since they were read."""

from __future__ import annotations

from ecrm_server.api import Prepared

_CATEGORIES = Prepared("SELECT category_version FROM forums_state WHERE id = 1")
_BOTH = Prepared("SELECT category_version, list_version FROM forums_state WHERE id = 1")
_CATEGORIES_CHANGED = Prepared(
    "UPDATE forums_state SET category_version = category_version + 1, list_version = list_version + 1 WHERE id = 1"
)
_LISTS_CHANGED = Prepared("UPDATE forums_state SET list_version = list_version + 1 WHERE id = 1")


def category_version() -> int:
    """Rises when a category or what a role may do in one changes."""
    return int(_CATEGORIES.value())


def list_version() -> tuple[int, int]:
    """Category version and list version: together they tell whether any list may look different."""
    found = _BOTH.tuples()[0]
    return int(found[0]), int(found[1])


def categories_changed() -> None:
    """Call in the transaction that changes a category or a grant."""
    _CATEGORIES_CHANGED.run()


def lists_changed() -> None:
    """Call in the transaction that changes what a list shows, as its last write: other writers wait for this row."""
    _LISTS_CHANGED.run()
