"""The forums for programs, below ``/api/v1/forums``."""

from __future__ import annotations

from typing import Any

from flask import g

from ecrm_server.api import CursorSchema, RestBlueprint, decode_cursor, needs, rest_page

from . import schemas
from .services import categories, listing, lists, posts, tags, topics
from .services.permissions import access_of, visible_post, visible_topic

api = RestBlueprint("forums", __name__, description="Categories, topics and posts")


@api.route("/categories")
@api.response(200, schemas.CategorySchema(many=True))
@needs("forums.read")
def all_categories() -> list[dict[str, Any]]:
    """The categories one may read, each before those inside it."""
    access = access_of(g.actor)
    counted = categories.overview(access)
    return [
        {
            "uid": node.uid,
            "name": node.name,
            "description": node.description,
            "parent": node.path[-1].uid if node.path else None,
            "url": node.url,
            "topics": counted[node.id]["topic_count"],
            "posts": counted[node.id]["post_count"],
        }
        for node in access.nodes()
    ]


@api.route("/tags")
@api.response(200, schemas.TagSchema(many=True))
@needs("forums.read")
def all_tags() -> list[dict[str, Any]]:
    """The tags of topics one may read, most used first."""
    return tags.most_used(access_of(g.actor))


@api.route("/topics", methods=["GET"])
@api.arguments(schemas.TopicQuery, location="query")
@api.response(200, schemas.TopicPage)
@needs("forums.read")
def list_topics(query: dict[str, Any]) -> dict[str, Any]:
    """Topics by their last movement, or the newest first."""
    actor, access = g.actor, access_of(g.actor)
    limit = query["limit"]
    if query["category"]:
        node = access.find(query["category"])
        found = lists.of_category(actor, access, node, decode_cursor(query["cursor"], 3), limit)
    elif query["tag"]:
        tag = tags.find(query["tag"])
        found = lists.of_tag(actor, access, tag["id"], decode_cursor(query["cursor"], 2), limit)
    else:
        order = lists.newest if query["order"] == "newest" else lists.latest
        found = order(actor, access, decode_cursor(query["cursor"], 2), limit)
    return rest_page([listing.with_category(actor, row) for row in found.rows], found.next)


@api.route("/topics", methods=["POST"])
@api.arguments(schemas.TopicInput)
@api.response(201, schemas.TopicSchema)
@needs("forums.open_topic")
def open_topic(values: dict[str, Any]) -> dict[str, Any]:
    """Open a topic."""
    found = topics.open_topic(
        g.actor, values["category"], title=values["title"], source=values["text"], tag_names=values["tags"]
    )
    return listing.topic(g.actor, found)


@api.route("/topics/<uid>", methods=["GET"])
@api.response(200, schemas.TopicSchema)
@needs("forums.read")
def one_topic(uid: str) -> dict[str, Any]:
    """A topic, without its posts."""
    return listing.topic(g.actor, visible_topic(g.actor, uid))


@api.route("/topics/<uid>/posts", methods=["GET"])
@api.arguments(CursorSchema, location="query")
@api.response(200, schemas.PostPage)
@needs("forums.read")
def list_posts(query: dict[str, Any], uid: str) -> dict[str, Any]:
    """The posts of a topic in their order; imported ones with source, author and licence."""
    position = decode_cursor(query["cursor"], 1)
    rows, following = listing.posts(g.actor, uid, position[0] if position else 0, query["limit"])
    return rest_page(rows, None if following is None else [following])


@api.route("/topics/<uid>/posts", methods=["POST"])
@api.arguments(schemas.PostInput)
@api.response(201, schemas.PostSchema)
@needs("forums.reply")
def reply(values: dict[str, Any], uid: str) -> dict[str, Any]:
    """Reply to a topic, or comment on one of its posts."""
    written = posts.reply(g.actor, uid, source=values["text"], parent_uid=values["parent"] or None)
    return listing.post(written.uid)


@api.route("/posts/<uid>", methods=["GET"])
@api.response(200, schemas.PostSchema)
@needs("forums.read")
def one_post(uid: str) -> dict[str, Any]:
    """A post."""
    return listing.post(visible_post(g.actor, uid).uid)


@api.route("/posts/<uid>", methods=["PUT"])
@api.arguments(schemas.PostChange)
@api.response(200, schemas.PostSchema)
@needs("forums.edit_post")
def edit(values: dict[str, Any], uid: str) -> dict[str, Any]:
    """Change a post; what it was stays in its history."""
    posts.edit(g.actor, uid, source=values["text"], title=values["title"], reason=values["reason"])
    return listing.post(uid)


@api.route("/posts/<uid>", methods=["DELETE"])
@api.response(204)
@needs("forums.delete_post")
def delete(uid: str) -> None:
    """Delete a post softly; the first one takes its topic along."""
    posts.delete(g.actor, uid)
