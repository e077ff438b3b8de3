"""New topics, replies, edits, and the preview by the final renderer."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, render_template, request
from flask_babel import gettext as _

from ecrm_server.api import (
    NotFound,
    Refusal,
    cooked_markup,
    load_form,
    may,
    needs,
    public_id,
    require,
    setting,
)

from ..schemas import EditForm, ReplyForm, TopicForm
from ..services import cooking, drafts, posts, refs, tags, topics
from ..services.permissions import access_of, visible_post, visible_topic
from ..services.tree import CREATE
from .blueprint import pages
from .common import Answer, actor, errors_of, wants_json
from .topic import post_json

NEW = "topic:new"
HONEYPOT = "website"


def _waits() -> str:
    return _("A moderator will look at your post first. Until then only you see it.")


@pages.get("/new")
@needs("forums.open_topic")
def new_topic() -> Answer:
    """The form for a new topic; ``?category=`` chooses one."""
    draft = drafts.find(actor(), NEW)
    values = {"category": request.args.get("category", ""), "title": "", "text": "", "tags": ""}
    if draft is not None:
        values |= {"title": draft["title"], "text": draft["text"], "draft_at": draft["updated_at"]}
    return _topic_form(values, {})


def _topic_form(values: dict[str, Any], errors: dict[str, list[str]]) -> Answer:
    nodes = access_of(actor()).nodes(CREATE)
    if not nodes:
        raise NotFound()
    choices = [(node.uid, " / ".join(part.name for part in (*node.path, node))) for node in nodes]
    if len(choices) > 1 and not values.get("category"):
        choices.insert(0, ("", _("Choose a category")))
    page = render_template(
        "forums/new_topic.html",
        values=values,
        errors=errors,
        categories=choices,
        key=values.get("key") or public_id(),
        tags_enabled=setting("forums.tags_enabled"),
        max_tags=tags.MAX_TAGS,
    )
    return page, 422 if errors else 200


@pages.post("/new")
@needs("forums.open_topic")
def open_topic() -> Answer:
    """Open a topic."""
    try:
        values = load_form(TopicForm, request.form)
        topic = topics.open_topic(
            actor(),
            values["category"],
            title=values["title"],
            source=values["text"],
            tag_names=values["tags"].replace(",", " ").split(),
            honeypot=request.form.get(HONEYPOT, ""),
            key=values["key"],
        )
    except Refusal as refusal:
        return _topic_form(request.form.to_dict(), errors_of(refusal))
    drafts.drop(actor(), NEW)
    return redirect(topic.url, 303)


@pages.post("/t/<uid>/reply")
@needs("forums.reply")
def reply(uid: str) -> Answer:
    """Write a reply or a comment. A script gets the new post alone, or what is wrong as a problem document."""
    topic = visible_topic(actor(), uid)
    try:
        values = load_form(ReplyForm, request.form)
        written = posts.reply(
            actor(),
            uid,
            source=values["text"],
            parent_uid=values["parent"] or None,
            honeypot=request.form.get(HONEYPOT, ""),
            key=values["key"],
        )
    except Refusal as refusal:
        if wants_json():
            raise
        return _reply_form(topic, request.form.to_dict(), errors_of(refusal)), 422
    drafts.drop(actor(), f"reply:{uid}")
    post = refs.post(written.uid)
    if wants_json():
        return jsonify(post_json(post))
    if post.held:
        flash(_waits(), "info")
    return redirect(post.url, 303)


@pages.get("/t/<uid>/reply")
@needs("forums.reply")
def reply_form(uid: str) -> Answer:
    """The reply form on a page of its own: ``?parent=`` comments on a post, ``?quote=`` quotes one."""
    from ..services.quoting import quote

    topic = visible_topic(actor(), uid)
    require(actor(), "forums.reply", topic)
    text = quote(actor(), request.args["quote"]) if request.args.get("quote") else ""
    return _reply_form(topic, {"text": text, "parent": request.args.get("parent", "")}, {})


def _reply_form(topic: refs.TopicRef, values: dict[str, Any], errors: dict[str, list[str]]) -> str:
    parent = visible_post(actor(), values["parent"]) if values.get("parent") else None
    key = values.get("key") or public_id()
    return render_template("forums/reply.html", topic=topic, parent=parent, values=values, errors=errors, key=key)


@pages.get("/p/<uid>/edit")
@needs("forums.edit_post")
def edit_form(uid: str) -> Answer:
    """The form to edit a post."""
    post = visible_post(actor(), uid)
    require(actor(), "forums.edit_post", post)
    draft = drafts.find(actor(), f"edit:{uid}")
    values = {
        "text": draft["text"] if draft else posts.editable_source(post),
        "title": post.topic.title,
        "reason": "",
        "edit_count": post.edit_count,
        "draft_at": draft["updated_at"] if draft else 0,
    }
    return _edit_form(post, values, {})


def _edit_form(post: refs.PostRef, values: dict[str, Any], errors: dict[str, list[str]]) -> Answer:
    page = render_template("forums/edit.html", post=post, topic=post.topic, values=values, errors=errors)
    return page, 422 if errors else 200


@pages.post("/p/<uid>/edit")
@needs("forums.edit_post")
def edit(uid: str) -> Answer:
    """Change a post."""
    post = visible_post(actor(), uid)
    try:
        values = load_form(EditForm, request.form)
        posts.edit(
            actor(),
            uid,
            source=values["text"],
            title=values["title"],
            reason=values["reason"],
            edit_count=values["edit_count"],
        )
    except Refusal as refusal:
        return _edit_form(post, request.form.to_dict(), errors_of(refusal))
    drafts.drop(actor(), f"edit:{uid}")
    return redirect(post.url, 303)


@pages.post("/preview")
@needs("forums.read")
def preview() -> Answer:
    """A text as it will look, by the final renderer."""
    if not any(may(actor(), name) for name in ("forums.reply", "forums.open_topic", "forums.edit_post")):
        raise NotFound()
    text = request.form.get("text", "")[: cooking.MAX_LENGTH]
    return render_template("forums/preview.html", body=cooked_markup(cooking.cook(text).html), empty=not text.strip())


