"""Every period is kept: what is over goes, nothing else; and nothing about people is stored without one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecrm_server import clock, ids
from ecrm_server.access import SYSTEM, Actor
from ecrm_server.admin import services as admin
from ecrm_server.consent import questions, visits
from ecrm_server.consent.subject import Subject
from ecrm_server.data import Prepared, database, transaction
from ecrm_server.errors import Refusal
from ecrm_server.kernel import current
from ecrm_server.kernel.site import Site
from ecrm_server.notices import mail
from ecrm_server.notices.services import notify
from ecrm_server.privacy import retention
from ecrm_server.privacy.kind import Retention
from ecrm_server.privacy.strict import personal_tables

Person = Callable[..., Actor]


def rule(table: str) -> Retention:
    return current.generation().registry.retention[table]


def count(table: str) -> int:
    return int(Prepared(f"SELECT COUNT(*) FROM {table}").value())


def old(table: str, column: str, at: int) -> None:
    """Let the first row of a table be of that time."""
    Prepared(f"UPDATE {table} SET {column} = ? WHERE id = (SELECT MIN(id) FROM {table})").run(at)


def two_visits(person: Person) -> tuple[str, str]:
    for name in ("Ada", "Bea"):
        visits._begin(Subject(person(name).account_id), "/terms", "", {}, clock.now())
    return "visit", "last_at"


def two_mails(person: Person) -> tuple[str, str]:
    for name in ("a", "b"):
        mail.send(f"{name}@example.org", "Hello", "Hello", kind="test")
    Prepared("UPDATE mail SET state = 'sent'").run()
    return "mail", "created_at"


def two_notices(person: Person) -> tuple[str, str]:
    account = person("Ada").account_id
    for number in (1, 2):
        notify([account], "privacy.export_ready", title=f"Ready {number}", url="/me/data")
    Prepared("UPDATE notice SET read_at = at").run()
    return "notice", "at"


def two_events(person: Person) -> tuple[str, str]:
    person("Ada")
    person("Bea")
    Prepared("UPDATE event SET delivered_at = at").run()
    Prepared(
        "DELETE FROM event WHERE id NOT IN (SELECT MIN(id) FROM event UNION SELECT MAX(id) FROM event)"
    ).run()
    return "event", "at"


def two_requests(person: Person) -> tuple[str, str]:
    for kind in ("export", "erasure"):
        Prepared(
            "INSERT INTO data_request (uid, kind, account_id, state, job, error, at, finished_at)"
            " VALUES (?, ?, 1, 'done', '', '', ?, ?)"
        ).run(ids.public_id(), kind, clock.now(), clock.now())
    return "data_request", "finished_at"


@pytest.mark.parametrize("make", [two_visits, two_mails, two_notices, two_events, two_requests])
def test_exactly_what_is_over_goes(person: Person, movable_clock: Any, make: Any) -> None:
    table, column = make(person)
    assert count(table) == 2
    days = rule(table).days
    assert days is not None
    old(table, column, clock.now() - days * clock.DAY)
    assert retention.keep_one(rule(table)) == 0
    old(table, column, clock.now() - days * clock.DAY - 1)
    assert retention.keep_one(rule(table)) == 1
    assert count(table) == 1


def test_the_pages_of_a_visit_go_with_it(person: Person, movable_clock: Any) -> None:
    two_visits(person)
    old("visit", "last_at", 1)
    retention.keep_one(rule("visit"))
    assert count("visit_page") == 1


def test_steps_go_on_until_nothing_is_left(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    two_visits(person)
    Prepared("UPDATE visit SET last_at = 1").run()
    assert retention.keep_one(rule("visit")) == 2
    kept = next(kept for kept in retention.overview() if kept.rule.table == "visit")
    assert kept.last is not None
    assert (kept.last["removed"], kept.last["days"], kept.last["error"]) == (2, 180, "")


def test_a_period_is_a_setting_with_bounds(person: Person, site: Site) -> None:
    with pytest.raises(Refusal):
        admin.save_settings(SYSTEM, "privacy", {"keep_visit": 731})
    admin.save_settings(SYSTEM, "privacy", {"keep_visit": 2})
    site.dispatcher.refresh(wait=True)
    two_visits(person)
    old("visit", "last_at", clock.now() - 3 * clock.DAY)
    assert retention.keep_one(rule("visit")) == 1


def test_a_part_that_fails_does_not_keep_the_others_from_forgetting(person: Person) -> None:
    def fail(before: int, limit: int) -> int:
        raise ValueError("an ink blot")

    failing = Retention(table="diary", holds="Entries", why="You read them.", days=1, sweep=fail)
    settings: Any = current.generation().settings
    settings["privacy.keep_diary"] = 1
    assert retention.keep_one(failing) == 0
    assert "ink blot" in Prepared("SELECT error FROM retention_run WHERE name = 'diary'").value()


def test_the_page_lists_every_table_with_its_period_and_last_run(both_engines: str, sign_in: Any) -> None:
    admin_, member = sign_in("Root", "admin"), sign_in("Ada")
    page = admin_.get("/admin/privacy/retention").text
    for table in current.generation().registry.retention:
        assert f"<code>{table}</code>" in page
    assert member.get("/admin/privacy/retention").status_code == 403
    assert admin_.post("/admin/privacy/retention").status_code == 302
    assert Prepared("SELECT state FROM job WHERE kind = 'privacy.retention'").value() is not None


MODELS = """
import peewee
from ecrm_server.api import Account, Model

