from __future__ import annotations

import random
import threading
import time
import xml.etree.ElementTree as ET

import pytest

from ecrm_server.data import Prepared, database, transaction
from ecrm_server.errors import Conflict, Forbidden, NotFound, Refusal
from tests.plugins.forums.conftest import SOURCE, imported, uid_of_first

pytestmark = [pytest.mark.plugins("forums"), pytest.mark.usefixtures("both_engines")]

COUNTS = Prepared("SELECT topic_count, post_count, last_topic_id FROM forums_category WHERE id = ?")


def test_a_reply_is_counted_in_topic_and_category(forums, person):
    ada, ben = person("Ada"), person("Ben")
    category = forums.category()
    topic = forums.topic(ada, category)
    first = forums.reply(ben, topic)
    comment = forums.reply(ada, topic, "Thanks.", parent=first.uid)

    assert (first.number, first.position) == (2, 2)
    assert (comment.number, comment.position) == (3, 2)
    assert forums.refs.topic(topic.uid).reply_count == 2
    assert COUNTS.row(category.id) == {"topic_count": 1, "post_count": 3, "last_topic_id": topic.id}


def test_a_comment_on_a_comment_joins_it_below_the_same_post(forums, person):
    ada = person("Ada")
    topic = forums.topic(ada, forums.category())
    reply = forums.reply(ada, topic)
    comment = forums.reply(ada, topic, "One", parent=reply.uid)
    answer = forums.reply(ada, topic, "Two", parent=comment.uid)
    assert forums.refs.post(answer.uid).parent_id == reply.id


def test_deleting_and_restoring_leaves_every_counter_as_it_was(forums, person):
    ada, mod = person("Ada"), person("Mod", "moderator")
    category = forums.category()
    older = forums.topic(ada, category, "The older topic")
    topic = forums.topic(ada, category)
    reply = forums.reply(ada, topic)
    before = COUNTS.row(category.id), forums.refs.topic(topic.uid).reply_count

    forums.posts.delete(ada, reply.uid)
    forums.posts.delete(ada, reply.uid)
    assert COUNTS.row(category.id)["post_count"] == 2
    assert forums.refs.topic(topic.uid).reply_count == 0
    forums.posts.restore(ada, reply.uid)
    assert (COUNTS.row(category.id), forums.refs.topic(topic.uid).reply_count) == before

    forums.topics.delete(mod, topic.uid)
    assert COUNTS.row(category.id) == {"topic_count": 1, "post_count": 1, "last_topic_id": older.id}
    forums.topics.restore(mod, topic.uid)
    assert COUNTS.row(category.id) == before[0]


def test_counting_anew_finds_what_was_counted(forums, person):
    ada, ben, mod = person("Ada"), person("Ben"), person("Mod", "moderator")
    category = forums.category()
    topic = forums.topics.open_topic(mod, category.uid, title="Tagged", source="Text", tag_names=["brakes"])
    reply = forums.reply(ada, topic)
    forums.votes.vote(ben, uid_of_first(topic), 1)
    forums.posts.delete(ada, forums.reply(ada, topic).uid)
    tables = ("forums_topic", "forums_category", "forums_tag")

    def state():
        return [
            [{k: v for k, v in row.items() if k != "version"} for row in Prepared(f"SELECT * FROM {name}").rows()]
            for name in tables
        ]

    before = state()
    forums.counters.recount()
    assert state() == before
    assert forums.refs.topic(topic.uid).last_number == reply.number + 1


def test_counting_anew_while_somebody_replies_gives_no_number_twice(forums, person):
    ada = person("Ada")
    topic = forums.topic(ada, forums.category())
    counting = threading.Thread(target=_in_a_connection_of_its_own, args=(forums.counters.recount,))
    with transaction():
        forums.reply(ada, topic)
        counting.start()
        counting.join(0.3)
        assert counting.is_alive(), "counting did not wait for the reply"
    counting.join(10)
    assert forums.reply(ada, topic).number == 3
    assert Prepared("SELECT last_number, reply_count FROM forums_topic").row() == {"last_number": 3, "reply_count": 2}
    assert Prepared("SELECT post_count FROM forums_category").value() == 3


