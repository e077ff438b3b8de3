"""Rules: what can be asked about customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.hookspecs import hookspec

if TYPE_CHECKING:
    from ecrm_server.rules.catalogue import Traits


@hookspec
def traits() -> list[Traits]:
    """Declaration. What rules can ask about subjects of a kind, ``customer`` for example, from what the part stores.

    Segments, lists and programmes then use the facts by name. A name that another part declares already leaves the
    part out.

    Example::

        @hookimpl
        def traits():
            return [Traits(kind="customer", traits=[traits.LAST_ORDER], joins=[traits.SUMMARY])]
    """
