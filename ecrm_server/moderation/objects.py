"""The objects under moderation, which belong to other parts."""

from __future__ import annotations

from ecrm_server.access import Actor
from ecrm_server.data import Prepared, is_away
from ecrm_server.errors import EcrmError, NotFound
from ecrm_server.kernel import current
from ecrm_server.moderation.kind import Moderated, ModeratedKind

_NAME = Prepared("SELECT name FROM profile WHERE id = ?")


def kind_of(name: str) -> ModeratedKind:
    """A declared kind. Raises NotFound while its part is off."""
    found = current.generation().registry.moderated_kinds.get(name)
    if found is None:
        raise NotFound()
    return found


def readable(actor: Actor, kind: str, uid: str) -> Moderated:
    """An object that the actor may read. Raises NotFound for any other, as if it were not there."""
    which = kind_of(kind)
    found = which.load(uid)
    if found is None or not which.may_see(actor, uid):
        raise NotFound()
    return found


def author_name(found: Moderated) -> str:
    """Who wrote an object; empty for erased people."""
    return str(_NAME.value(found.author_profile_id) or "") if found.author_profile_id is not None else ""


def preview(kind: str, uid: str) -> Moderated | None:
    """An object for the queue; None when it is gone, or when its part fails (counted as that part's fault)."""
    generation = current.generation()
    which = generation.registry.moderated_kinds.get(kind)
    if which is None:
        return None
    try:
        return which.load(uid)
    except EcrmError:
        return None
    except Exception as error:  # one plugin's fault must not take the queue down
        if is_away(error):
            raise
        generation.fault(kind.partition(".")[0], f"moderated kind {kind}", error)
        return None


def may_review(actor: Actor, kind: str, uid: str) -> bool:
    """Whether a moderator may read an object: the right to decide does not open places that are closed to them.

    A part that fails refuses (counted as that part's fault). Accounts, and kinds that are off, hide nothing.
    """
    generation = current.generation()
    which = generation.registry.moderated_kinds.get(kind)
    if which is None or actor.all_permissions:
        return True
    try:
        return (which.may_review or which.may_see)(actor, uid)
    except Exception as error:  # fail closed
        if is_away(error):
            raise
        generation.fault(kind.partition(".")[0], f"moderated kind {kind}", error)
        return False
