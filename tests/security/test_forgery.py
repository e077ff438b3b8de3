"""Requests that another site, or a form with more fields than ours, might send."""

from __future__ import annotations

import pytest

from ecrm_server.data import Prepared, database
from tests.security import people as p
from tests.security import rows_customers_api
from tests.security.matrix import ORDER, ROWS, Caller
from tests.security.rows import Row
from tests.security.world import World


def _allowed(row: Row) -> str:
    """Somebody who may do it: the administrator where possible."""
    able = [name for name in ORDER if name in row.who & row.sees & row.may and name in p.BROWSERS]
    return p.ROOT if p.ROOT in able else (able or [p.ROOT])[0]


CHANGES = [row for row in ROWS if row.method != "GET"]
FOREIGN = (
    {"X-CSRFToken": ""},
    {"X-CSRFToken": "forged"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
)


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_no_change_is_made_for_another_site(caller: Caller, headers: dict[str, str]) -> None:
    wrong = []
    for row in CHANGES:
        answer = caller.send(row, _allowed(row), **headers)
        if answer.status_code != 400 or caller.world.watch.changed():
            wrong.append(f"{row}: {answer.status_code}")
            caller.world.restore()
    assert wrong == []


EXTRA = (
    "role",
    "is_admin",
    "organisation_id",
    "points",
    "id",
    "account_id",
    "uid",
    "owner_id",
    "active",
    "posts_reviewed",
)


@pytest.mark.parametrize("field", EXTRA)
def test_the_api_refuses_fields_it_does_not_know(caller: Caller, field: str) -> None:
    for row in (row for row in CHANGES if row.json is not None and p.KEY in row.may & row.sees & row.who):
        with_more = {**(row.json or {}), field: 1}
        answer = caller.open(row.method, row.path, caller.headers(p.KEY), p.KEY, json=with_more)
        assert answer.status_code == 422, str(row)
        assert answer.json is not None
        assert field in str(answer.json["errors"])
        assert not caller.world.watch.changed()


POWER = (
    "SELECT account_id, role FROM account_role ORDER BY 1, 2",
    "SELECT group_id, account_id FROM account_group_member ORDER BY 1, 2",
    "SELECT group_id, role FROM account_group_role ORDER BY 1, 2",
    "SELECT role_id, permission, allowed FROM role_permission ORDER BY 1, 2",
    "SELECT organisation_id, customer_id, role FROM membership ORDER BY 1, 2",
    "SELECT id, account_id FROM customer ORDER BY 1",
    "SELECT id, account_id FROM profile ORDER BY 1",
    "SELECT active, email_key, posts_reviewed, demo, COUNT(*) FROM account GROUP BY 1, 2, 3, 4 ORDER BY 2",
    "SELECT author_id, COUNT(*) FROM forums_post GROUP BY 1 ORDER BY 1",
)


def _power() -> list[object]:
    with database.connection_context():
        return [Prepared(sql).tuples() for sql in POWER]


def test_forms_give_nobody_more_than_they_ask_for(caller: Caller) -> None:
    wrong, world = [], caller.world
    for row in (row for row in CHANGES if row.form is not None):
        after = []
        for extra in ({}, dict.fromkeys(EXTRA, "1")):
            world.restore()
            form = {**(row.form or {}), **extra}
            answer = caller.open(
                row.method, row.path, caller.headers(_allowed(row)) | dict(row.headers), p.ROOT, form
            )
            after.append((answer.status_code, _power()))
        refused = after[1][0] in (400, 403, 409, 422, 429)
        if not refused and after[0][1] != after[1][1]:
            wrong.append(str(row))
    world.restore()
    assert wrong == []


TOPIC = {
    "uid",
    "title",
    "url",
    "category",
    "tags",
    "author",
    "author_uid",
    "replies",
    "views",
    "score",
    "solved",
}
TOPIC |= {"pinned", "closed", "closed_at", "created_at", "moved_at"}
POST = {
    "uid",
    "number",
    "parent",
    "url",
    "author",
    "author_uid",
    "text",
    "format",
    "html",
    "score",
    "accepted",
}
POST |= {"held", "created_at", "edited_at", "attribution"}
SEGMENT = {
    "uid",
    "title",
    "description",
    "url",
    "kind",
    "rule",
    "sentence",
    "version",
    "state",
    "fault",
    "count",
    "built_at",
    "archived_at",
}
FIELDS = dict(rows_customers_api.FIELDS) | {
    "segments_api.list_segments": SEGMENT,
    "segments_api.one": SEGMENT,
    "segments_api.list_members": {"uid", "name", "stage", "since"},
    "segments_api.why": {"customer", "inside", "since", "explanation"},
    "consent_api.mine": {"consents", "history"},
    "consent_api.of_customer": {"consents", "history"},
    "forums_api.all_categories": {"description", "name", "parent", "posts", "topics", "uid", "url"},
    "forums_api.all_tags": {"description", "name", "topics"},
    "forums_api.list_topics": TOPIC,
    "forums_api.one_topic": TOPIC,
    "forums_api.list_posts": POST,
    "forums_api.one_post": POST,
}


@pytest.mark.parametrize("name", [p.ANON, p.ADA, p.KEY, p.MO, p.STAN, p.ROOT])
def test_the_api_gives_everybody_the_same_fields_and_no_more(world: World, caller: Caller, name: str) -> None:
    asked = {row.endpoint for row in ROWS if row.path.startswith("/api/v1/") and row.method == "GET"}
    assert asked - {"rest.openapi"} == set(FIELDS), "write down the fields of these"
    for row in ROWS:
        if row.endpoint in FIELDS and name in row.who & row.sees:
            answer = caller.send(row, name)
            body = answer.json
            items = body.get("items", [body]) if isinstance(body, dict) else body
            for item in items if answer.status_code == 200 else ():
                assert set(item) == FIELDS[row.endpoint], str(row)
