from __future__ import annotations

import pytest

from ecrm_server.data import Prepared, transaction
from ecrm_server.events.outbox import importing
from ecrm_server.identity.testing import actor_of, make_account
from ecrm_server.kernel import current
from tests.plugins.forums.conftest import module, uid_of_first

pytestmark = [pytest.mark.plugins("forums"), pytest.mark.usefixtures("both_engines")]


def test_the_export_holds_what_a_person_wrote_and_did(forums, person):
    ada, ben = person("Ada"), person("Ben")
    topic = forums.topic(ada, forums.category(), text="My own words")
    forums.votes.vote(ben, uid_of_first(topic), 1)
    forums.drafts.save(ada, "topic:new", title="", text="unsent")
    hers = forums.personal.export(ada.account_id, ada.profile_id)
    his = forums.personal.export(ben.account_id, ben.profile_id)
    assert hers["posts"][0]["text"] == "My own words"
    assert hers["drafts"][0]["text"] == "unsent"
    assert his["votes"][0]["value"] == 1
    assert his["posts"] == []


def test_erasing_keeps_posts_and_scores_but_no_trace_of_the_person(forums, person, visitor):
    ada, ben = person("Ada Unique"), person("Ben")
    topic = forums.topic(ada, forums.category())
    reply = forums.reply(ben, topic)
    forums.votes.vote(ada, reply.uid, 1)
    assert "Ada Unique" in visitor.get(topic.url).text
    with transaction():
        forums.personal.erase(ada.account_id, ada.profile_id)
    page = visitor.get(topic.url).text
    assert "They squeal." in page
    assert "Deleted person" in page
    assert "Ada Unique" not in page
    row = Prepared("SELECT up, anonymous_up, score FROM forums_post WHERE uid = ?").row(reply.uid)
    assert row == {"up": 0, "anonymous_up": 1, "score": 1}
    left = forums.personal.export(ada.account_id, ada.profile_id)
    assert not any(left.values())


def test_the_timeline_shows_only_what_the_viewer_may_read(forums, person):
    ada, ben, staff = person("Ada", "staff"), person("Ben"), person("Sam", "staff")
    forums.topic(ada, forums.category("Open"), "An open topic")
    forums.topic(ada, forums.category("Secret", staff="create"), "A secret topic")
    seen = lambda who: [e.title for e in forums.personal.timeline(who, ada.account_id, 2**62, 10)]  # noqa: E731
    assert seen(staff) == ["A secret topic", "An open topic"]
    assert seen(ben) == ["An open topic"]


def test_a_new_name_is_shown_on_pages_in_memory(forums, person, visitor, deliver):
    from ecrm_server.api import profiles

    ada = person("Ada")
    topic = forums.topic(ada, forums.category())
    visitor.get(topic.url)
    profiles.change(ada, name="Augusta", handle="augusta")
    deliver()
    assert "Augusta" in visitor.get(topic.url).text


def test_the_demo_is_lively_labelled_and_goes_without_a_trace(forums, person, visitor):
    tables = ("category", "topic", "post", "tag", "topic_tag", "category_grant", "watch", "read_state")
    count = lambda: [Prepared(f"SELECT COUNT(*) FROM forums_{name}").value() for name in tables]  # noqa: E731
    ada = person("Ada")
    own = forums.topic(ada, forums.category("Ours"))
    before = count()
    demo = module("demo")
    with transaction(), importing():
        demo.load()
    loaded = count()
    assert loaded[1] - before[1] == 40
    assert loaded[2] - before[2] >= 180
    page = visitor.get("/forums").text
    assert "Demo." in page
    assert "Staff room" not in page
    assert visitor.get("/search?q=toe").text.count("Rim brakes squeal") >= 1
    with transaction(), importing():
        demo.load()
    assert count() == loaded

    workshop = next(node for node in forums.tree.tree().walk() if node.name == "Workshop")
    forums.watching.choose(ada, "category", workshop.id, "watch")
    with transaction():
        demo.remove()
    assert count() == before
    assert visitor.get(own.url).status_code == 200
    assert "Rim brakes" not in visitor.get("/search?q=toe").text


def test_what_members_wrote_outlives_the_demo(forums, person, visitor):
    demo = module("demo")
    with transaction(), importing():
        demo.load()
    ada = person("Ada", "staff")
    named = lambda name: next(node for node in forums.tree.tree().walk() if node.name == name)  # noqa: E731
    invented = Prepared("SELECT t.uid FROM forums_topic t WHERE t.title LIKE 'Rim brakes squeal%'").value()
    answer = forums.posts.reply(ada, invented, source="A kept answer.")
    own = forums.topic(ada, named("Workshop"), "A kept topic")
    secret = forums.topic(ada, named("Staff room"), "A kept secret")
    made = forums.category("A kept place", named("Workshop"))
    assert [sentence[:9] for sentence in demo.describe()] == ["39 topics", "3 topics "]
    with transaction():
        demo.remove()
    assert {node.name for node in forums.tree.tree().walk()} == {
        "Workshop", "Brakes and wheels", "Staff room", "A kept place",
    }  # fmt: skip
    assert not Prepared("SELECT 1 FROM forums_category WHERE demo").rows()
    assert Prepared("SELECT COUNT(*) FROM forums_topic").value() == 3
    assert forums.tree.tree().by_uid[made.uid].path[-1].name == "Workshop"
    page = visitor.get(f"/forums/p/{answer.uid}", follow_redirects=True).text
    assert "A kept answer." in page
    assert "Rim brakes squeal" in page
    assert visitor.get(own.url).status_code == 200
    assert visitor.get(secret.url).status_code == 404, "who may read a category stays as it was"


def test_what_the_plugin_declares_builds_a_generation_without_faults(forums):
    generation = current.generation()
    assert generation.has("forums")
    assert not generation.left_out
    assert generation.ask("forums.topic_count@1", {}, None) == 0


def test_a_new_name_is_found_and_a_forgotten_one_is_not_left_in_the_index(forums, person, deliver):
    from ecrm_server.api import profiles

    authors = Prepared("SELECT author FROM search_document WHERE kind = 'forums.post' ORDER BY author")
    ada, other = person("Ada Unique"), actor_of(make_account("Ada Unique", email="other@example.org"))
    category = forums.category()
    topic = forums.topic(ada, category)
    forums.reply(ada, topic)
    forums.topic(other, category)
    profiles.change(ada, name="Augusta", handle="augusta")
    deliver()
    assert [name for (name,) in authors.tuples()] == ["Ada Unique", "Augusta", "Augusta"]
    with transaction():
        forums.personal.erase(ada.account_id, ada.profile_id)
    assert [name for (name,) in authors.tuples()] == ["", "", "Ada Unique"]
