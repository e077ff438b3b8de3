"""What pages and programs are shown of segments."""

from __future__ import annotations

import json
from typing import Any

from ecrm_server.api import (
    Actor,
    NotFound,
    Prepared,
    Refusal,
    describe_rule,
    explain_rule,
    load_subjects,
    require,
    rule_subjects,
)

from ..permissions import READ
from . import members, state
from .index import SUBJECT, index, kept_from, named, parsed

_COLUMNS = (
    "s.id, s.uid, s.title, s.title_key, s.description, s.kind, s.rule, s.traits, s.version, s.state, s.fault,"
    " s.member_count, s.built_at, s.archived_at, s.demo, s.created_at, s.updated_at, p.name AS owner,"
    " p.uid AS owner_uid"
)
_FROM = "FROM segments_segment s LEFT JOIN profile p ON p.account_id = s.owner_id"
_ONE = Prepared(f"SELECT {_COLUMNS} {_FROM} WHERE s.uid = ?")
_PAGE = Prepared(
    f"SELECT {_COLUMNS} {_FROM} WHERE (s.archived_at IS NOT NULL) = ? AND s.title_key > ? ORDER BY s.title_key LIMIT ?"
)
_SINCE = Prepared("SELECT since FROM segments_member WHERE segment_id = ? AND customer_id = ?")


def one(actor: Actor, uid: str) -> dict[str, Any]:
    """A segment as the actor may see it, with ``count`` of what the actor sees of it. Raises NotFound."""
    require(actor, READ)
    row = _ONE.row(uid)
    if row is None:
        raise NotFound()
    return _shown(actor, row)


def page(
    actor: Actor, *, archived: bool = False, after: str = "", limit: int = 50
) -> tuple[list[dict[str, Any]], str]:
    """Segments by title, and the cursor of the next page."""
    require(actor, READ)
    rows = _PAGE.rows(archived, after, limit + 1)
    following = rows[limit - 1]["title_key"] if len(rows) > limit else ""
    return [_shown(actor, row) for row in rows[:limit]], following


def _shown(actor: Actor, row: dict[str, Any]) -> dict[str, Any]:
    row["rule"] = json.loads(row["rule"]) if row["rule"] else None
    now = index().by_uid.get(row["uid"])
    row["traits"] = sorted({*json.loads(row["traits"]), *(now.traits if now else ())})
    row["count"] = members.count(actor, row["id"], row.pop("member_count"))
    row["counts_on"] = members.sees_all(actor) or row["count"] <= members.AT_MOST
    row["sentence"] = sentence(actor, row)
    return row


def sentence(actor: Actor, row: dict[str, Any]) -> str:
    """The rule in words; empty for a list, and for one that cannot be asked or asks for what the actor may not read."""
    if row["rule"] is None or kept_from(actor, row["traits"]):
        return ""
    try:
        return str(describe_rule(parsed(row["rule"])))
    except Refusal:
        return ""


def choices(but: str = "") -> list[tuple[str, str]]:
    """(uid, title) of the segments that a rule may name; not the one itself nor those that use it."""
    known = index()
    using = {kept.uid for kept in known.using(but)} | {but} if but else set()
    found = [(kept.uid, kept.title) for kept in known.by_id.values() if kept.uid not in using]
    return sorted(found, key=lambda pair: pair[1].casefold())


def why(actor: Actor, uid: str, customer: str) -> dict[str, Any]:
    """Why a customer is in a segment or not.

    segment, customer (uid, name), inside, since, and for a rule ``explanation`` with each part's sentence, value and
    answer. Raises NotFound for a customer that the actor does not see, Refusal where the rule cannot be asked or reads
    what is kept from the actor.
    """
    row, about = one(actor, uid), rule_subjects(SUBJECT)
    scope = about.scope(actor)
    found = Prepared(
        f"SELECT t.id, t.uid, t.name FROM customer t WHERE t.uid = ? AND {about.present} AND ({scope.text})"
    ).row(customer, *scope.params)
    if found is None:
        raise NotFound()
    since, key = _SINCE.value(row["id"], found["id"]), found.pop("id")
    told = {
        "segment": row,
        "customer": found,
        "inside": since is not None,
        "since": since,
        "explanation": None,
    }
    if row["rule"] is not None:
        title = kept_from(actor, row["traits"])
        if title:
            raise Refusal(f"The rule asks for '{title}', which you may not read.")
        rule, as_of = parsed(row["rule"], uid), state.moment()
        subject = load_subjects(SUBJECT, [key], row["traits"], as_of)[key]
        told["explanation"] = explain_rule(rule, subject, as_of)
    return told


def uses(row: dict[str, Any]) -> list[tuple[str, str]]:
    """(uid, title) of the segments that a segment's own rule names."""
    known = index().by_uid
    return [(uid, known[uid].title) for uid in dict.fromkeys(named(row["rule"])) if uid in known]


def used_by(uid: str) -> list[tuple[str, str]]:
    """(uid, title) of the segments that use this one."""
    return [(kept.uid, kept.title) for kept in index().using(uid)]
