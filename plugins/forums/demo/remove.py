"""Removing the demo, and nothing that members wrote: a topic in which one of them had a say stays where it is."""

from __future__ import annotations

from flask_babel import ngettext

from ecrm_server.api import Prepared, delete_attached_files, search_index

from ..services import categories, counters, files, personal, state
from ..services.indexing import KIND

_DEMO_PEOPLE = "(SELECT id FROM profile WHERE demo)"
# Every post has an author among the demo's people. Whoever deleted the account was a member: such a post stays.
_DEMO_TOPICS = (
    f"(SELECT d.topic_id FROM forums_post d WHERE d.author_id IN {_DEMO_PEOPLE} AND NOT EXISTS"
    " (SELECT 1 FROM forums_post o WHERE o.topic_id = d.topic_id"
    f" AND (o.author_id IS NULL OR o.author_id NOT IN {_DEMO_PEOPLE})))"
)
_COUNTS = Prepared(
    "SELECT COUNT(DISTINCT topic_id) AS topics, COUNT(*) AS posts FROM forums_post"
    f" WHERE topic_id IN {_DEMO_TOPICS}"
)
_KEPT = Prepared(
    "SELECT COUNT(*) FROM forums_topic t JOIN forums_category c ON c.id = t.category_id"
    f" WHERE c.demo AND t.id NOT IN {_DEMO_TOPICS}"
)
_UIDS = Prepared(f"SELECT uid FROM forums_post WHERE topic_id IN {_DEMO_TOPICS}")
_TOPIC_WATCHES = Prepared(f"DELETE FROM forums_watch WHERE kind = 'topic' AND target_id IN {_DEMO_TOPICS}")
_TOPICS = Prepared(f"DELETE FROM forums_topic WHERE id IN {_DEMO_TOPICS}")
# A category stays with what it holds, and so does what it lies in: there stands who may read it.
_ADOPT = Prepared(
    "UPDATE forums_category SET demo = ?, description = REPLACE(description, 'Demo. ', '') WHERE demo AND"
    " (id IN (SELECT category_id FROM forums_topic) OR id IN"
    " (SELECT parent_id FROM forums_category WHERE NOT demo AND parent_id IS NOT NULL))"
)
_CATEGORY_WATCHES = Prepared(
    "DELETE FROM forums_watch WHERE kind = 'category' AND target_id IN"
    " (SELECT id FROM forums_category WHERE demo)"
)
_LEAVES = Prepared(
    "DELETE FROM forums_category WHERE demo AND id NOT IN"
    " (SELECT parent_id FROM forums_category WHERE parent_id IS NOT NULL)"
)
_UNUSED_TAGS = Prepared(
    "DELETE FROM forums_tag WHERE description = '' AND id NOT IN (SELECT tag_id FROM forums_topic_tag)"
)
_PEOPLE = Prepared("SELECT COALESCE(account_id, 0), id FROM profile WHERE demo")


def describe() -> list[str]:
    """What removing would delete, and what stays because members had a say in it."""
    counts, kept = _COUNTS.rows()[0], _KEPT.value()
    topics = ngettext("%(num)d topic of the demo", "%(num)d topics of the demo", counts["topics"])
    posts = ngettext("%(num)d post", "%(num)d posts", counts["posts"])
    told = [f"{topics}, {posts}"]
    if kept:
        told.append(
            ngettext(
                "%(num)d topic in which members wrote stays, and so does its category.",
                "%(num)d topics in which members wrote stay, and so do their categories.",
                kept,
            )
        )
    return told


def remove() -> None:
    """Remove it all in the caller's transaction. Tags that nothing carries any more go too."""
    uids = [uid for (uid,) in _UIDS.tuples()]
    search_index.remove_many(KIND, uids)
    for uid in uids:
        delete_attached_files(files.KIND, uid)
    _TOPIC_WATCHES.run()
    _TOPICS.run()
    for _ in range(categories.MAX_DEPTH):
        _ADOPT.run(False)
    _CATEGORY_WATCHES.run()
    for _ in range(categories.MAX_DEPTH):
        _LEAVES.run()
    for account_id, profile_id in _PEOPLE.tuples():
        personal.erase(account_id, profile_id)
    counters.recount()
    _UNUSED_TAGS.run()
    state.categories_changed()
