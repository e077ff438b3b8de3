"""Writing the audit log, in the transaction of what it tells of."""

from __future__ import annotations

import json
from typing import Any

from ecrm_server import clock, ids
from ecrm_server.access.actor import Actor
from ecrm_server.audit.models import CHAIN
from ecrm_server.audit.secrets import without_secrets
from ecrm_server.content.names import name_key
from ecrm_server.data import Prepared, database
from ecrm_server.seals import commit, new_salt, sealer
from ecrm_server.seals.services import Report, seal_pending, verify

_INSERT = Prepared(
    "INSERT INTO audit_entry (uid, at, action, actor_account_id, actor_kind, obj_kind, obj_uid, actor_commitment,"
    " actor_salt, actor_name, actor_key, detail_commitment, detail_salt, before, after, note, seal)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)"
)

_ABOUT = Prepared(
    "SELECT at, actor_name AS name FROM audit_entry WHERE obj_kind = ? AND obj_uid = ? AND action = ?"
    " ORDER BY id DESC LIMIT ?"
)
_LAST_ACTOR = Prepared(
    "SELECT actor_name FROM audit_entry WHERE obj_kind = ? AND obj_uid = ? ORDER BY id DESC LIMIT 1"
)


def record(
    action: str,
    *,
    actor: Actor,
    obj_kind: str = "",
    obj_uid: str = "",
    before: Any = None,
    after: Any = None,
    note: str = "",
) -> str:
    """Write one entry in the caller's transaction. Returns its public id.

    action: ``<part>.<past or verb>``, such as ``moderation.decided``. before, after: plain data; fields with names of
    secrets are not recorded. Raises RuntimeError outside a transaction.
    """
    if not database.in_transaction():
        raise RuntimeError(f"{action} was recorded outside a transaction")
    uid = ids.public_id()
    actor_salt, detail_salt = new_salt(), new_salt()
    old, new, remark = _json(before), _json(after), note or None
    _INSERT.run(
        uid, clock.now(), action, actor.account_id, actor_kind(actor), obj_kind, obj_uid,
        commit(actor_salt, [actor.name]), actor_salt, actor.name, name_key(actor.name),
        commit(detail_salt, [old, new, remark]), detail_salt, old, new, remark,
    )  # fmt: skip
    sealer.soon(CHAIN)
    return uid


def last_actor(obj_kind: str, obj_uid: str) -> str:
    """The name of who changed an object last; empty when nobody did, or when the name is forgotten."""
    return _LAST_ACTOR.value(obj_kind, obj_uid) or ""


def actor_kind(actor: Actor) -> str:
    """person, key, visitor or system."""
    if actor.api_key_id is not None:
        return "key"
    if actor.is_authenticated:
        return "person"
    return "system" if actor.all_permissions else "visitor"


def about(obj_kind: str, obj_uid: str, action: str, limit: int) -> list[dict[str, Any]]:
    """When an action was done to an object, and by whom (``name``, None after an erasure), newest first."""
    return _ABOUT.rows(obj_kind, obj_uid, action, limit)


def check(*, noted_head: str = "") -> Report:
    """Seal what is pending, then verify the whole log."""
    seal_pending(CHAIN)
    return verify(CHAIN, noted_head=noted_head)


def _json(value: Any) -> str | None:
    if value is None:
        return None
    return json.dumps(without_secrets(value), separators=(",", ":"), ensure_ascii=False)
