"""Lists: the tables of the product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.hookspecs import hookspec

if TYPE_CHECKING:
    from ecrm_server.lists.kind import ListKind


@hookspec
def lists() -> list[ListKind]:
    """Declaration. The tables of the part: what can be filtered, sorted, edited, done to many rows and exported.

    A page shows one with ``list_page(name)``. A name that another part declares already leaves the part out.

    Example::

        @hookimpl
        def lists():
            return [listing.PARCELS]
    """
