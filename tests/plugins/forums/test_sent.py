from __future__ import annotations

import threading

import pytest

from ecrm_server.data import Prepared, database
from ecrm_server.kernel import current
from tests.plugins.forums.conftest import module

pytestmark = [pytest.mark.plugins("forums"), pytest.mark.usefixtures("both_engines")]

POSTS = Prepared("SELECT COUNT(*) FROM forums_post WHERE topic_id = ?")
TOPICS = Prepared("SELECT COUNT(*) FROM forums_topic")


def test_a_reply_sent_twice_under_one_key_is_written_once(forums, person):
    ada, ben = person("Ada"), person("Ben")
    topic = forums.topic(ada, forums.category())
    first = forums.posts.reply(ada, topic.uid, source="Toe them in.", key="k1")
    again = forums.posts.reply(ada, topic.uid, source="Toe them in.", key="k1")
    assert again == first
    assert forums.posts.reply(ben, topic.uid, source="Mine.", key="k1").uid != first.uid
    assert forums.posts.reply(ada, topic.uid, source="More.", key="k2").uid != first.uid
    assert POSTS.value(topic.id) == 4


def test_a_reply_that_went_through_is_found_after_the_topic_was_closed(forums, person):
    ada, mod = person("Ada"), person("Mod", "moderator")
    topic = forums.topic(ada, forums.category())
    first = forums.posts.reply(ada, topic.uid, source="Toe them in.", key="k1")
    forums.topics.close(mod, topic.uid, True)
    assert forums.posts.reply(ada, topic.uid, source="Toe them in.", key="k1").uid == first.uid


def test_a_topic_sent_twice_is_opened_once(forums, person):
    ada, category = person("Ada"), forums.category()
    made = {
        forums.topics.open_topic(ada, category.uid, title="Squealing brakes", source="They squeal.", key="k1").uid
        for _ in range(2)
    }
    assert len(made) == 1
    assert TOPICS.value() == 1


def test_two_requests_at_once_with_one_key_write_one_reply(forums, person):
    ada = person("Ada")
    topic = forums.topic(ada, forums.category())
    together, made = threading.Barrier(2), []

    def send() -> None:
        with database.connection_context(), current.serving(current.newest()):
            together.wait()
            made.append(module("services.posts").reply(ada, topic.uid, source="Toe them in.", key="k1").uid)

    senders = [threading.Thread(target=send) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(made) == 2
    assert len(set(made)) == 1
    assert POSTS.value(topic.id) == 2


def test_keys_are_forgotten_after_a_week(forums, person, movable_clock):
    ada = person("Ada")
    topic = forums.topic(ada, forums.category())
    forums.posts.reply(ada, topic.uid, source="Toe them in.", key="k1")
    assert forums.sent.forget_old() == 0
    movable_clock.advance(forums.sent.KEPT + 1)
    assert forums.sent.forget_old() == 1
