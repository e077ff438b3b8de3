"""What a post was before each of its edits."""

from __future__ import annotations

from typing import Any

from ecrm_server.api import Actor, Prepared, html_to_markdown, sanitize_html, text_diff

from .permissions import visible_post
from .posts import editable_source
from .refs import PostRef

LIMIT = 50

_REVISIONS = Prepared(
    "SELECT r.uid, r.title, r.source, r.source_format, r.reason, r.at, COALESCE(p.name, '') AS editor,"
    " p.handle AS editor_handle FROM forums_revision r LEFT JOIN profile p ON p.id = r.editor_id"
    f" WHERE r.post_id = ? ORDER BY r.id DESC LIMIT {LIMIT}"
)


def of_post(actor: Actor, post_uid: str) -> tuple[PostRef, list[dict[str, Any]]]:
    """A post and its edits, newest first: each with editor, reason, at, ``lines`` (see text_diff) and titles."""
    post = visible_post(actor, post_uid)
    edits = _REVISIONS.rows(post.id)
    after_text, after_title = editable_source(post), post.topic.title if post.is_first else None
    for edit in edits:
        before = _as_markdown(edit["source"], edit["source_format"])
        edit["lines"] = text_diff(before, after_text)
        edit["title_before"], edit["title_after"] = edit["title"], after_title if edit["title"] else None
        after_text, after_title = before, edit["title"] or after_title
    return post, edits


def _as_markdown(source: str, source_format: str) -> str:
    """An imported post's HTML is compared in the form in which it was edited."""
    return html_to_markdown(sanitize_html(source).html) if source_format == "html" else source
