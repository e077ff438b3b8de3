"""Removing the demo, and what visitors wrote in it."""

from __future__ import annotations

from ecrm_server.api import Prepared, delete_attached_files, search_index

from ..services import categories, counters, files, state
from ..services.indexing import KIND

_UIDS = Prepared(
    "SELECT p.uid FROM forums_post p JOIN forums_topic t ON t.id = p.topic_id JOIN forums_category c"
    " ON c.id = t.category_id WHERE c.demo"
)
_DEMO = "(SELECT id FROM forums_category WHERE demo)"
_WATCHED = (
    Prepared(f"DELETE FROM forums_watch WHERE kind = 'category' AND target_id IN {_DEMO}"),
    Prepared(
        "DELETE FROM forums_watch WHERE kind = 'topic' AND target_id IN"
        f" (SELECT id FROM forums_topic WHERE category_id IN {_DEMO})"
    ),
)
_TOPICS = Prepared(f"DELETE FROM forums_topic WHERE category_id IN {_DEMO}")
# Categories that a visitor made inside the demo's go up to the top, with what is in them.
_FREED = Prepared(
    f"UPDATE forums_category SET parent_id = NULL WHERE NOT demo AND parent_id IN {_DEMO}"
)
_LEAVES = Prepared(
    "DELETE FROM forums_category WHERE demo AND id NOT IN"
    " (SELECT parent_id FROM forums_category WHERE parent_id IS NOT NULL)"
)
_UNUSED_TAGS = Prepared(
    "DELETE FROM forums_tag WHERE description = '' AND id NOT IN (SELECT tag_id FROM forums_topic_tag)"
)


def remove() -> None:
    """Remove it all in the caller's transaction. Tags that nothing carries any more go too."""
    uids = [uid for (uid,) in _UIDS.tuples()]
    search_index.remove_many(KIND, uids)
    for uid in uids:
        delete_attached_files(files.KIND, uid)
    for statement in _WATCHED:
        statement.run()
    _TOPICS.run()
    _FREED.run()
    for _ in range(categories.MAX_DEPTH):
        _LEAVES.run()
    counters.recount()
    _UNUSED_TAGS.run()
    state.categories_changed()
