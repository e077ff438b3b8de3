"""Atom feeds (RFC 4287) of the newest topics; imported posts carry source and licence."""

from __future__ import annotations

from flask import Response, render_template

from ecrm_server.api import clock, generation, needs, printable, public_page

from ..services import feeds
from ..services.permissions import access_of
from ..services.tree import Node
from .blueprint import pages
from .common import Answer, actor
from .lists import list_version


@pages.get("/feed.atom")
@needs("forums.read")
def feed() -> Answer:
    """The newest topics of all categories."""
    public_page(list_version)
    return _feed(None)


@pages.get("/c/<slug>/<uid>/feed.atom")
@needs("forums.read")
def category_feed(slug: str, uid: str) -> Answer:
    """The newest topics of one category."""
    public_page(list_version)
    return _feed(access_of(actor()).find(uid))


def _feed(node: Node | None) -> Response:
    found = feeds.entries(actor(), access_of(actor()), node)
    text = render_template(
        "forums/feed.xml",
        node=node,
        entries=found,
        base=generation().config.base_url.rstrip("/"),
        updated=max((entry["updated_at"] for entry in found), default=clock.now()),
    )
    # One control character, which XML knows no way to write, and no reader would take the feed.
    return Response(printable(text), mimetype="application/atom+xml")
