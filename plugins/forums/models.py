"""The forums' tables. Hot paths read and write them with prepared SQL in ``services/``; nothing else changes them.

Times are milliseconds since 1970 UTC. ``version`` rises with every change that a reader can see: what is rendered
is kept in memory under it.
"""

from __future__ import annotations

import peewee

from ecrm_server.api import JSONText, MillisField, Model, Profile, UidField


class State(Model):
    """One row (id 1). Its numbers rise when categories (``category_version``) or lists (``list_version``) change."""

    category_version = peewee.BigIntegerField(default=1)
    list_version = peewee.BigIntegerField(default=1)

    class Meta:
        table_name = "forums_state"


class Category(Model):
    """A place for topics; ``last_*`` and counters are kept by the services in the transaction of each change."""

    uid = UidField()
    parent = peewee.ForeignKeyField("self", null=True, backref="+", on_delete="RESTRICT")
    name = peewee.CharField(max_length=80)
    slug = peewee.CharField(max_length=80)
    description = peewee.TextField(default="")
    colour = peewee.SmallIntegerField(default=0)
    """One of the palette's twelve, 0 to 11."""
    icon = peewee.CharField(max_length=40, default="messages")
    position = peewee.IntegerField(default=0)
    topic_count = peewee.IntegerField(default=0)
    post_count = peewee.IntegerField(default=0)
    last_topic_id = peewee.BigIntegerField(null=True)
    demo = peewee.BooleanField(default=False)
    created_at = MillisField()

    class Meta:
        table_name = "forums_category"


class CategoryGrant(Model):
    """What a role may do in a category. A category without grants has those of its parent.

    subject: a role's name, or ``group:<key>``. level: ``see``, ``reply`` (and see) or ``create`` (and both).
    """

    category = peewee.ForeignKeyField(Category, backref="+", on_delete="CASCADE")
    subject = peewee.CharField(max_length=60)
    level = peewee.CharField(max_length=10)

    class Meta:
        table_name = "forums_category_grant"
        primary_key = peewee.CompositeKey("category", "subject")


class Tag(Model):
    """A label of topics. The description of an imported tag keeps its source and licence."""

    name = peewee.CharField(max_length=35, unique=True)
    topic_count = peewee.IntegerField(default=0)
    description = peewee.TextField(default="")
    source_url = peewee.CharField(max_length=500, default="")
    author_name = peewee.CharField(max_length=120, default="")
    licence = peewee.CharField(max_length=40, default="")

    class Meta:
        table_name = "forums_tag"


class Topic(Model):
    """A conversation. Its text is its first post.

    ``listed`` is true unless the topic is deleted or held; lists and counters know only listed topics. ``tags`` repeats
    the names of its tags, separated by blanks, so that lists need no further query. ``last_number`` counts every
    post ever written in it; ``last_position`` those that are not comments.
    """

    uid = UidField()
    category = peewee.ForeignKeyField(Category, backref="+", on_delete="RESTRICT")
    title = peewee.CharField(max_length=200)
    slug = peewee.CharField(max_length=80)
    author = peewee.ForeignKeyField(Profile, null=True, backref="+", on_delete="SET NULL")
    author_name = peewee.CharField(max_length=120, default="")
    """Shown where there is no profile: the name an imported author had. Empty: a deleted person."""
    first_post_id = peewee.BigIntegerField(null=True)
    last_post_at = MillisField()
    last_author = peewee.ForeignKeyField(Profile, null=True, backref="+", on_delete="SET NULL")
    last_author_name = peewee.CharField(max_length=120, default="")
    reply_count = peewee.IntegerField(default=0)
    last_number = peewee.IntegerField(default=0)
    last_position = peewee.IntegerField(default=0)
    view_count = peewee.IntegerField(default=0)
    score = peewee.IntegerField(default=0)
    """The score of the first post."""
    link_count = peewee.IntegerField(default=0)
    accepted_post_id = peewee.BigIntegerField(null=True)
    tags = peewee.TextField(default="")
    pinned = peewee.BooleanField(default=False)
    closed = peewee.BooleanField(default=False)
    closed_at = MillisField(null=True, default=None)
    """When it was closed, for imported topics at their source; None also where nobody knows."""
    held = peewee.BooleanField(default=False)
    """Waiting for, or hidden by, a moderator: only they and the author see it."""
    deleted_at = MillisField(null=True, default=None)
    deleted_by = peewee.ForeignKeyField(Profile, null=True, backref="+", on_delete="SET NULL")
    listed = peewee.BooleanField(default=True)
    created_at = MillisField()
    bumped_at = MillisField()
    version = peewee.BigIntegerField(default=1)

    class Meta:
        table_name = "forums_topic"


