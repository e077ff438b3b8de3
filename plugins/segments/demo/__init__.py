"""The demo company's segments: what a newcomer looks at first."""

from __future__ import annotations

from ecrm_server.api import SYSTEM, Prepared

from ..services import editing, state

SEGMENTS = [
    (
        "New this month", "Customers who came in the last 30 days.",
        {"trait": "customers.created_at", "op": "within last days", "value": 30},
    ),
    (
        "Birthday soon", "To say something kind in time.",
        {"trait": "customers.birthday", "op": "anniversary within days", "value": 14},
    ),
    (
        "Advocates and customers we can write to", "They bought or recommend us, and we know an address.",
        {
            "all": [
                {"trait": "customers.stage", "op": "one of", "value": ["customer", "advocate"]},
                {"trait": "customers.email_known", "op": "is", "value": True},
            ]
        },
    ),
]  # fmt: skip

_COUNT = Prepared("SELECT COUNT(*) FROM segments_segment WHERE demo")
_PARTS = tuple(
    Prepared(f"DELETE FROM segments_{table} WHERE segment_id IN (SELECT id FROM segments_segment WHERE demo)")
    for table in ("member", "next", "touched", "passage")
)
_SEGMENTS = Prepared("DELETE FROM segments_segment WHERE demo")


def load() -> None:
    """Make three segments; their members are found by the job that follows."""
    if not _COUNT.value():
        for title, description, rule in SEGMENTS:
            editing.create(SYSTEM, title, rule=rule, description=description, demo=True)


def describe() -> list[str]:
    """What removing would delete."""
    from flask_babel import ngettext

    return [ngettext("%(num)d segment of the demo", "%(num)d segments of the demo", _COUNT.value())]


def remove() -> None:
    """Delete them, in the caller's transaction."""
    state.lock()
    for statement in (*_PARTS, _SEGMENTS):
        statement.run()
    state.changed()
