"""Lists of topics: index, latest, unread, top, by category and by tag."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from flask import redirect, render_template, request

from ecrm_server.api import SIGNED_IN, clock, needs, public_page

from .. import fragments
from ..channels import CATEGORY, LATEST, LATEST_OF_ALL
from ..services import categories, lists, reading, state, tags, watching
from ..services.lists import Listing
from ..services.permissions import Access, access_of
from ..services.tree import CREATE, Node
from .blueprint import pages
from .common import Answer, acted, actor, after_key


def list_version() -> tuple[int, ...]:
    """What anonymous list pages depend on: any change of a list, and the minute in which relative times are written."""
    return (*state.list_version(), clock.now() // clock.MINUTE)


def _drawn(access: Access, found: Listing) -> dict[str, Any]:
    older = ""
    if found.next is not None:
        query = {**request.args.to_dict(), "after": json.dumps(found.next, separators=(",", ":"))}
        older = f"{request.path}?{urlencode(query)}"
    first = f"{request.path}?{urlencode({k: v for k, v in request.args.items() if k != 'after'})}"
    return {
        "rows": fragments.topic_rows(actor(), access, found.rows),
        "older": older,
        "newer": first.rstrip("?") if "after" in request.args else "",
        "may_open": bool(access.nodes(CREATE)) and actor().may("forums.open_topic"),
    }


@pages.get("")
@needs("forums.read")
def index() -> Answer:
    """The categories with their newest topics, and the latest topics of all."""
    public_page(list_version)
    access = access_of(actor())
    seq = LATEST.position(LATEST_OF_ALL)
    latest = lists.latest(actor(), access, limit=10)
    return render_template(
        "forums/index.html",
        roots=[node for node in access.tree.roots if access.sees(node.id)],
        access=access,
        overview=categories.overview(access),
        seq=seq,
        **_drawn(access, Listing(latest.rows)),
    )


@pages.get("/latest")
@needs("forums.read")
def latest() -> Answer:
    """Topics by their last movement."""
    public_page(list_version)
    access = access_of(actor())
    seq = LATEST.position(LATEST_OF_ALL)
    found = lists.latest(actor(), access, _key(2))
    return render_template("forums/latest.html", view="latest", seq=seq, **_drawn(access, found))


@pages.get("/unread")
@needs(SIGNED_IN)
def unread() -> Answer:
    """Topics with something the reader has not seen."""
    access = access_of(actor())
    seq = LATEST.position(LATEST_OF_ALL)
    found = lists.unread(actor(), access, _key(2))
    return render_template("forums/latest.html", view="unread", seq=seq, **_drawn(access, found))


@pages.post("/unread")
@needs(SIGNED_IN)
def mark_all_read() -> Answer:
    """Let everything count as read."""
    return acted("/forums/unread", "", lambda: reading.mark_all_read(actor()))


@pages.get("/top")
@needs("forums.read")
def top() -> Answer:
    """Topics by score."""
    public_page(list_version)
    access = access_of(actor())
    period = request.args.get("period", "all")
    found = lists.top(actor(), access, period, _key(2))
    return render_template("forums/latest.html", view="top", period=period, **_drawn(access, found))


@pages.get("/c/<slug>/<uid>")
@needs("forums.read")
def category(slug: str, uid: str) -> Answer:
    """One category: what lies in it and its topics, pinned ones first."""
    public_page(list_version)
    access = access_of(actor())
    node = access.find(uid)
    if slug != node.slug:
        return redirect(node.url)
    seq = CATEGORY.position(uid)
    found = lists.of_category(actor(), access, node, _key(3))
    shown = _drawn(access, found)
    shown["may_open"] = actor().may("forums.open_topic") and access.level(node.id) >= CREATE
    return render_template(
        "forums/category.html",
        node=node,
        children=[child for child in node.children if access.sees(child.id)],
        overview=categories.overview(access) if node.children else {},
        watch=_watch("category", node),
        seq=seq,
        **shown,
    )


@pages.get("/tags")
@needs("forums.read")
def tag_list() -> Answer:
    """Every tag with the number of its topics."""
    public_page(list_version)
    return render_template("forums/tags.html", tags=tags.most_used(access_of(actor())))


@pages.get("/tag/<name>")
@needs("forums.read")
def tag(name: str) -> Answer:
    """Topics with one tag."""
    public_page(list_version)
    access = access_of(actor())
    found = tags.find(name)
    listing = lists.of_tag(actor(), access, found["id"], _key(2))
    level = watching.level_of(actor(), "tag", found["id"]) if actor().is_authenticated else ""
    return render_template("forums/tag.html", tag=found, watch=level, **_drawn(access, listing))


def _key(length: int) -> list[Any] | None:
    key = after_key()
    return key if key is not None and len(key) == length else None


def _watch(kind: str, node: Node) -> str:
    return watching.level_of(actor(), kind, node.id) if actor().is_authenticated else ""