class Post(Model):
    """What somebody wrote: the first post of a topic, a reply, or (with ``parent``) a comment on one of these.

    ``number`` runs through all posts of the topic in the order they came. ``position`` runs through those that are no
    comments; a comment has its parent's, so that one range of positions is one page. score = up + anonymous_up -
    down - anonymous_down; anonymous votes are those an import brought without voters.
    """

    uid = UidField()
    topic = peewee.ForeignKeyField(Topic, backref="+", on_delete="CASCADE")
    parent = peewee.ForeignKeyField("self", null=True, backref="+", on_delete="CASCADE")
    author = peewee.ForeignKeyField(Profile, null=True, backref="+", on_delete="SET NULL")
    author_name = peewee.CharField(max_length=120, default="")
    number = peewee.IntegerField()
    position = peewee.IntegerField()
    score = peewee.IntegerField(default=0)
    up = peewee.IntegerField(default=0)
    down = peewee.IntegerField(default=0)
    anonymous_up = peewee.IntegerField(default=0)
    anonymous_down = peewee.IntegerField(default=0)
    accepted = peewee.BooleanField(default=False)
    held = peewee.BooleanField(default=False)
    created_at = MillisField()
    edited_at = MillisField(null=True, default=None)
    edit_count = peewee.IntegerField(default=0)
    """Edits made here; those an import tells of have only ``edited_at``."""
    deleted_at = MillisField(null=True, default=None)
    deleted_by = peewee.ForeignKeyField(Profile, null=True, backref="+", on_delete="SET NULL")
    version = peewee.BigIntegerField(default=1)
    source_format = peewee.CharField(max_length=10, default="markdown")
    """``markdown``, ``html`` (imported; becomes Markdown when edited) or ``comment`` (imported, short Markdown)."""
    source_name = peewee.CharField(max_length=120, default="")
    """The site an imported post comes from; empty for posts written here, and so are the next four."""
    source_id = peewee.CharField(max_length=60, null=True)
    source_url = peewee.CharField(max_length=500, default="")
    author_url = peewee.CharField(max_length=500, default="")
    licence = peewee.CharField(max_length=40, default="")
    excerpt = peewee.CharField(max_length=300, default="")
    source = peewee.TextField()
    """What the author wrote, in ``source_format``."""
    html = peewee.TextField()
    """The source cooked: safe to print."""

    class Meta:
        table_name = "forums_post"


class PostVote(Model):
    """A person's vote: 1 or -1. A vote withdrawn is a row deleted."""

    post = peewee.ForeignKeyField(Post, backref="+", on_delete="CASCADE")
    profile = peewee.ForeignKeyField(Profile, backref="+", on_delete="CASCADE")
    value = peewee.SmallIntegerField()
    at = MillisField()

    class Meta:
        table_name = "forums_post_vote"
        primary_key = peewee.CompositeKey("post", "profile")


class Revision(Model):
    """What a post (and, for a first post, the title) was before an edit."""

    uid = UidField()
    post = peewee.ForeignKeyField(Post, backref="+", on_delete="CASCADE")
    title = peewee.CharField(max_length=200, null=True)
    source = peewee.TextField()
    source_format = peewee.CharField(max_length=10)
    editor = peewee.ForeignKeyField(Profile, null=True, backref="+", on_delete="SET NULL")
    reason = peewee.CharField(max_length=200, default="")
    at = MillisField()

    class Meta:
        table_name = "forums_revision"


