"""What the forums add to pages of others."""

from __future__ import annotations

from typing import Any

from flask import current_app, g
from markupsafe import Markup

from ecrm_server.api import Slot

from .services import attribution, personal


def profile_panel(person: dict[str, Any]) -> Markup | str:
    """A person's latest posts on their profile."""
    posts = personal.latest_posts(g.actor, person["id"])
    badges = personal.badges(person["id"])
    if not posts and not badges:
        return ""
    for post in posts:
        post["attribution"] = attribution.of_row(post)
    panel: Markup = current_app.jinja_env.get_template("forums/fragments.html").module.profile(  # type: ignore[attr-defined]
        posts, badges, personal.counts(person["id"])
    )
    return panel


SLOTS = [Slot("profile.panel", profile_panel, permission="forums.read", order=10)]
