"""Permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecrm_server.hookspecs import hookspec

if TYPE_CHECKING:
    from ecrm_server.access import Actor, Permission


@hookspec
def permissions() -> list[Permission]:
    """Declaration. The permissions of the part. A route that names an undeclared one keeps the plugin out.

    Example::

        @hookimpl
        def permissions():
            return [Permission("forums.reply", "Reply to topics", default=("member",))]
    """


@hookspec
def may(actor: Actor, permission: str, obj: Any) -> bool | None:
    """Strict. Whether an actor may do something with one object; asked after the global permission was granted.

    actor: who acts. permission: a declared permission. obj: the object, often a row of the part's own table.
    Returns True or False for the part's own objects, None for anything else. One False refuses; a raise refuses too.

    Example::

        @hookimpl
        def may(actor, permission, obj):
            return services.may(actor, permission, obj)
    """
