"""People point moderators to what breaks a rule."""

from __future__ import annotations

from typing import Any

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Refusal, TooManyRequests
from ecrm_server.events import emit
from ecrm_server.moderation import objects, queue, reasons
from ecrm_server.moderation.events import Flagged
from ecrm_server.settings.store import setting

_SINCE = Prepared("SELECT count(*) FROM flag WHERE reporter_id = ? AND at > ?")
_SAVE = Prepared(
    "INSERT INTO flag (uid, obj_kind, obj_uid, reason, text, reporter_id, state, at)"
    " VALUES (?, ?, ?, ?, ?, ?, 'open', ?)"
    " ON CONFLICT (obj_kind, obj_uid, reporter_id) WHERE state = 'open'"
    " DO UPDATE SET reason = excluded.reason, text = excluded.text RETURNING uid"
)
_DISTINCT = Prepared(
    "SELECT count(DISTINCT reporter_id) FROM flag WHERE obj_kind = ? AND obj_uid = ? AND state = 'open'"
)
_SETTLE = Prepared("UPDATE flag SET state = ? WHERE obj_kind = ? AND obj_uid = ? AND state = 'open'")
_REOPEN = Prepared(
    "UPDATE flag SET state = 'open' WHERE obj_kind = ? AND obj_uid = ? AND at <= ? AND id IN"
    " (SELECT MAX(o.id) FROM flag o WHERE o.obj_kind = flag.obj_kind AND o.obj_uid = flag.obj_uid"
    " GROUP BY o.reporter_id)"
)
_OF_OBJECT = Prepared(
    "SELECT f.uid, f.reason, f.text, f.state, f.at, p.uid AS reporter_uid, p.name AS reporter_name"
    " FROM flag f LEFT JOIN profile p ON p.account_id = f.reporter_id"
    " WHERE f.obj_kind = ? AND f.obj_uid = ? ORDER BY f.id"
)


def flag(actor: Actor, kind: str, uid: str, reason: str, text: str = "") -> str:
    """Flag an object that the actor can read. Returns the flag's public id.

    A second flag of the same person on the same object replaces the first. Raises NotFound for what the actor may not
    read, Refusal for one's own content or an unknown reason, TooManyRequests.
    """
    require(actor, "moderation.flag")
    found = objects.readable(actor, kind, uid)
    reasons.words_of(reason)
    if found.author_profile_id is not None and found.author_profile_id == actor.profile_id:
        raise Refusal("This is your own. Edit or delete it instead.")
    with transaction():
        if _SINCE.value(actor.account_id, clock.now() - clock.HOUR) >= setting("moderation.flags_per_hour"):
            raise TooManyRequests("You flagged a lot within an hour. Try again later.", retry_after=3600)
        flag_uid: str = _SAVE.value(
            ids.public_id(), kind, uid, reason, text.strip()[:2000], actor.account_id, clock.now()
        )
        emit(Flagged(kind=kind, uid=uid, reason=reason), actor_id=actor.account_id)
        count = _DISTINCT.value(kind, uid)
        if count >= setting("moderation.flags_to_queue"):
            queue.hold(kind, uid, "flagged", author_profile_id=found.author_profile_id, flags=count)
    return flag_uid


def settle(kind: str, uid: str, state: str) -> None:
    """Close the open flags of an object: ``upheld`` or ``dismissed``."""
    _SETTLE.run(state, kind, uid)


def reopen(kind: str, uid: str, since: int) -> None:
    """Open the flags of an object again that were raised before a time, where their reporter raised no new one."""
    _REOPEN.run(kind, uid, since)


def of_object(kind: str, uid: str) -> list[dict[str, Any]]:
    """Every flag of an object, with its reporter, oldest first."""
    return _OF_OBJECT.rows(kind, uid)
