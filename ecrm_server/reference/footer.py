"""The link at the foot of every page."""

from __future__ import annotations

from flask import get_template_attribute
from markupsafe import Markup


def link(**context: object) -> Markup:
    """A link to the documentation."""
    del context
    shown: Markup = get_template_attribute("reference/footer.html", "link")()
    return shown
