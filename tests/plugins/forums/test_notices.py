from __future__ import annotations

import pytest

from ecrm_server.access import SYSTEM
from ecrm_server.data import Prepared

pytestmark = pytest.mark.plugins("forums")

_NOTICES = Prepared("SELECT kind, title FROM notice WHERE account_id = ? ORDER BY id")


def notices(actor) -> list[str]:
    return [row["kind"] for row in _NOTICES.rows(actor.account_id)]


def test_who_wrote_in_a_topic_hears_of_replies_but_not_of_the_own(forums, person, deliver):
    ada, ben = person("Ada"), person("Ben")
    topic = forums.topic(ada, forums.category())
    forums.reply(ben, topic)
    deliver()
    assert (notices(ada), notices(ben)) == (["forums.reply"], [])
    forums.reply(ada, topic)
    deliver()
    assert (notices(ada), notices(ben)) == (["forums.reply"], ["forums.reply"])


def test_who_has_seen_a_post_already_is_not_told_of_it(forums, person, deliver):
    ada, ben = person("Ada"), person("Ben")
    topic = forums.topic(ada, forums.category())
    reply = forums.reply(ben, topic)
    forums.reading.mark_read(ada.account_id, topic.id, reply.number)
    deliver()
    assert notices(ada) == []


def test_a_mention_comes_instead_of_the_ordinary_notice(forums, person, deliver):
    ada, ben = person("Ada"), person("Ben")
    topic = forums.topic(ada, forums.category())
    forums.reply(ben, topic, "What do you say, @ada?")
    deliver()
    assert notices(ada) == ["forums.mention"]


def test_muting_a_topic_silences_it_even_for_mentions(forums, person, deliver):
    ada, ben = person("Ada"), person("Ben")
    topic = forums.topic(ada, forums.category())
    forums.watching.choose(ada, "topic", topic.id, "mute")
    forums.reply(ben, topic, "Hello @ada")
    deliver()
    assert notices(ada) == []


def test_watching_a_category_brings_its_new_topics(forums, person, deliver):
    ada, ben = person("Ada"), person("Ben")
    category = forums.category()
    forums.watching.choose(ben, "category", category.id, "watch")
    topic = forums.topic(ada, category)
    deliver()
    assert notices(ben) == ["forums.topic"]
    forums.watching.choose(ben, "topic", topic.id, "mute")
    forums.reply(ada, topic)
    deliver()
    assert notices(ben) == ["forums.topic"]


def test_the_right_to_read_is_asked_again_at_delivery(forums, person, deliver):
    ada, ben = person("Ada", "staff"), person("Ben")
    category = forums.category()
    topic = forums.topic(ada, category)
    forums.reply(ben, topic)
    deliver()
    forums.categories.set_grants(SYSTEM, category.uid, {"staff": "create"})
    forums.reply(ada, topic, "CANARY @ben")
    deliver()
    assert notices(ben) == []


def test_the_author_of_the_answer_hears_of_it(forums, person, deliver):
    ada, ben = person("Ada"), person("Ben")
    topic = forums.topic(ada, forums.category())
    reply = forums.reply(ben, topic)
    forums.topics.accept(ada, reply.uid, True)
    deliver()
    assert notices(ben) == ["forums.accepted"]


def test_reading_a_topic_reads_its_notices(forums, person, deliver, sign_in):
    browser = sign_in("Ada")
    from ecrm_server.identity.testing import actor_of

    ada = actor_of(browser.account)
    topic = forums.topic(ada, forums.category())
    forums.reply(person("Ben"), topic)
    deliver()
    assert Prepared("SELECT unread_notices FROM account WHERE id = ?").value(ada.account_id) == 1
    browser.get(topic.url)
    assert Prepared("SELECT unread_notices FROM account WHERE id = ?").value(ada.account_id) == 0
