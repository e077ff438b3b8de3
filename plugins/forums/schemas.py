"""What comes in through forms, the REST API and the settings page; unknown fields are refused everywhere."""

from __future__ import annotations

import marshmallow
from marshmallow import fields, validate

from ecrm_server.api import CursorSchema, Flag, Instant

from .services.categories import COLOURS
from .services.cooking import MAX_LENGTH, MAX_TITLE, MIN_TITLE
from .services.posts import MAX_REASON
from .services.sent import MAX_KEY


class SettingsSchema(marshmallow.Schema):
    """Settings of the forums."""

    tags_enabled = fields.Boolean(
        load_default=True, metadata={"title": "Tags", "help": "Topics can carry up to five tags."}
    )
    newcomer_posts_per_hour = fields.Integer(
        load_default=5,
        validate=validate.Range(0, 1000),
        metadata={
            "title": "Posts an hour for newcomers",
            "help": "For members whose first posts still wait for a moderator. 0 sets no limit.",
        },
    )
    feed_entries = fields.Integer(
        load_default=30,
        validate=validate.Range(1, 200),
        metadata={"title": "Entries in a feed", "help": "How many of the newest topics the Atom feeds hold."},
    )


def _text(title: str = "Text", **options: object) -> fields.String:
    return fields.String(
        required=True,
        validate=validate.Length(1, MAX_LENGTH, error="Write something first."),
        metadata={"title": title, "widget": "textarea", **options},
    )


class TopicForm(marshmallow.Schema):
    """A new topic. tags: names separated by blanks or commas. key: the browser's own, so that it is opened once."""

    category = fields.String(
        required=True, validate=validate.Length(min=1, error="Choose a category."), metadata={"title": "Category"}
    )
    title = fields.String(
        required=True,
        validate=validate.Length(MIN_TITLE, MAX_TITLE, error=f"A title has {MIN_TITLE} to {MAX_TITLE} characters."),
        metadata={"title": "Title"},
    )
    text = _text()
    tags = fields.String(load_default="", validate=validate.Length(max=300), metadata={"title": "Tags"})
    key = fields.String(load_default="", validate=validate.Length(max=MAX_KEY))


class ReplyForm(marshmallow.Schema):
    """A reply, or with ``parent`` (uid of a post) a comment. key: the browser's own, so that it is written once."""

    text = _text()
    parent = fields.String(load_default="", validate=validate.Length(max=40))
    key = fields.String(load_default="", validate=validate.Length(max=MAX_KEY))


class EditForm(marshmallow.Schema):
    """A changed post. edit_count: the one the editor started from."""

    text = _text()
    title = fields.String(load_default="", validate=validate.Length(max=MAX_TITLE), metadata={"title": "Title"})
    reason = fields.String(
        load_default="",
        validate=validate.Length(max=MAX_REASON),
        metadata={"title": "What you changed", "help": "Shown in the post's history."},
    )
    edit_count = fields.Integer(required=True)


class CategoryForm(marshmallow.Schema):
    """A category."""

    name = fields.String(required=True, validate=validate.Length(1, 80), metadata={"title": "Name"})
    description = fields.String(
        load_default="",
        validate=validate.Length(max=500),
        metadata={"title": "Description", "help": "One or two sentences."},
    )
    parent = fields.String(load_default="", metadata={"title": "Inside", "widget": "select"})
    colour = fields.Integer(
        load_default=0, validate=validate.Range(0, COLOURS - 1), metadata={"title": "Colour", "widget": "select"}
    )
    icon = fields.String(
        load_default="messages", validate=validate.Regexp(r"[a-z0-9-]{1,40}$"), metadata={"title": "Icon"}
    )
    position = fields.Integer(
        load_default=0,
        validate=validate.Range(0, 10_000),
        metadata={"title": "Position", "help": "Smaller comes first."},
    )


class DraftForm(marshmallow.Schema):
    """A text that is not sent yet; an empty one removes the draft."""

    context = fields.String(required=True, validate=validate.Regexp(r"[a-z]+:[A-Za-z0-9]{1,40}$"))
    title = fields.String(load_default="", validate=validate.Length(max=MAX_TITLE))
    text = fields.String(load_default="", validate=validate.Length(max=MAX_LENGTH))


