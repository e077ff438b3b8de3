"""What segments add to pages of others."""

from __future__ import annotations

from typing import Any

from flask import current_app
from markupsafe import Markup

from ecrm_server.api import Slot

from .permissions import READ
from .services import personal


def on_customer(customer: dict[str, Any]) -> Markup | str:
    """The segments a customer is in, each with the way to why."""
    rows = personal.of_customer(customer["id"])
    panel: Markup = current_app.jinja_env.get_template("segments/fragments.html").module.panel(  # type: ignore[attr-defined]
        customer, rows
    )
    return panel if rows else ""


SLOTS = [Slot("customer.aside", on_customer, permission=READ, order=30)]
