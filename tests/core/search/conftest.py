from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from ecrm_server.kernel.site import Site

MANIFEST = """
name = "library"
title = "Library"
version = "1.0"
core = ">=0"
"""
# Books stand on shelves; an actor reads the shelves whose names stand in its groups' place (extra["shelves"]).
CODE = """
from ecrm_server.api import Hit, Permission, SearchKind, SearchSource, hookimpl


def shelves(actor):
    return actor.extra.get("shelves", ())


def present(uids, actor):
    def book(uid):
        return Hit("library.book", uid, f"Book {uid}", f"/library/{uid}", group=uid.partition("-")[0])

    return {uid: book(uid) for uid in uids if uid != "lost"}


def leaflets(uids, actor):
    return {uid: Hit("library.leaflet", uid, f"Leaflet {uid}", f"/library/{uid}") for uid in uids}


def broken(actor):
    raise RuntimeError("the shelf fell down")


def cards(text, actor, limit):
    return [Hit("library.card", str(n), f"Card {text}", f"/library/cards/{n}") for n in range(limit)]


def torn(text, actor, limit):
    raise RuntimeError("the card is torn")


@hookimpl
def permissions():
    return [Permission("library.read_cards", "Read cards")]


@hookimpl
def search_sources():
    return [
        SearchSource("library.card", "Cards", "file", "library.read_cards", cards, lambda text: f"/library?q={text}"),
        SearchSource("library.torn", "Torn cards", "file", "library.read_cards", torn),
    ]


@hookimpl
def search_kinds():
    return [
        SearchKind("library.book", "Books", "book", shelves, present),
        SearchKind("library.leaflet", "Leaflets", "file", shelves, leaflets),
        SearchKind("library.fallen", "Fallen", "file", broken, present),
    ]
"""


@pytest.fixture
def library(tmp_path: Path, make_site: Callable[..., Site], both_engines: str) -> Site:
    """A site on each engine with a plugin that has books and leaflets on shelves."""
    folder = tmp_path / "instance" / "plugins" / "library"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text(dedent(MANIFEST))
    (folder / "plugin.py").write_text(CODE)
    return make_site("library")


def reader(*shelves: str) -> Any:
    """Somebody who may read these shelves."""
    from ecrm_server.access import Actor

    return Actor(account_id=1, uid="reader", extra={"shelves": shelves})