class Entry(Model):
    account = peewee.ForeignKeyField(Account, backref="+", on_delete="CASCADE")

    class Meta:
        table_name = "secrets_entry"
"""
PLUGIN = "from ecrm_server.api import Retention, hookimpl\nfrom . import models\n"
HOOKS = {
    "retention": 'return [Retention(table="secrets_entry", holds="Secrets", why="They are fun.")]',
    "apart": 'return [Retention(table="secrets_entry", holds="Secrets", why="Fun.", apart="Chosen by lot.")]',
    "export_account": "return {}",
    "erase_account": "pass",
}


def implementing(*hooks: str) -> str:
    found = PLUGIN
    for hook in hooks:
        name = "retention" if hook == "apart" else hook
        arguments = "account_id, profile_id" if "account" in hook else ""
        found += f"\n@hookimpl\ndef {name}({arguments}):\n    {HOOKS[hook]}\n"
    return found


@pytest.mark.parametrize(
    "hooks, reason",
    [
        ((), "does not say how long"),
        (("export_account", "erase_account"), "does not say how long"),
        (("retention", "erase_account"), "does not implement export_account"),
        (("retention", "export_account"), "does not implement erase_account"),
        (("retention", "export_account", "erase_account"), None),
        (("apart",), None),
    ],
)
def test_a_plugin_that_keeps_quiet_about_people_is_left_out(
    tmp_path: Path, make_site: Callable[..., Site], hooks: tuple[str, ...], reason: str | None
) -> None:
    folder = tmp_path / "instance" / "plugins" / "secrets"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text('name = "secrets"\ntitle = "Secrets"\nversion = "1.0"\n')
    (folder / "models.py").write_text(MODELS)
    (folder / "plugin.py").write_text(implementing(*hooks))
    make_site("secrets")
    left_out = current.generation().left_out
    assert (reason is None and "secrets" not in left_out) or (
        reason is not None and reason in left_out["secrets"]
    )


def test_every_core_table_with_a_person_says_how_long_it_is_kept(site: Site) -> None:
    declared = current.generation().registry.retention
    assert sorted(personal_tables("ecrm_server") - set(declared)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": 5},
        {"sweep": lambda before, limit: 0},
        {"days": 5, "sweep": lambda before, limit: 0, "least": 6},
        {"days": 5, "sweep": lambda before, limit: 0, "fixed": "a week"},
        {"why": ""},
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="diary"):
        Retention(**{"table": "diary", "holds": "Entries", "why": "You read them.", **wrong})


def test_questions_put_off_are_swept_on_both_engines(person: Person, movable_clock: Any) -> None:
    ada = person("Ada")
    questions.put_off(ada, "news")
    movable_clock.advance(questions.LATER)
    with transaction():
        assert questions.sweep(clock.now(), 10) == 0
        assert questions.sweep(clock.now() + 1, 10) == 1
    assert database.is_closed() is False
