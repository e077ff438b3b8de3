"""May this actor do this with that? The one question that views, services and channels ask."""

from __future__ import annotations

import logging
from typing import Any

from ecrm_server.access.actor import Actor
from ecrm_server.data import is_away
from ecrm_server.errors import Forbidden, NotFound
from ecrm_server.kernel import current

log = logging.getLogger(__name__)


def may(actor: Actor, permission: str, obj: Any = None) -> bool:
    """Whether the actor holds the permission and, when an object is given, no part refuses it for that object.

    A hook that raises refuses: permissions fail closed. While the database is away nobody knows: then it raises.
    """
    if not actor.may(permission):
        return False
    if obj is None:
        return True
    try:
        answers = current.generation().hooks.may(actor=actor, permission=permission, obj=obj)
    except Exception as error:  # fail closed, and leave a trace of why
        if is_away(error):
            raise
        log.exception("a permission hook failed; refused", extra={"permission": permission})
        return False
    return False not in answers


def require(actor: Actor, permission: str, obj: Any = None, *, hidden: bool = False) -> None:
    """Raise Forbidden (or NotFound, when the object's existence is itself private) unless ``may``."""
    if not may(actor, permission, obj):
        raise NotFound() if hidden else Forbidden()