class TopicQuery(CursorSchema):
    """Which topics: of a category (uid), with a tag; order ``latest`` or ``newest``."""

    category = fields.String(load_default="", metadata={"description": "Public id of a category."})
    tag = fields.String(load_default="", metadata={"description": "Name of a tag."})
    order = fields.String(load_default="latest", validate=validate.OneOf(["latest", "newest"]))


class AttributionSchema(marshmallow.Schema):
    """Where an imported post comes from, and under which licence it stands."""

    source = fields.String()
    url = fields.String()
    author = fields.String()
    author_url = fields.String()
    licence = fields.String()
    licence_url = fields.String()


class TopicSchema(marshmallow.Schema):
    """A topic."""

    uid = fields.String()
    title = fields.String()
    url = fields.Function(lambda row: f"/forums/t/{row['slug']}/{row['uid']}")
    category = fields.String()
    tags = fields.List(fields.String())
    author = fields.String()
    author_uid = fields.String(allow_none=True)
    replies = fields.Integer(attribute="reply_count")
    views = fields.Integer(attribute="view_count")
    score = fields.Integer()
    solved = fields.Function(lambda row: row["accepted_post_id"] is not None)
    pinned = Flag()
    closed = Flag()
    closed_at = Instant(allow_none=True)
    created_at = Instant()
    moved_at = Instant(attribute="bumped_at")


class TopicPage(marshmallow.Schema):
    """A page of topics."""

    items = fields.List(fields.Nested(TopicSchema))
    next = fields.String(allow_none=True)


class TopicInput(marshmallow.Schema):
    """A new topic."""

    category = fields.String(required=True, metadata={"description": "Public id of a category."})
    title = fields.String(required=True, validate=validate.Length(MIN_TITLE, MAX_TITLE))
    text = fields.String(required=True, validate=validate.Length(1, MAX_LENGTH), metadata={"description": "Markdown."})
    tags = fields.List(
        fields.String(validate=validate.Length(max=60)), load_default=list, validate=validate.Length(max=5)
    )


class PostSchema(marshmallow.Schema):
    """A post. ``parent`` is set for comments; ``format`` says what ``text`` is written in."""

    uid = fields.String()
    number = fields.Integer()
    parent = fields.String(allow_none=True)
    url = fields.Function(lambda row: f"/forums/p/{row['uid']}")
    author = fields.String()
    author_uid = fields.String(allow_none=True)
    text = fields.String(attribute="source")
    format = fields.String(attribute="source_format")
    html = fields.String()
    score = fields.Integer()
    accepted = Flag()
    held = Flag()
    created_at = Instant()
    edited_at = Instant(allow_none=True)
    attribution = fields.Nested(AttributionSchema, allow_none=True)


class PostPage(marshmallow.Schema):
    """A page of posts."""

    items = fields.List(fields.Nested(PostSchema))
    next = fields.String(allow_none=True)


class PostInput(marshmallow.Schema):
    """A reply, or with ``parent`` a comment."""

    text = fields.String(required=True, validate=validate.Length(1, MAX_LENGTH), metadata={"description": "Markdown."})
    parent = fields.String(load_default="", metadata={"description": "Public id of the post to comment on."})


class PostChange(marshmallow.Schema):
    """A changed text."""

    text = fields.String(required=True, validate=validate.Length(1, MAX_LENGTH), metadata={"description": "Markdown."})
    title = fields.String(load_default="", validate=validate.Length(max=MAX_TITLE))
    reason = fields.String(load_default="", validate=validate.Length(max=MAX_REASON))


class CategorySchema(marshmallow.Schema):
    """A category."""

    uid = fields.String()
    name = fields.String()
    description = fields.String()
    parent = fields.String(allow_none=True)
    url = fields.String()
    topics = fields.Integer()
    posts = fields.Integer()


class TagSchema(marshmallow.Schema):
    """A tag."""

    name = fields.String()
    topics = fields.Integer(attribute="topic_count")
    description = fields.String()
