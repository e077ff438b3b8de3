"""The forums' tables."""

from peewee import (
    BigIntegerField,
    BooleanField,
    CharField,
    CompositeKey,
    ForeignKeyField,
    IntegerField,
    SmallIntegerField,
    TextField,
)

# Indexes by the queries that are run. `listed` ones hold only what lists show.
INDEXES = (
    "CREATE INDEX forums_topic_latest ON forums_topic (bumped_at, id) WHERE listed",
    "CREATE INDEX forums_topic_category ON forums_topic (category_id, pinned, bumped_at, id) WHERE listed",
    "CREATE INDEX forums_topic_top ON forums_topic (score, id) WHERE listed",
    "CREATE INDEX forums_topic_created ON forums_topic (created_at, id) WHERE listed",
    "CREATE INDEX forums_topic_author ON forums_topic (author_id, id)",
    "CREATE INDEX forums_post_page ON forums_post (topic_id, position, number)",
    "CREATE UNIQUE INDEX forums_post_number ON forums_post (topic_id, number)",
    "CREATE INDEX forums_post_author ON forums_post (author_id, id)",
    "CREATE INDEX forums_post_parent ON forums_post (parent_id) WHERE parent_id IS NOT NULL",
    "CREATE UNIQUE INDEX forums_post_source ON forums_post (source_name, source_id) WHERE source_id IS NOT NULL",
    "CREATE INDEX forums_revision_post ON forums_revision (post_id, id)",
    "CREATE INDEX forums_topic_tag_topic ON forums_topic_tag (topic_id)",
    "CREATE INDEX forums_topic_link_target ON forums_topic_link (target_id)",
    "CREATE INDEX forums_post_vote_profile ON forums_post_vote (profile_id)",
    "CREATE INDEX forums_mention_profile ON forums_mention (profile_id)",
    "CREATE INDEX forums_read_state_topic ON forums_read_state (topic_id)",
    "CREATE INDEX forums_watch_target ON forums_watch (kind, target_id)",
)
TABLES = (
    "award", "badge", "draft", "watch", "reader", "read_state", "mention", "topic_link", "topic_tag", "revision",
    "post_vote", "post", "topic", "tag", "category_grant", "category", "state",
)  # fmt: skip


def up(migrator, db):
    class Profile(db.Model):
        class Meta:
            table_name = "profile"

    tables = [*_places(db, Profile)]
    tag, topic = tables[-2:]
    tables += _writings(db, Profile, tag, topic)
    tables += _personal(db, Profile, topic)
    db.create_tables(tables)
    for statement in INDEXES:
        db.execute_sql(statement)
    db.execute_sql("INSERT INTO forums_state (id, category_version, list_version) VALUES (1, 1, 1)")


def _link(model, *, null=False, on_delete="CASCADE", index=False):
    return ForeignKeyField(model, null=null, backref="+", on_delete=on_delete, index=index)


def _places(db, profiles):
    """State, categories, grants, tags, topics."""

    class State(db.Model):
        category_version = BigIntegerField()
        list_version = BigIntegerField()

        class Meta:
            table_name = "forums_state"

    class Category(db.Model):
        uid = CharField(max_length=40, unique=True)
        parent = _link("self", null=True, on_delete="RESTRICT")
        name = CharField(max_length=80)
        slug = CharField(max_length=80)
        description = TextField()
        colour = SmallIntegerField()
        icon = CharField(max_length=40)
        position = IntegerField()
        topic_count = IntegerField()
        post_count = IntegerField()
        last_topic_id = BigIntegerField(null=True)
        demo = BooleanField()
        created_at = BigIntegerField()

        class Meta:
            table_name = "forums_category"

    class CategoryGrant(db.Model):
        category = _link(Category)
        subject = CharField(max_length=60)
        level = CharField(max_length=10)

        class Meta:
            table_name = "forums_category_grant"
            primary_key = CompositeKey("category", "subject")

    class Tag(db.Model):
        name = CharField(max_length=35, unique=True)
        topic_count = IntegerField()
        description = TextField()
        source_url = CharField(max_length=500)
        author_name = CharField(max_length=120)
        licence = CharField(max_length=40)

        class Meta:
            table_name = "forums_tag"

    return State, Category, CategoryGrant, Tag, _topic(db, profiles, Category)


def _topic(db, profiles, categories):
    class Topic(db.Model):
        uid = CharField(max_length=40, unique=True)
        category = _link(categories, on_delete="RESTRICT")
        title = CharField(max_length=200)
        slug = CharField(max_length=80)
        author = _link(profiles, null=True, on_delete="SET NULL")
        author_name = CharField(max_length=120)
        first_post_id = BigIntegerField(null=True)
        last_post_at = BigIntegerField()
        last_author = _link(profiles, null=True, on_delete="SET NULL")
        last_author_name = CharField(max_length=120)
        reply_count = IntegerField()
        last_number = IntegerField()
        last_position = IntegerField()
        view_count = IntegerField()
        score = IntegerField()
        link_count = IntegerField()
        accepted_post_id = BigIntegerField(null=True)
        tags = TextField()
        pinned = BooleanField()
        closed = BooleanField()
        held = BooleanField()
        deleted_at = BigIntegerField(null=True)
        deleted_by = _link(profiles, null=True, on_delete="SET NULL")
        listed = BooleanField()
        created_at = BigIntegerField()
        bumped_at = BigIntegerField()
        version = BigIntegerField()

        class Meta:
            table_name = "forums_topic"

    return Topic


