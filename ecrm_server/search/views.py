"""The search page and the palette's answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Response, g, jsonify, render_template, request
from flask_babel import gettext

from ecrm_server.access import ANYONE, needs
from ecrm_server.kernel import current
from ecrm_server.search import index, sources
from ecrm_server.search.palette import palette
from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("search", __name__)

FEW, MOST = 5, 50
"""Hits of a source beside others, and alone."""
FIELDS = ("author", "tag", "after", "before")
"""Fields of the form beside the text; each becomes a filter of the search language."""


@pages.get("/search")
@needs(ANYONE)
def search() -> str:
    """The form and a page of results."""
    args = request.args
    text = " ".join([args.get("q", ""), *_filters()]).strip()
    kind = args.get("kind", "")
    kinds = sorted(current.generation().registry.search_kinds.values(), key=lambda found: str(found.title))
    direct = sources.offered(g.actor)
    alone = kind in {source.name for source in direct}
    known = kind in {found.name for found in kinds}
    beside = (
        []
        if known or args.get("page")
        else sources.find(text, g.actor, MOST if alone else FEW, kind if alone else "")
    )
    chosen = [] if alone else [kind] if known else None
    results = index.grouped(text, g.actor, kinds=chosen, before=args.get("page"))
    kept = {name: args[name] for name in ("q", "kind", "sort", *FIELDS) if args.get(name)}
    return render_template(
        "search/index.html",
        results=results,
        asked=bool(text),
        args=kept,
        kinds=[*kinds, *direct],
        beside=beside,
        icons={found.name: found.icon for found in kinds},
        older=f"/search?{urlencode(kept | {'page': results.next})}" if results.next else "",
        newer=f"/search?{urlencode(kept)}" if args.get("page") else "",
    )


@pages.get("/search/palette")
@needs(ANYONE)
def palette_groups() -> Response:
    """Commands and hits for the palette."""
    groups = palette(request.args.get("q", "")[:200], g.actor)
    return jsonify(groups=[_group(group.label, group.items) for group in groups])


def _group(label: str, items: tuple[tuple[str, str, str, str], ...]) -> dict[str, Any]:
    return {
        "label": gettext(label) if label else gettext("Go to"),
        "items": [
            # A label of the interface is translated; a hit's title is somebody's own words.
            {"title": title if label else gettext(title), "url": url, "icon": icon, "hint": hint}
            for title, url, icon, hint in items
        ],
    }


def _filters() -> list[str]:
    """The form's fields in the search language."""
    found = []
    for name in FIELDS:
        value = request.args.get(name, "").replace('"', " ").strip()
        if value:
            found.append(f'{name}:"{value}"')
    if request.args.get("sort") == "new":
        found.append("sort:new")
    return found