class TopicTag(Model):
    """A tag on a topic."""

    tag = peewee.ForeignKeyField(Tag, backref="+", on_delete="CASCADE")
    topic = peewee.ForeignKeyField(Topic, backref="+", on_delete="CASCADE")

    class Meta:
        table_name = "forums_topic_tag"
        primary_key = peewee.CompositeKey("tag", "topic")


class TopicLink(Model):
    """A topic that points to another one. kind: ``linked`` or ``duplicate``."""

    topic = peewee.ForeignKeyField(Topic, backref="+", on_delete="CASCADE")
    target = peewee.ForeignKeyField(Topic, backref="+", on_delete="CASCADE")
    kind = peewee.CharField(max_length=10)
    at = MillisField()

    class Meta:
        table_name = "forums_topic_link"
        primary_key = peewee.CompositeKey("topic", "target", "kind")


class Mention(Model):
    """A person called by name in a post."""

    post = peewee.ForeignKeyField(Post, backref="+", on_delete="CASCADE")
    profile = peewee.ForeignKeyField(Profile, backref="+", on_delete="CASCADE")

    class Meta:
        table_name = "forums_mention"
        primary_key = peewee.CompositeKey("post", "profile")


class ReadState(Model):
    """How far an account has read a topic: the highest ``number`` it has seen."""

    account_id = peewee.BigIntegerField()
    topic = peewee.ForeignKeyField(Topic, backref="+", on_delete="CASCADE")
    last_read = peewee.IntegerField()
    seen_at = MillisField()

    class Meta:
        table_name = "forums_read_state"
        primary_key = peewee.CompositeKey("account_id", "topic")


class Reader(Model):
    """An account that marked everything as read: topics that did not move since ``read_before`` count as read."""

    account_id = peewee.BigIntegerField(primary_key=True)
    read_before = MillisField()

    class Meta:
        table_name = "forums_reader"


class Watch(Model):
    """What an account wants to hear of. kind: ``topic``, ``category`` or ``tag``. level: ``watch`` or ``mute``."""

    account_id = peewee.BigIntegerField()
    kind = peewee.CharField(max_length=10)
    target_id = peewee.BigIntegerField()
    level = peewee.CharField(max_length=10)
    at = MillisField()

    class Meta:
        table_name = "forums_watch"
        primary_key = peewee.CompositeKey("account_id", "kind", "target_id")


class Draft(Model):
    """A text not sent yet. context: ``topic:new``, ``reply:<topic>``, ``edit:<post>``, ``comment:<post>`` (uids)."""

    account_id = peewee.BigIntegerField()
    context = peewee.CharField(max_length=80)
    title = peewee.CharField(max_length=200, default="")
    text = peewee.TextField()
    more = JSONText(default=dict)
    updated_at = MillisField()

    class Meta:
        table_name = "forums_draft"
        primary_key = peewee.CompositeKey("account_id", "context")


class Sent(Model):
    """What a browser sent under a key of its own, for a week: ``made`` is the public id of what it made."""

    account_id = peewee.BigIntegerField()
    key = peewee.CharField(max_length=40)
    made = peewee.CharField(max_length=40)
    at = MillisField(index=True)

    class Meta:
        table_name = "forums_sent"
        primary_key = peewee.CompositeKey("account_id", "key")


class Badge(Model):
    """A badge that an import brought. grade: ``gold``, ``silver`` or ``bronze``."""

    source_name = peewee.CharField(max_length=120)
    name = peewee.CharField(max_length=80)
    grade = peewee.CharField(max_length=10)
    tag_based = peewee.BooleanField(default=False)

    class Meta:
        table_name = "forums_badge"
        indexes = ((("source_name", "name", "grade", "tag_based"), True),)


class Award(Model):
    """A badge given to a person."""

    badge = peewee.ForeignKeyField(Badge, backref="+", on_delete="CASCADE")
    profile = peewee.ForeignKeyField(Profile, backref="+", on_delete="CASCADE")
    source_id = peewee.CharField(max_length=60, null=True)
    at = MillisField()

    class Meta:
        table_name = "forums_award"
        indexes = ((("badge", "source_id"), True),)
