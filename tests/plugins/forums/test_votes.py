from __future__ import annotations

import random
import threading

import pytest

from ecrm_server.data import Prepared, database
from ecrm_server.errors import Refusal
from tests.plugins.forums.conftest import uid_of_first

pytestmark = [pytest.mark.plugins("forums"), pytest.mark.usefixtures("both_engines")]

SUMS = Prepared("SELECT up, down, score, anonymous_up, anonymous_down FROM forums_post WHERE uid = ?")


def test_a_vote_counts_once_changes_and_is_withdrawn(forums, person):
    ada, ben = person("Ada"), person("Ben")
    uid = uid_of_first(forums.topic(ada, forums.category()))
    assert [forums.votes.vote(ben, uid, value) for value in (1, 1, -1, 0)] == [1, 1, -1, 0]
    assert Prepared("SELECT COUNT(*) FROM event WHERE name = 'forums.voted'").value() == 3


def test_nobody_votes_on_the_own_post(forums, person):
    ada = person("Ada")
    uid = uid_of_first(forums.topic(ada, forums.category()))
    with pytest.raises(Refusal):
        forums.votes.vote(ada, uid, 1)


def test_sums_stay_right_when_twenty_vote_at_once(forums, person):
    ada = person("Ada")
    uid = uid_of_first(forums.topic(ada, forums.category()))
    voters = [person(f"Voter {number}") for number in range(20)]
    failures: list[BaseException] = []
    last: dict[int, int] = {}

    def vote(index: int) -> None:
        dice = random.Random(index)
        try:
            with database.connection_context():
                for _ in range(5):
                    last[index] = dice.choice((-1, 0, 1))
                    forums.votes.vote(voters[index], uid, last[index])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=vote, args=(index,)) for index in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failures
    up, down = list(last.values()).count(1), list(last.values()).count(-1)
    row = SUMS.row(uid)
    assert (row["up"], row["down"], row["score"]) == (up, down, up - down)


def test_parallel_replies_get_different_numbers(forums, person):
    ada = person("Ada")
    category = forums.category()
    topic = forums.topic(ada, category)
    failures: list[BaseException] = []

    def reply() -> None:
        try:
            with database.connection_context():
                for _ in range(5):
                    forums.reply(ada, topic)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=reply) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failures
    written = Prepared("SELECT number FROM forums_post WHERE topic_id = ? ORDER BY 1").tuples(topic.id)
    numbers = [row[0] for row in written]
    assert numbers == list(range(1, 42))
    assert forums.refs.topic(topic.uid).reply_count == 40
