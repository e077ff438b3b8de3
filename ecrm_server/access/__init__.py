"""Who may do what: permissions, roles, the actor of a request and the guard on every route."""

from __future__ import annotations

from ecrm_server.access.actor import ANONYMOUS, SYSTEM, Actor
from ecrm_server.access.guard import ANYONE, SIGNED_IN, needs, own_eyes
from ecrm_server.access.permission import Permission

__all__ = ["ANONYMOUS", "ANYONE", "SIGNED_IN", "SYSTEM", "Actor", "Permission", "needs", "own_eyes"]