def _in_a_connection_of_its_own(work):
    with database.connection_context():
        work()


def test_moving_takes_counters_and_search_along(forums, person):
    ada, mod = person("Ada"), person("Mod", "moderator")
    here, there = forums.category("Here"), forums.category("There")
    topic = forums.topic(ada, here)
    forums.reply(ada, topic)
    forums.topics.move(mod, topic.uid, there.uid)
    assert COUNTS.row(here.id) == {"topic_count": 0, "post_count": 0, "last_topic_id": None}
    assert COUNTS.row(there.id) == {"topic_count": 1, "post_count": 2, "last_topic_id": topic.id}
    scopes = Prepared("SELECT DISTINCT scope FROM search_document WHERE kind = 'forums.post'").tuples()
    assert scopes == [(there.uid,)]


def test_an_edit_keeps_what_was_there_and_shows_what_changed(forums, person):
    ada = person("Ada")
    topic = forums.topic(ada, forums.category(), "Squealing brake", "They squeal.\nA lot.")
    uid = uid_of_first(topic)
    forums.posts.edit(ada, uid, source="They squeal.\nA little.", title="Squealing brakes", reason="calmed down")

    post, edits = forums.history.of_post(ada, uid)
    assert (post.topic.title, post.edit_count, edits[0]["reason"]) == ("Squealing brakes", 1, "calmed down")
    assert (edits[0]["title_before"], edits[0]["title_after"]) == ("Squealing brake", "Squealing brakes")
    changed = [line for line in edits[0]["lines"] if line.op == "changed"]
    assert ("removed", "lot") in changed[0].segments
    assert ("added", "little") in changed[0].segments


def test_an_edit_does_not_overwrite_another_one(forums, person):
    ada, mod = person("Ada"), person("Mod", "moderator")
    uid = uid_of_first(forums.topic(ada, forums.category()))
    forums.posts.edit(mod, uid, source="The moderator's text", edit_count=0)
    with pytest.raises(Conflict):
        forums.posts.edit(ada, uid, source="Ada's text", edit_count=0)
    assert forums.refs.post(uid).source == "The moderator's text"


def test_an_imported_post_becomes_markdown_when_edited_and_keeps_its_licence(forums, person):
    ada = person("Ada")
    uid = uid_of_first(forums.topic(ada, forums.category()))
    imported(uid)
    assert forums.posts.editable_source(forums.refs.post(uid)) == "Wipe the **rims**.\n"

    post = forums.posts.edit(ada, uid, source="Wipe the **rims** twice.")
    assert (post.source_format, post.licence, post.source_url) == ("markdown", SOURCE["licence"], SOURCE["source_url"])
    _, edits = forums.history.of_post(ada, uid)
    assert ("added", "twice") in [s for line in edits[0]["lines"] for s in line.segments] or "twice" in str(edits)


def test_a_quote_of_an_imported_post_keeps_source_author_and_licence(forums, person):
    ada = person("Ada")
    uid = uid_of_first(forums.topic(ada, forums.category()))
    imported(uid)
    quoted = forums.quoting.quote(ada, uid, "the rims")
    assert all(SOURCE[name] in quoted for name in ("source_url", "source_name", "author_url", "licence"))
    assert f"/forums/p/{uid}" in quoted


