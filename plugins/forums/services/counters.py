"""What categories, topics and tags count, kept in the transaction of each change, and counted anew when asked."""

from __future__ import annotations

from ecrm_server.api import Prepared, transaction

from . import state

_TOPIC_IN = Prepared(
    "UPDATE forums_category SET topic_count = topic_count + 1, post_count = post_count + ?, last_topic_id = ?"
    " WHERE id = ?"
)
_POST_IN = Prepared("UPDATE forums_category SET post_count = post_count + 1, last_topic_id = ? WHERE id = ?")
_SHIFT = Prepared(
    "UPDATE forums_category SET topic_count = topic_count + ?, post_count = post_count + ?, last_topic_id ="
    " (SELECT id FROM forums_topic WHERE category_id = ? AND listed ORDER BY bumped_at DESC, id DESC LIMIT 1)"
    " WHERE id = ?"
)
_TAGS = Prepared(
    "UPDATE forums_tag SET topic_count = topic_count + ? WHERE id IN"
    " (SELECT tag_id FROM forums_topic_tag WHERE topic_id = ?)"
)
_RECOUNT_TOPICS = (
    "UPDATE forums_topic SET"
    " last_number = COALESCE((SELECT MAX(number) FROM forums_post p WHERE p.topic_id = forums_topic.id), 0),"
    " last_position = COALESCE((SELECT MAX(position) FROM forums_post p WHERE p.topic_id = forums_topic.id), 0),"
    " reply_count = (SELECT COUNT(*) FROM forums_post p WHERE p.topic_id = forums_topic.id"
    "   AND p.deleted_at IS NULL AND NOT p.held AND p.id <> forums_topic.first_post_id),"
    " score = COALESCE((SELECT score FROM forums_post p WHERE p.id = forums_topic.first_post_id), 0),"
    " link_count = (SELECT COUNT(*) FROM forums_topic_link l WHERE l.topic_id = forums_topic.id"
    "   OR l.target_id = forums_topic.id)"
)
_RECOUNT_LAST = (
    "UPDATE forums_topic SET last_post_at = p.created_at, bumped_at = p.created_at, last_author_id = p.author_id,"
    " last_author_name = p.author_name, version = forums_topic.version + 1 FROM forums_post p"
    " WHERE p.topic_id = forums_topic.id AND p.number = (SELECT MAX(n.number) FROM forums_post n"
    "   WHERE n.topic_id = forums_topic.id AND n.deleted_at IS NULL AND NOT n.held)"
)
_REFRESH_LAST = Prepared(_RECOUNT_LAST + " AND forums_topic.id = ?")
_LOCK_SOME = Prepared("SELECT id FROM forums_topic WHERE id BETWEEN ? AND ? ORDER BY id", lock=True)
_LOCK_CATEGORIES = Prepared("SELECT id FROM forums_category ORDER BY id", lock=True)
_LOCK_TWO = Prepared("SELECT id FROM forums_category WHERE id IN (?, ?) ORDER BY id", lock=True)
_LOCK_TAGS = Prepared("SELECT id FROM forums_tag ORDER BY id", lock=True)
_LOCK_TAGS_OF = Prepared(
    "SELECT id FROM forums_tag WHERE id IN (SELECT tag_id FROM forums_topic_tag WHERE topic_id = ?) ORDER BY id",
    lock=True,
)
_RECOUNT_SOME = Prepared(_RECOUNT_TOPICS + " WHERE id BETWEEN ? AND ?")
_RECOUNT_SOME_LAST = Prepared(_RECOUNT_LAST + " AND forums_topic.id BETWEEN ? AND ?")
_HIGHEST = Prepared("SELECT COALESCE(MAX(id), 0) FROM forums_topic")
RANGE = 200
"""Topics counted anew in one transaction: few, so that nobody who writes waits for long."""
_RECOUNT_CATEGORIES = Prepared(
    "UPDATE forums_category SET"
    " topic_count = (SELECT COUNT(*) FROM forums_topic t WHERE t.category_id = forums_category.id AND t.listed),"
    " post_count = (SELECT COALESCE(SUM(t.reply_count + 1), 0) FROM forums_topic t"
    "   WHERE t.category_id = forums_category.id AND t.listed),"
    " last_topic_id = (SELECT id FROM forums_topic t WHERE t.category_id = forums_category.id AND t.listed"
    "   ORDER BY t.bumped_at DESC, t.id DESC LIMIT 1)"
)
_RECOUNT_TAGS = Prepared(
    "UPDATE forums_tag SET topic_count = (SELECT COUNT(*) FROM forums_topic_tag x"
    " JOIN forums_topic t ON t.id = x.topic_id WHERE x.tag_id = forums_tag.id AND t.listed)"
)


def topic_came(category_id: int, topic_id: int, posts: int = 1) -> None:
    """A topic with so many posts is now listed in a category, as its newest."""
    _TOPIC_IN.run(posts, topic_id, category_id)


def post_came(category_id: int, topic_id: int) -> None:
    """A topic of the category has one more post and is its newest."""
    _POST_IN.run(topic_id, category_id)


def shift(category_id: int, topics: int, posts: int) -> None:
    """Add (or take away) listed topics and posts of a category, and look for its newest topic again."""
    _LOCK_TWO.rows(category_id, category_id)
    _SHIFT.run(topics, posts, category_id, category_id)


def move(before_id: int, after_id: int, posts: int) -> None:
    """A listed topic with so many posts went from one category to another."""
    _LOCK_TWO.rows(before_id, after_id)
    _SHIFT.run(-1, -posts, before_id, before_id)
    _SHIFT.run(1, posts, after_id, after_id)


def shift_tags(topic_id: int, topics: int) -> None:
    """The tags of a topic gained or lost a listed topic."""
    _LOCK_TAGS_OF.rows(topic_id)
    _TAGS.run(topics, topic_id)


def refresh_last_post(topic_id: int) -> None:
    """Let a topic's last post be the newest one that readers see."""
    _REFRESH_LAST.run(topic_id)


def recount() -> None:
    """Count everything anew from topics, posts, tags and links: after an import, and to mend what went wrong.

    People go on writing meanwhile, so what is counted is locked first: a number given twice would stop a topic.
    """
    for first in range(1, _HIGHEST.value() + 1, RANGE):
        with transaction():
            _LOCK_SOME.rows(first, first + RANGE - 1)
            _RECOUNT_SOME.run(first, first + RANGE - 1)
            _RECOUNT_SOME_LAST.run(first, first + RANGE - 1)
    with transaction():
        _LOCK_CATEGORIES.rows()
        _RECOUNT_CATEGORIES.run()
    with transaction():
        _LOCK_TAGS.rows()
        _RECOUNT_TAGS.run()
        state.lists_changed()
