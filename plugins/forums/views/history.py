"""The edits of a post, each with what it changed."""

from __future__ import annotations

from flask import render_template

from ecrm_server.api import needs

from ..services.history import of_post
from .blueprint import pages
from .common import Answer, actor


@pages.get("/p/<uid>/history")
@needs("forums.read")
def history(uid: str) -> Answer:
    """Newest edit first."""
    post, edits = of_post(actor(), uid)
    return render_template("forums/history.html", post=post, topic=post.topic, edits=edits)
