"""Quoting a post, with its source and licence where it has them."""

from __future__ import annotations

from ecrm_server.api import Actor, quote_markdown

from .attribution import attribution_of
from .permissions import visible_post
from .posts import editable_source

MAX_QUOTE = 4_000


def quote(actor: Actor, post_uid: str, selected: str = "") -> str:
    """The Markdown that quotes a post, or the part of it that was selected.

    A quoted imported post keeps the link to its original, its author and its licence.
    """
    post = visible_post(actor, post_uid)
    words = (selected.strip() or editable_source(post))[:MAX_QUOTE]
    source = attribution_of(post.source_name, post.source_url, post.author_name, post.author_url, post.licence)
    if source is not None:
        words = f"{words}\n\n{source.markdown()}"
    return quote_markdown(post.author_name or "Deleted person", post.url, words)