def test_a_newcomers_post_waits_and_counts_only_when_approved(forums, person, deliver):
    new, ada, mod = person("New", posts_reviewed=False), person("Ada"), person("Mod", "moderator")
    category = forums.category()
    topic = forums.topic(ada, category)
    reply = forums.reply(new, topic, "Buy my chains")

    assert forums.refs.post(reply.uid).held
    assert COUNTS.row(category.id)["post_count"] == 1
    assert forums.permissions.visible_post(new, reply.uid).uid == reply.uid
    with pytest.raises(NotFound):
        forums.permissions.visible_post(ada, reply.uid)
    assert not Prepared("SELECT 1 FROM event WHERE name = 'forums.replied'").rows()

    forums.moderating.approve(reply.uid, mod)
    forums.moderating.approve(reply.uid, mod)
    assert COUNTS.row(category.id)["post_count"] == 2
    assert len(Prepared("SELECT 1 FROM event WHERE name = 'forums.replied'").rows()) == 1
    deliver()
    assert Prepared("SELECT COUNT(*) FROM notice WHERE kind = 'forums.reply'").value() == 1


def test_a_newcomers_topic_waits_too(forums, person):
    new, mod = person("New", posts_reviewed=False), person("Mod", "moderator")
    category = forums.category()
    topic = forums.topic(new, category)
    assert topic.held
    assert COUNTS.row(category.id)["topic_count"] == 0
    forums.moderating.approve(uid_of_first(topic), mod)
    assert COUNTS.row(category.id) == {"topic_count": 1, "post_count": 1, "last_topic_id": topic.id}


def test_one_answer_is_accepted_at_a_time(forums, person):
    ada, ben = person("Ada"), person("Ben")
    topic = forums.topic(ada, forums.category())
    one, two = forums.reply(ben, topic), forums.reply(ben, topic)
    forums.topics.accept(ada, one.uid, True)
    forums.topics.accept(ada, two.uid, True)
    assert not forums.refs.post(one.uid).accepted
    assert forums.refs.topic(topic.uid).accepted_post_id == two.id
    forums.posts.delete(ben, two.uid)
    assert forums.refs.topic(topic.uid).accepted_post_id is None


def test_an_answer_is_accepted_once_and_not_taken_back_through_another_post(forums, person):
    ada, ben = person("Ada"), person("Ben")
    topic = forums.topic(ada, forums.category())
    one, two = forums.reply(ben, topic), forums.reply(ben, topic)
    for _ in range(2):
        forums.topics.accept(ada, one.uid, True)
    forums.topics.accept(ada, two.uid, False)
    assert forums.refs.topic(topic.uid).accepted_post_id == one.id
    assert Prepared("SELECT COUNT(*) FROM event WHERE name = 'forums.answer_accepted'").value() == 1


def test_a_reply_on_its_way_into_a_topic_that_is_hidden_or_moved_goes_nowhere_else(forums, person, monkeypatch):
    ada, mod = person("Ada"), person("Mod", "moderator")
    public, closed = forums.category("Public"), forums.category("Staff", moderator="create")
    topic, other = forums.topic(ada, public), forums.topic(ada, public, "Another")
    late = forums.posts.screening.why_held

    def meanwhile(change):
        def why_held(*args):
            change()
            return late(*args)

        monkeypatch.setattr(forums.posts.screening, "why_held", why_held)

    meanwhile(lambda: forums.topics.move(mod, topic.uid, closed.uid))
    with pytest.raises(NotFound):
        forums.reply(ada, topic, "Squeaking secrets")
    meanwhile(lambda: forums.topics.delete(mod, other.uid))
    with pytest.raises((NotFound, Forbidden)):
        forums.reply(ada, other, "Too late")
    assert (COUNTS.row(public.id)["topic_count"], COUNTS.row(public.id)["post_count"]) == (0, 0)
    assert COUNTS.row(closed.id)["post_count"] == 1


def change_something(forums, mod, dice, topic, category):
    tags = dice.sample(["gears", "tyres", "bells", "locks"], 3)
    match dice.randrange(6):
        case 0:
            forums.tags.change(mod, topic.uid, tags)
        case 1:
            forums.topics.open_topic(mod, category.uid, title="One more", source="Text", tag_names=tags)
        case 2:
            forums.topics.move(mod, topic.uid, category.uid)
        case 3:
            forums.topics.delete(mod, topic.uid)
        case 4:
            forums.topics.restore(mod, topic.uid)
        case 5:
            forums.reply(mod, topic)


