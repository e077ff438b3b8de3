from __future__ import annotations

import pytest

from ecrm_server import clock

pytestmark = [pytest.mark.plugins("forums"), pytest.mark.usefixtures("both_engines")]


def unread(forums, actor) -> dict[str, int]:
    found = forums.lists.unread(actor, forums.permissions.access_of(actor))
    return {row["title"]: row["unread"] for row in found.rows}


def seen(forums, actor, topic, number: int = 1) -> None:
    row = forums.thread.topic(actor, forums.permissions.access_of(actor), topic.uid)
    forums.reading.mark_read(actor.account_id, topic.id, forums.thread.page(actor, row, number).seen)


def test_what_somebody_has_not_seen_is_unread(forums, person, movable_clock):
    ben, ada = person("Ben"), person("Ada")
    movable_clock.advance(clock.MINUTE)
    topic = forums.topic(ada, forums.category())
    assert unread(forums, ben) == {"Squealing brakes": 1}
    assert unread(forums, ada) == {}

    seen(forums, ben, topic)
    assert unread(forums, ben) == {}
    forums.reply(ada, topic)
    forums.reply(ada, topic)
    assert unread(forums, ben) == {"Squealing brakes": 2}


def test_what_is_older_than_the_account_counts_as_read(forums, person, movable_clock):
    topic = forums.topic(person("Ada"), forums.category())
    movable_clock.advance(clock.MINUTE)
    ben = person("Ben")
    assert unread(forums, ben) == {}
    movable_clock.advance(clock.MINUTE)
    forums.reply(person("Cy"), topic)
    assert unread(forums, ben) == {"Squealing brakes": 2}


def test_marking_all_read_ends_at_the_next_post(forums, person, movable_clock):
    ben, ada = person("Ben"), person("Ada")
    movable_clock.advance(clock.MINUTE)
    topic = forums.topic(ada, forums.category())
    movable_clock.advance(clock.MINUTE)
    forums.reading.mark_all_read(ben)
    assert unread(forums, ben) == {}
    movable_clock.advance(clock.MINUTE)
    forums.reply(ada, topic)
    assert "Squealing brakes" in unread(forums, ben)


def test_muted_topics_and_categories_are_not_unread(forums, person, movable_clock):
    ben, ada = person("Ben"), person("Ada")
    movable_clock.advance(clock.MINUTE)
    loud, quiet = forums.category("Loud"), forums.category("Quiet")
    one, two = forums.topic(ada, loud, "One topic"), forums.topic(ada, loud, "Two topic")
    forums.topic(ada, quiet, "Three topic")
    forums.watching.choose(ben, "topic", one.id, "mute")
    forums.watching.choose(ben, "category", quiet.id, "mute")
    assert set(unread(forums, ben)) == {two.title}


def test_reading_a_page_does_not_read_the_next(forums, person, movable_clock):
    ben, ada = person("Ben"), person("Ada")
    movable_clock.advance(clock.MINUTE)
    topic = forums.topic(ada, forums.category())
    for number in range(25):
        forums.reply(ada, topic, f"Reply {number}")
    seen(forums, ben, topic)
    assert unread(forums, ben) == {"Squealing brakes": 6}

    row = forums.thread.topic(ben, forums.permissions.access_of(ben), topic.uid)
    assert forums.thread.first_unread(row)[0] == 21
    seen(forums, ben, topic, 2)
    seen(forums, ben, topic, 1)
    assert unread(forums, ben) == {}


def test_a_page_holds_twenty_posts_with_all_their_comments(forums, person):
    ada = person("Ada")
    topic = forums.topic(ada, forums.category())
    replies = [forums.reply(ada, topic) for _ in range(21)]
    for _ in range(3):
        forums.reply(ada, topic, "Late comment", parent=replies[0].uid)
    row = forums.thread.topic(ada, forums.permissions.access_of(ada), topic.uid)
    first, second = forums.thread.page(ada, row, 1), forums.thread.page(ada, row, 2)
    assert [post["number"] for post in first.posts][:6] == [1, 2, 23, 24, 25, 3]
    assert len(first.posts) == 23
    assert [post["position"] for post in second.posts] == [21, 22]


def test_lists_page_by_key_without_gaps_or_repeats(forums, person, movable_clock):
    ada = person("Ada")
    category = forums.category()
    for number in range(12):
        forums.topic(ada, category, f"Topic {number}")
        movable_clock.advance(number % 3)
    access = forums.permissions.access_of(ada)
    for found in (
        lambda after: forums.lists.latest(ada, access, after, 5),
        lambda after: forums.lists.top(ada, access, "all", after, 5),
        lambda after: forums.lists.of_category(ada, access, category, after, 5),
    ):
        titles, after = [], None
        while True:
            page = found(after)
            titles += [row["title"] for row in page.rows]
            after = page.next
            if after is None:
                break
        assert sorted(titles) == sorted(f"Topic {number}" for number in range(12))


def test_visits_are_counted_in_memory_and_written_later(forums, person, queries):
    forums.visits.flush()  # what tests before this one left in the process
    topic = forums.topic(person("Ada"), forums.category())
    forums.visits._written_at = clock.now()
    queries.clear()
    for _ in range(7):
        forums.visits.note(topic.id)
    assert not queries
    forums.visits.flush()
    row = forums.lists.one(person("Ben"), topic.id)
    assert row["view_count"] == 7
