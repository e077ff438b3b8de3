"""The database goes away and comes back: a clear answer meanwhile, everything works afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import peewee
import psycopg
import pytest
from werkzeug.test import EnvironBuilder

from ecrm_server.data import database, transaction
from ecrm_server.data.database import is_full
from ecrm_server.identity import sessions
from ecrm_server.identity.session import COOKIE
from ecrm_server.kernel import current
from ecrm_server.testing.databases import POSTGRES_URL


@pytest.fixture
def both_engines() -> str:
    return "postgres"


def cut_connections() -> None:
    """What a restart of PostgreSQL does to every connection, without taking it away from other tests."""
    name = database.execute_sql("SELECT current_database()").fetchone()[0]
    with psycopg.connect(POSTGRES_URL, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            (name,),
        )


@contextlib.contextmanager
def limited(pages: int) -> Iterator[None]:
    """Let every connection of SQLite believe that the disk has room for so many pages only."""
    engine = database.obj
    engine.pragma("max_page_count", pages, permanent=True)
    database.close_all()
    try:
        yield
    finally:
        engine.pragma("max_page_count", 2**30, permanent=True)
        database.close_all()


@pytest.mark.postgres
def test_cut_connections_cost_one_clear_answer_and_none_is_leaked(both_engines, site, visitor):
    path = "/search?q=chain"
    assert visitor.get(path).status_code == 200
    cut_connections()
    database.close()  # the test's own connection, so that requests take theirs from the pool
    answers = [visitor.get(path) for _ in range(4)]
    assert [answer.status_code for answer in answers[1:]] == [200, 200, 200]
    if answers[0].status_code != 200:
        assert answers[0].status_code == 503
        assert answers[0].headers["Retry-After"] == "5"
    assert len(database.obj._in_use) == 0


@pytest.mark.postgres
def test_nobody_waits_for_a_lock_for_ever(both_engines, site):
    assert database.execute_sql("SHOW lock_timeout").fetchone()[0] == "10s"


def test_whoever_is_signed_in_is_told_to_wait_too(site, monkeypatch):
    answers = []

    def cut(key_hash: str) -> None:
        raise peewee.OperationalError("terminating connection due to administrator command")

    def start_response(status, headers, exc_info=None):
        answers.append((status, dict(headers)["Retry-After"]))

    monkeypatch.setattr(sessions, "find", cut)
    current.generation().app.config["PROPAGATE_EXCEPTIONS"] = False  # as in a real server
    cookie = {"Cookie": f"{COOKIE}={'0' * 64}"}
    environ = EnvironBuilder("/me", base_url="http://localhost", headers=cookie).get_environ()
    page = b"".join(site.dispatcher(environ, start_response))
    assert answers == [("503 SERVICE UNAVAILABLE", "5")]
    assert page.startswith(b"<!doctype")


@pytest.mark.plugins("forums")
def test_a_full_disk_says_so_and_recovers_by_itself(site, sign_in):
    admin = sign_in("Ada", "admin")
    pages = database.execute_sql("PRAGMA page_count").fetchone()[0]
    groups = "/admin/groups"
    form = {"name": "Crew", "description": "x" * 400}
    with limited(pages):
        answers = [admin.post(groups, form | {"name": f"Crew {number}"}).status_code for number in range(40)]
        assert answers[-1] == 507
        assert admin.get(groups).status_code == 200
    assert admin.post(groups, form).status_code == 302
    made = answers.count(302) + 1
    assert database.execute_sql("SELECT COUNT(*) FROM account_group").fetchone()[0] == made


def test_a_transaction_that_sqlite_ended_keeps_the_reason(site):
    def write() -> None:
        with transaction(), transaction():
            database.connection().execute("ROLLBACK")  # what SQLite does by itself when the disk is full
            raise peewee.OperationalError("database or disk is full")

    with pytest.raises(peewee.OperationalError) as raised:
        write()
    assert is_full(raised.value)
    with transaction():
        assert database.in_transaction()
