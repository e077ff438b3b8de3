"""Entries of the sidebar, of the admin's menu and of the command palette."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecrm_server.access import Actor

ADMINISTRATION = "admin"
"""The key of the sidebar's entry that leads to the administration."""


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry.

    key: unique, ``<part>`` or ``<part>.<page>``; a view names it to be shown as active.
    label: lazy-translatable text. url: absolute path. icon: name of an icon.
    permission: who sees it (``ANYONE``, ``SIGNED_IN`` or a permission). order: smaller comes first.
    place: ``main`` (sidebar), ``admin`` (administration menu), ``person`` (menu of the signed-in person),
        ``new`` (the menu behind the plus) or ``command`` (only in the Ctrl+K palette).
    group: heading in the administration menu, lazy-translatable too: ``Site``, ``People``, ``Content``, ``System`` or a
        part's own. Headings stand in the order of their first entries.
    count: how much waits behind the entry for an actor, shown as a number beside it. It is asked for with every page of
        whoever sees the entry, so it must be cheap.
    also: further paths whose pages belong to the entry.
    """

    key: str
    label: str
    url: str
    icon: str = "circle"
    permission: str = "*"
    order: int = 50
    place: str = "main"
    group: str = "Features"
    count: Callable[[Actor], int] | None = None
    also: tuple[str, ...] = ()
