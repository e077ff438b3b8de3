from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from click.testing import CliRunner

from ecrm_server import data
from ecrm_server.access import ANONYMOUS, SYSTEM, Actor
from ecrm_server.audit import cli, queries, services
from ecrm_server.audit.queries import Filter
from ecrm_server.audit.secrets import without_secrets
from ecrm_server.csvfile import csv_text
from ecrm_server.data.append_only import changeable

ADA = Actor(account_id=7, name="Ada Byron")
GRACE = Actor(account_id=8, name="Grace Hopper")


def record(action: str, actor: Actor = ADA, **more: Any) -> str:
    with data.transaction():
        return services.record(action, actor=actor, **more)


def actions(which: Filter) -> list[str]:
    return [row["action"] for row in queries.page(which)[0]]


def test_an_entry_is_undone_with_its_change(db: Any) -> None:
    def change() -> None:
        with data.transaction():
            services.record("test.done", actor=ADA)
            raise ValueError("the change failed")

    with pytest.raises(ValueError, match="the change failed"):
        change()
    assert queries.page(Filter()) == ([], "")


def test_an_entry_outside_a_transaction_is_refused(db: Any) -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        services.record("test.done", actor=ADA)


def test_secrets_never_reach_the_table(db: Any) -> None:
    record(
        "settings.changed",
        before={"smtp_password": "hunter2", "name": "Shop"},
        after={
            "apiKey": "hunter2",
            "nested": [{"reset_token": "hunter2"}],
            "url": "smtp://me:hunter2@mail.example",
        },
    )
    (row,) = data.Prepared("SELECT * FROM audit_entry").rows()
    assert "hunter2" not in json.dumps(row)
    assert "Shop" in row["before"]
    assert "mail.example" in row["after"]


def test_words_that_only_contain_a_secrets_name_are_kept() -> None:
    assert without_secrets({"keywords": "a", "tokenizer": "b"}) == {"keywords": "a", "tokenizer": "b"}


def test_the_log_is_filtered_by_actor_action_object_and_time(db: Any) -> None:
    record("forums.hidden", obj_kind="forums.post", obj_uid="abc")
    record("settings.changed", GRACE, obj_kind="setting", obj_uid="web.100%_sure")
    record("site.started", SYSTEM)
    assert actions(Filter(actor="hopper")) == ["settings.changed"]
    assert actions(Filter(action="hidden")) == ["forums.hidden"]
    assert actions(Filter(obj="abc")) == ["forums.hidden"]
    assert actions(Filter(obj="FORUMS.post")) == ["forums.hidden"]
    assert actions(Filter(actor="%")) == []
    newest = queries.page(Filter())[0][0]["at"]
    assert actions(Filter(since=newest + 1)) == []
    assert len(actions(Filter(until=newest + 1))) == 3


def test_pages_follow_each_other_without_gap_or_repetition(db: Any) -> None:
    for number in range(7):
        record(f"test.step{number}")
    seen, cursor = [], ""
    while True:
        rows, cursor = queries.page(Filter(), before=cursor, limit=3)
        seen += [row["action"] for row in rows]
        if not cursor:
            break
    assert seen == [f"test.step{number}" for number in reversed(range(7))]
    assert [row["action"] for row in queries.export(Filter())] == seen


def test_changes_name_only_the_fields_that_differ() -> None:
    assert queries.changes({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == [("b", 2, 3), ("c", None, 4)]
    assert queries.changes(None, "x") == [("", None, "x")]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_exported_cell_is_a_formula(start: str) -> None:
    text = csv_text(["a"], [[f"{start}1+1"], ["plain"]])
    cells = [row[0] for row in csv.reader(io.StringIO(text, newline=""))]
    assert cells == ["a", f"'{start}1+1", "plain"]


def test_actors_are_told_apart(db: Any) -> None:
    record("a.a", ADA)
    record("a.b", Actor(account_id=7, name="Ada", api_key_id=1))
    record("a.c", ANONYMOUS)
    record("a.d", SYSTEM)
    kinds = [row["actor_kind"] for row in queries.page(Filter())[0]]
    assert kinds == ["system", "visitor", "key", "person"]


def test_the_command_verifies_and_fails_on_tampering(db: Any) -> None:
    uid = record("test.done")
    found = CliRunner().invoke(cli.audit, ["verify"])
    assert found.exit_code == 0
    assert "records: 1\n" in found.stdout
    assert "faults: 0\n" in found.stdout
    changeable(db, "audit_entry")
    data.Prepared("UPDATE audit_entry SET action = 'test.nothing'").run()
    found = CliRunner().invoke(cli.audit, ["verify"])
    assert found.exit_code == 1
    assert f"Record {uid} was altered." in found.stderr
