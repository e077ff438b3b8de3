"""What segments store about people: why, and how long."""

from __future__ import annotations

from ecrm_server.api import Prepared, Retention

_OLD_PASSAGES = Prepared(
    "DELETE FROM segments_passage WHERE id IN (SELECT id FROM segments_passage WHERE at < ? ORDER BY at LIMIT ?)"
)
_WHY = "We find customers for whom something matters by it."

RETENTION = [
    Retention(
        table="segments_segment", holds="That you made a segment", why="Colleagues can ask you about it.",
    ),
    Retention(table="segments_member", holds="Which groups of customers you are in", why=_WHY),
    Retention(
        table="segments_next", holds="When we look again whether you belong to a group", why=_WHY,
        fixed="until that moment",
    ),
    Retention(
        table="segments_touched", holds="That something about you changed while a group was found", why=_WHY,
        fixed="some seconds", apart="It is gone before anybody could ask for it.",
    ),
    Retention(
        table="segments_passage", holds="When you came into a group and left it", why=_WHY, days=730, least=30,
        sweep=_OLD_PASSAGES.run,
    ),
    Retention(
        table="segments_purchases", holds="How often, when last and for how much you bought", why=_WHY,
        fixed="as long as the orders",
    ),
]  # fmt: skip
