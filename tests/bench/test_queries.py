"""How many statements the hot paths need. Milliseconds are for ``ecrm bench``; these numbers hold on any machine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from ecrm_server.access import SYSTEM
from ecrm_server.bench import Statements
from ecrm_server.data import database
from ecrm_server.identity.testing import actor_of, make_account
from tests.plugins.forums.conftest import module

pytestmark = pytest.mark.plugins("forums")
MEMBER_PAGE = 8
"""Generation, session with person and roles, categories, topic, posts, draft, and two in reserve for what comes."""
REPLY = 14


def topic_with_posts(posts: int = 20) -> Any:
    """A topic of so many posts by one person."""
    author = actor_of(make_account("Grace"))
    category = module("services.categories").create(SYSTEM, {"name": "Workshop"})
    topic = module("services.topics").open_topic(
        author, category.uid, title="Squealing brakes", source="They squeal."
    )
    for number in range(posts - 1):
        module("services.posts").reply(author, topic.uid, source=f"Reply {number}.")
    return topic


def reads(queries: list[str]) -> list[str]:
    return [sql for sql in queries if sql.startswith("SELECT")]


def test_a_members_topic_page_needs_few_statements(site: Any, sign_in: Any, queries: list[str]) -> None:
    topic, ada = topic_with_posts(), sign_in("Ada")
    ada.get(topic.url)  # the second visit writes nothing and draws nothing anew
    queries.clear()
    assert ada.get(topic.url).status_code == 200
    assert len(queries) <= MEMBER_PAGE, "\n".join(queries)
    assert len(reads(queries)) == len(queries)


def test_who_acts_is_found_with_one_statement(site: Any, sign_in: Any, queries: list[str]) -> None:
    ada = sign_in("Ada")
    ada.get("/healthz")
    queries.clear()
    ada.get("/healthz")
    assert sum("session" in sql or "account" in sql or "role" in sql for sql in queries) == 1, "\n".join(
        queries
    )


def test_a_members_list_needs_as_many_statements_for_fifty_topics_as_for_one(
    site: Any, sign_in: Any, queries: list[str]
) -> None:
    topic_with_posts(1)
    ada = sign_in("Ada")
    counts = []
    for _ in range(2):
        ada.get("/forums/latest")
        queries.clear()
        ada.get("/forums/latest")
        counts.append(len(queries))
        category = next(iter(module("services.tree").tree().nodes.values()))
        for number in range(15):
            module("services.topics").open_topic(
                actor_of(ada.account), category.uid, title=f"Topic {number}", source="Text."
            )
    assert counts[0] == counts[1] <= MEMBER_PAGE


def test_an_anonymous_page_from_memory_needs_the_generation_and_its_version(
    site: Any, visitor: Any, queries: list[str]
) -> None:
    topic = topic_with_posts()
    first = visitor.get(topic.url)
    queries.clear()
    assert visitor.get(topic.url).data == first.data
    assert len(queries) == 2, "\n".join(queries)


def test_a_reply_needs_few_statements(site: Any, queries: list[str]) -> None:
    topic, ada = topic_with_posts(2), actor_of(make_account("Ada"))
    module("services.posts").reply(ada, topic.uid, source="First.")
    queries.clear()
    module("services.posts").reply(ada, topic.uid, source="Second.")
    assert len(queries) <= REPLY, "\n".join(queries)


def test_recorded_statements_do_the_same_on_an_equal_database(site: Any, tmp_path: Path) -> None:
    topic, ada = topic_with_posts(2), actor_of(make_account("Ada"))
    database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    equal = tmp_path / "equal.db"
    shutil.copyfile(site.config.database_url.removeprefix("sqlite:///"), equal)
    statements = Statements()
    statements.record(lambda: module("services.posts").reply(ada, topic.uid, source="The same."))
    sql = "SELECT uid, source, number FROM forums_post ORDER BY id"
    expected = database.execute_sql(sql).fetchall()
    database.close()
    assert len(statements.replay(f"sqlite:///{equal}")) == 1
    database.connect()
    assert database.execute_sql(sql).fetchall() == expected
