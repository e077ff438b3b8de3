"""What segments keep about a customer, hung on the one that it was merged into, and back.

Memberships by rules are looked at anew when the merge is told; here are the lists kept by hand, archived ones too, and
what the timeline tells.
"""

from __future__ import annotations

from typing import Any

from ecrm_server.api import Prepared, emit_all, select_by_key

from .. import events
from . import state

_LISTS_OF = Prepared(
    "SELECT s.id, m.since FROM segments_member m JOIN segments_segment s ON s.id = m.segment_id"
    " WHERE m.customer_id = ? AND s.kind = 'list' ORDER BY s.id"
)
_MOVE = Prepared(
    "UPDATE segments_member SET customer_id = ? WHERE segment_id = ? AND customer_id = ? AND NOT EXISTS"
    " (SELECT 1 FROM segments_member k WHERE k.segment_id = segments_member.segment_id AND k.customer_id = ?)"
)
_PUT_BACK = Prepared(
    "INSERT INTO segments_member (segment_id, customer_id, since) SELECT id, ?, ? FROM segments_segment WHERE id = ?"
    " ON CONFLICT (segment_id, customer_id) DO NOTHING"
)
_LEAVE = Prepared("DELETE FROM segments_member WHERE segment_id = ? AND customer_id = ?")
_COUNT = Prepared("UPDATE segments_segment SET member_count = member_count + ? WHERE id = ?")
_MOVE_PASSAGES = Prepared("UPDATE segments_passage SET customer_id = ? WHERE customer_id = ? RETURNING id")
_RETURN_PASSAGES = (
    "UPDATE segments_passage SET customer_id = ? WHERE customer_id = ? AND id IN {keys} RETURNING id"
)
_UID = Prepared("SELECT uid FROM customer WHERE id = ?")
_SEGMENT = Prepared("SELECT uid FROM segments_segment WHERE id = ? AND archived_at IS NULL")


def merged(kept: int, other: int) -> dict[str, Any]:
    """Two customers are one: what was on lists as ``other`` is there as ``kept``. Gives what an undo needs."""
    state.lock()
    lists = []
    for segment, since in _LISTS_OF.tuples(other):
        moved = bool(_MOVE.run(kept, segment, other, kept))
        if moved:
            _tell(segment, entered=kept, left=other)
        else:
            _LEAVE.run(segment, other)
            _COUNT.run(-1, segment)
        lists.append([segment, since, moved])
    return {"lists": lists, "passages": [row[0] for row in _MOVE_PASSAGES.tuples(kept, other)]}


def unmerged(kept: int, other: int, moved: dict[str, Any]) -> None:
    """Undo ``merged``, as far as the lists are still there. Who was taken off a list since stays off it."""
    state.lock()
    for segment, since, was_moved in moved.get("lists", ()):
        if was_moved:
            if _MOVE.run(other, segment, kept, other):
                _tell(segment, entered=other, left=kept)
        elif _PUT_BACK.run(other, since, segment):
            _COUNT.run(1, segment)
    list(select_by_key(_RETURN_PASSAGES, moved.get("passages", ()), other, kept))


def _tell(segment: int, *, entered: int, left: int) -> None:
    uid = _SEGMENT.value(segment)
    if uid is not None:
        emit_all(
            [
                events.Entered(segment=uid, customer=_UID.value(entered), cause="hand"),
                events.Left(segment=uid, customer=_UID.value(left), cause="hand"),
            ]
        )
