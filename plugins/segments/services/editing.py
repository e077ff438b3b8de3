"""Segments are made, changed and archived."""

from __future__ import annotations

import json
from typing import Any

from ecrm_server.api import (
    Actor,
    Conflict,
    NotFound,
    Prepared,
    Refusal,
    audit_record,
    clock,
    emit,
    name_key,
    public_id,
    require,
    rule_traits,
    transaction,
)

from .. import events
from ..permissions import EDIT
from . import building, state
from .index import index, parsed, require_readable

MAX_TITLE = 120
MAX_DESCRIPTION = 1_000

_INSERT = Prepared(
    "INSERT INTO segments_segment (uid, title, title_key, description, kind, rule, traits, version, state, fault,"
    " build, member_count, owner_id, demo, created_at, updated_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, '', 0, 0, ?, ?, ?, ?)"
)
_ROW = Prepared(
    "SELECT s.id, s.uid, s.title, s.description, s.kind, s.rule, s.version, s.state, s.archived_at"
    " FROM segments_segment s WHERE s.uid = ?",
    lock=True,
)
_UPDATE = Prepared(
    "UPDATE segments_segment SET title = ?, title_key = ?, description = ?, rule = ?, traits = ?,"
    " version = version + 1, updated_at = ? WHERE id = ? AND version = ?"
)
_NEW_RULE = Prepared(
    "UPDATE segments_segment SET state = 'new', fault = '' WHERE id = ? AND state = 'broken'"
)
_ARCHIVE = Prepared(
    "UPDATE segments_segment SET archived_at = ?, version = version + 1, updated_at = ? WHERE id = ?"
)
_TAKEN = Prepared("SELECT uid FROM segments_segment WHERE title_key = ?")


def create(actor: Actor, title: str, *, rule: Any = None, description: str = "", demo: bool = False) -> str:
    """Make a segment: with a rule, or without one a list that is kept by hand. Returns its public id.

    Its members are found by a job that starts at once. Raises Refusal for what is no rule, with the place as field.
    """
    require(actor, EDIT)
    _check(title, description)
    with transaction():
        state.lock()
        uid, now = public_id(), clock.now()
        tree, traits = _checked(actor, rule, uid) if rule is not None else (None, [])
        _require_free(title, uid)
        kind, first = ("list", "ready") if rule is None else ("rule", "new")
        _INSERT.run(
            uid, title, name_key(title), description, kind, tree, json.dumps(traits), first, actor.account_id, demo,
            now, now,
        )  # fmt: skip
        _told(actor, uid, "created", after={"title": title, "description": description, "rule": tree})
        if kind == "rule":
            building.soon([uid])
    return uid


def change(
    actor: Actor, uid: str, version: int, *, title: str, description: str = "", rule: Any = None
) -> int:
    """Change a segment that is still of this version; its members, and those of segments that use it, are found anew.

    Returns the new version. Raises Refusal as ``create`` does, Conflict when somebody changed it meanwhile.
    """
    require(actor, EDIT)
    _check(title, description)
    with transaction():
        state.lock()
        row = _row(uid)
        if row["version"] != version:
            raise Conflict("Somebody else changed this segment meanwhile. Look at it again before you save.")
        tree, traits = (None, []) if row["kind"] == "list" else _checked(actor, rule, uid, before=row["rule"])
        _require_free(title, uid)
        _UPDATE.run(
            title, name_key(title), description, tree, json.dumps(traits), clock.now(), row["id"], version
        )
        before = {"title": row["title"], "description": row["description"], "rule": row["rule"]}
        after = {"title": title, "description": description, "rule": tree}
        _told(actor, uid, "changed", before=before, after=after)
        if tree != row["rule"] or row["state"] == "broken":
            _NEW_RULE.run(row["id"])
            building.soon([uid, *(kept.uid for kept in index().using(uid))])
    return version + 1


def archive(actor: Actor, uid: str) -> None:
    """Put a segment away: nobody is in it any more as far as rules and pages go, and it can come back.

    Raises Refusal, naming the others, while other segments use it.
    """
    require(actor, EDIT)
    with transaction():
        state.lock()
        row = _row(uid)
        using = index().using(uid)
        if using:
            names = ", ".join(f"'{kept.title}'" for kept in using[:3])
            raise Refusal(f"It is used by {names}. Take it out of there first.")
        if row["archived_at"] is None:
            _ARCHIVE.run(clock.now(), clock.now(), row["id"])
            _told(actor, uid, "archived")


def restore(actor: Actor, uid: str) -> None:
    """Bring an archived segment back; its members are found anew."""
    require(actor, EDIT)
    with transaction():
        state.lock()
        row = _row(uid)
        if row["archived_at"] is not None:
            _ARCHIVE.run(None, clock.now(), row["id"])
            _told(actor, uid, "restored")
            if row["kind"] == "rule":
                building.soon([uid])


def _row(uid: str) -> dict[str, Any]:
    row = _ROW.row(uid)
    if row is None:
        raise NotFound()
    return row


def _check(title: str, description: str) -> None:
    if not title.strip() or len(title) > MAX_TITLE or not name_key(title):
        raise Refusal(f"A title has 1 to {MAX_TITLE} characters.", field="title")
    if len(description) > MAX_DESCRIPTION:
        raise Refusal(f"A description has at most {MAX_DESCRIPTION} characters.", field="description")


def _require_free(title: str, uid: str) -> None:
    taken = _TAKEN.value(name_key(title))
    if taken is not None and taken != uid:
        raise Refusal("There is a segment of this title already. Choose another one.", field="title")


def _checked(actor: Actor, tree: Any, own: str, *, before: str | None = None) -> tuple[str, list[str]]:
    """The rule as it is stored, and its traits. One that asks for what is kept from the actor is refused."""
    rule = parsed(tree, own)
    traits = list(rule_traits(rule))
    stored = json.dumps(rule.tree, ensure_ascii=False, separators=(",", ":"))
    if stored != before:
        require_readable(actor, rule)
    return stored, traits


def _told(actor: Actor, uid: str, change: str, **more: Any) -> None:
    audit_record(f"segments.{change}", actor=actor, obj_kind="segment", obj_uid=uid, **more)
    emit(events.Changed(segment=uid, change=change), actor_id=actor.account_id)
    state.changed()
