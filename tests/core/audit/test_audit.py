from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from click.testing import CliRunner

from ecrm_server import clock, data
from ecrm_server.access import ANONYMOUS, SYSTEM, Actor
from ecrm_server.audit import cli, listing, services
from ecrm_server.audit.secrets import without_secrets
from ecrm_server.csvfile import csv_text
from ecrm_server.data.append_only import changeable
from ecrm_server.lists.bound import Bound
from ecrm_server.lists.kind import EVERY_ROW
from ecrm_server.lists.look import asked
from ecrm_server.lists.state import State
from ecrm_server.rules import parse

ADA = Actor(account_id=7, name="Ada Byron")
GRACE = Actor(account_id=8, name="Grace Hopper")


def record(action: str, actor: Actor = ADA, **more: Any) -> str:
    with data.transaction():
        return services.record(action, actor=actor, **more)


def entries(tree: Any = None, q: str = "") -> list[dict[str, Any]]:
    """The log as its list shows it, newest first."""
    kind = listing.ENTRIES
    assert not callable(kind.columns)
    bound = Bound(kind, SYSTEM, {column.key: column for column in kind.columns}, listing.TRAITS, EVERY_ROW)
    rule = parse(tree, listing.TRAITS) if tree else None
    return asked(bound, State(q=q), rule, clock.now()).page(100).rows


def actions(trait: str = "", op: str = "is", value: Any = None, q: str = "") -> list[str]:
    tree = {"trait": f"audit.{trait}", "op": op, "value": value} if trait else None
    return [row["action"] for row in entries(tree, q)]


def test_an_entry_is_undone_with_its_change(db: Any) -> None:
    def change() -> None:
        with data.transaction():
            services.record("test.done", actor=ADA)
            raise ValueError("the change failed")

    with pytest.raises(ValueError, match="the change failed"):
        change()
    assert entries() == []


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
    record("forums.hidden", obj_kind="post", obj_uid="abc")
    record("settings.changed", GRACE, obj_kind="setting", obj_uid="web.100%_sure")
    record("site.started", SYSTEM)
    assert actions("actor", "contains", "hopper") == ["settings.changed"]
    assert actions("action", "contains", "HIDDEN") == ["forums.hidden"]
    assert actions("object", "is", "abc") == ["forums.hidden"]
    assert actions("object_kind", "is", "post") == ["forums.hidden"]
    assert actions("actor", "contains", "%") == []
    assert actions("actor_kind", "is", "system") == ["site.started"]
    assert actions(q="byron") == ["forums.hidden"]
    newest = entries()[0]["at"]
    assert actions("at", "after", newest) == []
    assert len(actions("at", "before", newest + 1)) == 3


def test_a_name_is_found_as_people_write_it(db: Any) -> None:
    record("test.done", Actor(account_id=9, name="ÄNNE Straße"))
    assert actions("actor", "contains", "änne strasse") == ["test.done"]


def test_changes_name_only_the_fields_that_differ() -> None:
    assert listing.differences({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == [("b", 2, 3), ("c", None, 4)]
    assert listing.differences(None, "x") == [("", None, "x")]


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
    kinds = [row["kind_of_actor"] for row in entries()]
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
