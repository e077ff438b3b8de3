"""What the buttons on topics and posts do. Every one is a plain form post; a script gets the post drawn anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, jsonify, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ecrm_server.api import SIGNED_IN, NotFound, Refusal, needs

from ..services import posts, refs, tags, topics, votes, watching
from ..services.permissions import access_of, visible_post, visible_topic
from .blueprint import pages
from .common import Answer, acted, actor, wants_json
from .topic import post_json


def _on_post(uid: str, act: Callable[[], Any], message: str = "") -> Answer:
    """Do something to a post, then show it."""
    post = visible_post(actor(), uid)
    if not wants_json():
        return acted(post.url, message, act)
    act()
    return jsonify(post_json(refs.post(uid)))


@pages.post("/p/<uid>/vote")
@needs("forums.vote")
def vote(uid: str) -> Answer:
    """Vote: ``value`` 1, -1, or 0 to take it back."""
    value = request.form.get("value", "")
    if value not in ("1", "0", "-1"):
        raise Refusal("A vote is 1, -1, or 0 to take it back.", field="value")
    return _on_post(uid, lambda: votes.vote(actor(), uid, int(value)))


@pages.post("/p/<uid>/accept")
@needs("forums.accept_answer")
def accept(uid: str) -> Answer:
    """Mark the answer of a topic: ``value`` 1, or 0 for none."""
    accepted = request.form.get("value", "1") == "1"
    return _on_post(uid, lambda: topics.accept(actor(), uid, accepted))


@pages.post("/p/<uid>/delete")
@needs("forums.delete_post")
def delete(uid: str) -> Answer:
    """Delete a post; the first one takes its topic along. It can be undone."""
    post = visible_post(actor(), uid)
    if wants_json() and not post.is_first:
        return _on_post(uid, lambda: posts.delete(actor(), uid))
    posts.delete(actor(), uid)
    flash(_("Deleted. You can restore it here."), "success")
    if wants_json():
        return jsonify(url=post.topic.url)
    return redirect(post.topic.url if post.is_first else post.url, 303)


@pages.post("/p/<uid>/restore")
@needs("forums.delete_post")
def restore(uid: str) -> Answer:
    """Undo a deletion."""
    return _on_post(uid, lambda: posts.restore(actor(), uid), _("Restored."))


def _on_topic(uid: str, act: Callable[[], Any], message: str = "") -> Response:
    topic = visible_topic(actor(), uid)
    return acted(topic.url, message, act)


@pages.post("/t/<uid>/close")
@needs("forums.moderate")
def close(uid: str) -> Answer:
    """Close a topic: ``value`` 1, or 0 to open it again."""
    closed = request.form.get("value", "1") == "1"
    return _on_topic(uid, lambda: topics.close(actor(), uid, closed), _("Closed.") if closed else _("Open again."))


@pages.post("/t/<uid>/pin")
@needs("forums.moderate")
def pin(uid: str) -> Answer:
    """Pin a topic: ``value`` 1, or 0 to let it go."""
    pinned = request.form.get("value", "1") == "1"
    return _on_topic(uid, lambda: topics.pin(actor(), uid, pinned), _("Pinned.") if pinned else _("No longer pinned."))


@pages.post("/t/<uid>/move")
@needs("forums.moderate")
def move(uid: str) -> Answer:
    """Put a topic into another ``category``."""
    return _on_topic(uid, lambda: topics.move(actor(), uid, request.form.get("category", "")), _("Moved."))


@pages.post("/t/<uid>/tags")
@needs("forums.tag")
def change_tags(uid: str) -> Answer:
    """Give a topic other ``tags``, names separated by blanks or commas."""
    names = request.form.get("tags", "").replace(",", " ").split()
    return _on_topic(uid, lambda: tags.change(actor(), uid, names), _("Tags changed."))


@pages.post("/watch/<kind>/<ref>")
@needs(SIGNED_IN)
def watch(kind: str, ref: str) -> Answer:
    """Watch or mute a topic, category (uid) or tag (name): ``level`` watch, mute or empty."""
    url, target_id = _target(kind, ref)
    level = request.form.get("level", "")
    message = {watching.WATCH: _("You will hear of what is new here."), watching.MUTE: _("Muted.")}.get(level, "")
    return acted(url, message, lambda: watching.choose(actor(), kind, target_id, level))


def _target(kind: str, ref: str) -> tuple[str, int]:
    """Address and database key of what is to be watched, if the actor sees it."""
    if kind == "topic":
        topic = visible_topic(actor(), ref)
        return topic.url, topic.id
    if kind == "category":
        node = access_of(actor()).find(ref)
        return node.url, node.id
    if kind == "tag":
        return f"/forums/tag/{ref}", tags.find(ref)["id"]
    raise NotFound()