def test_tagging_opening_moving_and_deleting_at_once_never_wait_in_a_circle(forums, person):
    mod, failures = person("Mod", "moderator"), []
    here, there = forums.category("Here"), forums.category("There")
    topics = [forums.topic(mod, here, f"Topic {number}") for number in range(4)]

    def write(index: int) -> None:
        dice = random.Random(index)
        with database.connection_context():
            for _ in range(12):
                try:
                    change_something(forums, mod, dice, dice.choice(topics), dice.choice((here, there)))
                except Forbidden:
                    pass  # the topic is deleted just now
                except BaseException as error:
                    failures.append(error)

    threads = [threading.Thread(target=write, args=(index,)) for index in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    # Which of two topics moved last is not asked: some moved within the same millisecond.
    counted = Prepared("SELECT topic_count, post_count FROM forums_category ORDER BY id")
    tagged = Prepared("SELECT name, topic_count FROM forums_tag ORDER BY name")
    kept = (counted.rows(), tagged.rows())
    forums.counters.recount()
    assert (counted.rows(), tagged.rows()) == kept


def test_new_tags_need_the_right_to_invent_them(forums, person):
    ada, mod = person("Ada"), person("Mod", "moderator")
    category = forums.category()
    with pytest.raises(Refusal):
        forums.topics.open_topic(ada, category.uid, title="Wheels", source="Text", tag_names=["Wheel Truing"])
    topic = forums.topics.open_topic(mod, category.uid, title="Wheels", source="Text", tag_names=["Wheel Truing"])
    assert topic.tags == "wheel-truing"
    other = forums.topics.open_topic(ada, category.uid, title="More", source="Text", tag_names=["wheel-truing"])
    forums.tags.change(mod, other.uid, [])
    assert forums.tags.find("wheel-truing")["topic_count"] == 1


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b\u2060", "x" * 50_001])
def test_a_text_must_say_something_and_end_somewhere(forums, person, text):
    ada = person("Ada")
    topic = forums.topic(ada, forums.category())
    with pytest.raises(Refusal):
        forums.reply(ada, topic, text)


def test_two_topics_that_get_the_same_tags_in_different_orders_do_not_stop_each_other(forums, person, monkeypatch):
    ada = person("Ada")
    topics = [forums.topic(ada, forums.category()) for _ in range(2)]
    found: list[Exception] = []

    class Slow(Prepared):
        def run(self, *params):
            made = super().run(*params)
            time.sleep(0.2)
            return made

    def put(topic, names: list[str]) -> None:
        try:
            with database.connection_context(), transaction():
                forums.tags.put_on(topic.id, names, listed=True)
        except Exception as error:
            found.append(error)

    monkeypatch.setattr(forums.tags, "_NEW", Slow(forums.tags._NEW.sql))
    orders = (["brakes", "chain"], ["chain", "brakes"])
    threads = [threading.Thread(target=put, args=pair) for pair in zip(topics, orders, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == []
    assert Prepared("SELECT name, topic_count FROM forums_tag ORDER BY name").tuples() == [("brakes", 2), ("chain", 2)]
    assert [forums.refs.topic(topic.uid).tag_names for topic in topics] == list(orders)


def test_a_title_can_be_printed_anywhere_and_the_feed_stays_readable(forums, person, visitor):
    mod, category = person("Mod", "moderator"), forums.category("Wheels\x0c")
    with pytest.raises(Refusal):
        forums.topics.open_topic(mod, category.uid, title="\u200b" * 5, source="Text")
    topic = forums.topics.open_topic(mod, category.uid, title="Tyres \x1b[31m \u202egpj.exe", source="A\x07 bell")
    assert (topic.title, forums.refs.post_by_id(topic.first_post_id).source) == ("Tyres [31m gpj.exe", "A bell")
    for address in ("/forums/feed.atom", f"{category.url}/feed.atom"):
        assert b"Tyres" in ET.tostring(ET.fromstring(visitor.get(address).data))