def _writings(db, profiles, tags, topics):
    """Posts and what hangs on them, tags and links of topics."""
    posts = _post(db, profiles, topics)

    class PostVote(db.Model):
        post = _link(posts)
        profile = _link(profiles)
        value = SmallIntegerField()
        at = BigIntegerField()

        class Meta:
            table_name = "forums_post_vote"
            primary_key = CompositeKey("post", "profile")

    class Revision(db.Model):
        uid = CharField(max_length=40, unique=True)
        post = _link(posts)
        title = CharField(max_length=200, null=True)
        source = TextField()
        source_format = CharField(max_length=10)
        editor = _link(profiles, null=True, on_delete="SET NULL")
        reason = CharField(max_length=200)
        at = BigIntegerField()

        class Meta:
            table_name = "forums_revision"

    class TopicTag(db.Model):
        tag = _link(tags)
        topic = _link(topics)

        class Meta:
            table_name = "forums_topic_tag"
            primary_key = CompositeKey("tag", "topic")

    class TopicLink(db.Model):
        topic = _link(topics)
        target = _link(topics)
        kind = CharField(max_length=10)
        at = BigIntegerField()

        class Meta:
            table_name = "forums_topic_link"
            primary_key = CompositeKey("topic", "target", "kind")

    class Mention(db.Model):
        post = _link(posts)
        profile = _link(profiles)

        class Meta:
            table_name = "forums_mention"
            primary_key = CompositeKey("post", "profile")

    return [posts, PostVote, Revision, TopicTag, TopicLink, Mention]


def _post(db, profiles, topics):
    class Post(db.Model):
        uid = CharField(max_length=40, unique=True)
        topic = _link(topics)
        parent = _link("self", null=True)
        author = _link(profiles, null=True, on_delete="SET NULL")
        author_name = CharField(max_length=120)
        number = IntegerField()
        position = IntegerField()
        score = IntegerField()
        up = IntegerField()
        down = IntegerField()
        anonymous_up = IntegerField()
        anonymous_down = IntegerField()
        accepted = BooleanField()
        held = BooleanField()
        created_at = BigIntegerField()
        edited_at = BigIntegerField(null=True)
        edit_count = IntegerField()
        deleted_at = BigIntegerField(null=True)
        deleted_by = _link(profiles, null=True, on_delete="SET NULL")
        version = BigIntegerField()
        source_format = CharField(max_length=10)
        source_name = CharField(max_length=120)
        source_id = CharField(max_length=60, null=True)
        source_url = CharField(max_length=500)
        author_url = CharField(max_length=500)
        licence = CharField(max_length=40)
        excerpt = CharField(max_length=300)
        # The long texts come last: SQLite reads a row's columns in order and stops at the last one asked for.
        source = TextField()
        html = TextField()

        class Meta:
            table_name = "forums_post"

    return Post


def _personal(db, profiles, topics):
    """What the forums keep for each account, and badges."""

    class ReadState(db.Model):
        account_id = BigIntegerField()
        topic = _link(topics)
        last_read = IntegerField()
        seen_at = BigIntegerField()

        class Meta:
            table_name = "forums_read_state"
            primary_key = CompositeKey("account_id", "topic")

    class Reader(db.Model):
        account_id = BigIntegerField(primary_key=True)
        read_before = BigIntegerField()

        class Meta:
            table_name = "forums_reader"

    class Watch(db.Model):
        account_id = BigIntegerField()
        kind = CharField(max_length=10)
        target_id = BigIntegerField()
        level = CharField(max_length=10)
        at = BigIntegerField()

        class Meta:
            table_name = "forums_watch"
            primary_key = CompositeKey("account_id", "kind", "target_id")

    class Draft(db.Model):
        account_id = BigIntegerField()
        context = CharField(max_length=80)
        title = CharField(max_length=200)
        text = TextField()
        more = TextField()
        updated_at = BigIntegerField()

        class Meta:
            table_name = "forums_draft"
            primary_key = CompositeKey("account_id", "context")

    class Badge(db.Model):
        source_name = CharField(max_length=120)
        name = CharField(max_length=80)
        grade = CharField(max_length=10)
        tag_based = BooleanField()

        class Meta:
            table_name = "forums_badge"
            indexes = ((("source_name", "name", "grade", "tag_based"), True),)

    class Award(db.Model):
        badge = _link(Badge)
        profile = _link(profiles, index=True)
        source_id = CharField(max_length=60, null=True)
        at = BigIntegerField()

        class Meta:
            table_name = "forums_award"
            indexes = ((("badge", "source_id"), True),)

    return [ReadState, Reader, Watch, Draft, Badge, Award]


def down(migrator, db):
    for table in TABLES:
        db.execute_sql(f"DROP TABLE forums_{table}")
