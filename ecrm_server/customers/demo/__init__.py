"""The demo company's customers: invented, and marked as demo in a column of their own."""

from __future__ import annotations

from flask_babel import ngettext

from ecrm_server.customers.demo.load import load
from ecrm_server.data import Prepared

__all__ = ["describe", "load", "remove"]

_COUNTS = Prepared(
    "SELECT (SELECT COUNT(*) FROM customer WHERE demo) AS customers,"
    " (SELECT COUNT(*) FROM organisation WHERE demo) AS organisations,"
    " (SELECT COUNT(*) FROM activity WHERE customer_id IN (SELECT id FROM customer WHERE demo)"
    " OR organisation_id IN (SELECT id FROM organisation WHERE demo)) AS activities"
)
_REMOVE = (
    Prepared("DELETE FROM customer WHERE demo"),
    Prepared("DELETE FROM organisation WHERE demo"),
)


def describe() -> list[str]:
    """How many of each go, and what was logged about them."""
    counts = _COUNTS.rows()[0]
    customers = ngettext("%(num)d customer of the demo", "%(num)d customers of the demo", counts["customers"])
    organisations = ngettext("%(num)d organisation", "%(num)d organisations", counts["organisations"])
    told = [f"{customers}, {organisations}"] if counts["customers"] or counts["organisations"] else []
    if counts["activities"]:
        told.append(
            ngettext(
                "%(num)d entry that staff logged about them",
                "%(num)d entries that staff logged about them",
                counts["activities"],
            )
        )
    return told


def remove() -> None:
    """Remove the demo's organisations and customers with their memberships, those that visitors added included."""
    for statement in _REMOVE:
        statement.run()
