"""Who is in a segment, as far as the reader sees customers."""

from __future__ import annotations

from typing import Any

from ecrm_server.api import Actor, Prepared, rule_subjects

from .index import SUBJECT

AT_MOST = 1_000
"""Where counting stops for readers who see only some customers."""

_UIDS = Prepared(
    "SELECT c.uid FROM segments_member m JOIN segments_segment s ON s.id = m.segment_id"
    " JOIN customer c ON c.id = m.customer_id WHERE s.uid = ? AND s.archived_at IS NULL"
    " AND m.customer_id > COALESCE((SELECT a.id FROM customer a WHERE a.uid = ?), 0)"
    " ORDER BY m.customer_id LIMIT ?"
)


def page(
    actor: Actor, segment_id: int, *, after: str = "", limit: int = 50
) -> tuple[list[dict[str, Any]], str]:
    """Members that the actor may see, the newest customers first, and the cursor of the next page.

    Each with uid, name, stage and since: what everybody reads who sees the customer at all.
    """
    about = rule_subjects(SUBJECT)
    scope = about.scope(actor)
    start = " AND m.customer_id < (SELECT a.id FROM customer a WHERE a.uid = ?)" if after else ""
    rows = Prepared(
        "SELECT t.uid, t.name, t.stage, m.since FROM segments_member m JOIN customer t ON t.id = m.customer_id"
        f" WHERE m.segment_id = ? AND {about.present} AND ({scope.text}){start} ORDER BY m.customer_id DESC LIMIT ?"
    ).rows(segment_id, *scope.params, *([after] if after else []), limit + 1)
    return rows[:limit], rows[limit - 1]["uid"] if len(rows) > limit else ""


def sees_all(actor: Actor) -> bool:
    """Whether the actor sees every customer."""
    return rule_subjects(SUBJECT).scope(actor).text == "1 = 1"


def count(actor: Actor, segment_id: int, kept: int) -> int:
    """How many members the actor sees: the kept count, or counted up to ``AT_MOST`` + 1."""
    if sees_all(actor):
        return kept
    about = rule_subjects(SUBJECT)
    scope = about.scope(actor)
    return int(
        Prepared(
            "SELECT COUNT(*) FROM (SELECT 1 AS one FROM customer t JOIN segments_member m ON m.customer_id = t.id"
            f" AND m.segment_id = ? WHERE {about.present} AND ({scope.text}) LIMIT ?) found"
        ).value(segment_id, *scope.params, AT_MOST + 1)
    )


def offered(*, segment: str, after: str = "", limit: int = 500) -> list[str]:
    """``segments.members@1``: public ids of members, in a lasting order; the next page begins after the last one."""
    return [uid for (uid,) in _UIDS.tuples(segment, after, min(limit, 5_000))]
