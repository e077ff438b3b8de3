"""Generations: what is enabled works, what is broken is left out with its reason, nothing is open by accident."""

from __future__ import annotations

import gc
import sqlite3
import textwrap
import threading
import weakref
from pathlib import Path

import peewee
import pytest

from ecrm_server.access import ANONYMOUS, SYSTEM
from ecrm_server.access.may import may
from ecrm_server.data import database, reading_only
from ecrm_server.errors import Conflict, PluginError, Refusal
from ecrm_server.kernel import current, plugins, state


def write_plugin(
    site, name: str, code: str = "", *, manifest: str = "", files: dict[str, str] | None = None
) -> Path:
    """Drop a plugin into the instance folder."""
    folder = site.config.instance / "plugins" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plugin.toml").write_text(
        f'name = "{name}"\ntitle = "{name.title()}"\nversion = "1.0"\n{manifest}'
    )
    (folder / "plugin.py").write_text(textwrap.dedent(code))
    for path, text in (files or {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(textwrap.dedent(text))
    return folder


PAGE = """
from ecrm_server.api import ANYONE, PluginBlueprint, hookimpl, needs

pages = PluginBlueprint("{name}", __name__)


@pages.get("/")
@needs(ANYONE)
def index():
    return "hello from {name}"


@hookimpl
def blueprints():
    return [pages]
"""


def enable(site, name: str) -> None:
    plugins.enable(site.config, name)
    site.refresh()


def problem(name: str) -> str:
    return state.rows()[name].problem


def test_a_dropped_in_plugin_works_without_a_restart_and_is_gone_when_disabled(site, visitor):
    write_plugin(site, "greeter", PAGE.format(name="greeter"))
    assert visitor.get("/greeter/").status_code == 404
    enable(site, "greeter")
    assert visitor.get("/greeter/").text == "hello from greeter"
    plugins.disable(site.config, "greeter")
    site.refresh()
    assert visitor.get("/greeter/").status_code == 404
    assert visitor.post("/greeter/").status_code in (400, 404)


def test_needs_are_enabled_first_and_cannot_be_disabled_under_their_dependants(site, visitor):
    write_plugin(site, "base", PAGE.format(name="base"))
    write_plugin(site, "upper", PAGE.format(name="upper"), manifest='needs = ["base"]')
    enable(site, "upper")
    assert [part.name for part in current.generation().plugins] == ["base", "upper"]
    with pytest.raises(Conflict, match="upper cannot work without 'base'"):
        plugins.disable(site.config, "base")


def test_a_missing_need_is_named(site):
    write_plugin(site, "upper", manifest='needs = ["nowhere"]')
    with pytest.raises(Refusal, match="upper needs the plugin 'nowhere'"):
        plugins.enable(site.config, "upper")


@pytest.mark.parametrize(
    "code, reason",
    [
        ("def broken(:\n", "SyntaxError"),
        ("raise RuntimeError('no')", "RuntimeError: no"),
        (
            "from ecrm_server.api import hookimpl\n@hookimpl\ndef blueprint():\n    return []",
            "'blueprint', which is no hook",
        ),
        (
            "from ecrm_server.api import hookimpl\n@hookimpl\ndef channels():\n    return 1 / 0",
            "hook channels failed",
        ),
        (PAGE.format(name="bad").replace("@needs(ANYONE)\n", ""), "declares no permission"),
        (PAGE.format(name="bad").replace("needs(ANYONE)", "needs('bad.unknown')"), "which no part declares"),
        (PAGE.format(name="other"), "belong to PluginBlueprint"),
        (
            PAGE.format(name="bad").replace('"bad", __name__', '"bad", __name__, url_prefix=""'),
            "exists already",
        ),
        (PAGE.format(name="bad") + "\npages.before_app_request(print)\n", "a plugin cannot use it"),
    ],
)
def test_a_plugin_that_does_not_fit_is_left_out_with_its_reason(site, visitor, code, reason):
    write_plugin(site, "good", PAGE.format(name="good"))
    write_plugin(site, "bad", code)
    enable(site, "good")
    enable(site, "bad")
    assert visitor.get("/good/").status_code == 200
    assert not current.generation().has("bad")
    assert reason in problem("bad")


def test_a_mended_plugin_comes_back_at_the_next_try(site, visitor):
    write_plugin(site, "bad", "def broken(:\n")
    enable(site, "bad")
    write_plugin(site, "bad", PAGE.format(name="bad"))
    enable(site, "bad")
    assert visitor.get("/bad/").status_code == 200
    assert problem("bad") == ""


def test_a_failing_migration_leaves_schema_and_state_as_they_were(site):
    migration = """
        def up(migrator, db):
            db.execute_sql("CREATE TABLE half_done (id INTEGER)")
            raise RuntimeError("half way")
    """
    write_plugin(site, "half", files={"migrations/0001_half.py": migration})
    with pytest.raises(PluginError, match="half way"):
        plugins.enable(site.config, "half")
    assert "half_done" not in database.get_tables()
    assert "half" not in state.rows()


def test_purge_exports_the_tables_and_drops_them(site):
    migration = """
        def up(migrator, db):
            db.execute_sql("CREATE TABLE keeper_note (id INTEGER, text TEXT)")
            db.execute_sql("INSERT INTO keeper_note VALUES (1, 'remember me')")

        def down(migrator, db):
            db.execute_sql("DROP TABLE keeper_note")
    """
    write_plugin(site, "keeper", files={"migrations/0001_note.py": migration})
    enable(site, "keeper")
    with pytest.raises(Conflict, match="Disable it before"):
        plugins.purge(site.config, "keeper")
    plugins.disable(site.config, "keeper")
    assert "keeper_note" in database.get_tables()
    archive = plugins.purge(site.config, "keeper")
    assert "keeper_note" not in database.get_tables()
    assert archive.exists()
    assert "keeper" not in state.rows()


def test_a_raising_hook_costs_only_its_own_result(site):
    code = """
        from ecrm_server.api import hookimpl

        @hookimpl
        def timeline(actor, account_id, customer_id, before, limit):
            {body}
    """
    write_plugin(site, "sane", code.format(body="return ['entry']"))
    write_plugin(site, "mad", code.format(body="raise RuntimeError('mad')"))
    enable(site, "sane")
    enable(site, "mad")
    results = current.generation().hooks.timeline(
        actor=ANONYMOUS, account_id=1, customer_id=None, organisation_id=None, before=0, limit=5
    )
    assert ["entry"] in results
    assert site.breaker.counts["mad", "timeline"] == 1


def test_too_many_faults_quarantine_the_plugin(site):
    write_plugin(site, "mad", PAGE.format(name="mad"))
    enable(site, "mad")
    for _ in range(20):
        site.breaker.fault("mad", "timeline", RuntimeError("again"))
    site.refresh()
    assert not current.generation().has("mad")
    assert "20 times" in problem("mad")
    enable(site, "mad")
    assert current.generation().has("mad")


def test_a_database_that_is_away_is_no_fault_and_no_refusal(site):
    away = peewee.OperationalError(sqlite3.OperationalError("database is locked"))
    code = """
        import peewee
        from ecrm_server.api import Prepared, hookimpl

        @hookimpl
        def may(actor, permission, obj):
            raise peewee.InterfaceError("the connection is closed")

        @hookimpl
        def timeline(actor, account_id, customer_id, before, limit):
            Prepared("SELECT nothing FROM nowhere").rows()
    """
    write_plugin(site, "sane", code)
    enable(site, "sane")
    for _ in range(30):
        site.breaker.fault("sane", "timeline", away)
    with pytest.raises(peewee.InterfaceError):
        may(SYSTEM, "search.use", object())
    current.generation().hooks.timeline(
        actor=ANONYMOUS, account_id=1, customer_id=None, organisation_id=None, before=0, limit=5
    )
    assert site.breaker.counts == {("sane", "timeline"): 1}
    assert current.generation().has("sane")


def test_a_fragment_that_writes_is_left_out_while_somebody_looks_and_is_no_fault(site):
    code = """
        from ecrm_server.api import Prepared, Slot, hookimpl

        def counted():
            Prepared("UPDATE account SET unread_notices = 0").run()
            return "counted"

        @hookimpl
        def slots():
            return [Slot("page.top", counted)]
    """
    write_plugin(site, "sane", code)
    enable(site, "sane")
    board = current.generation().app.extensions["ecrm_slots"]
    with reading_only():
        for _ in range(30):
            assert board.render("page.top", lambda _: True, {}) == ""
    assert site.breaker.counts == {}
    assert board.render("page.top", lambda _: True, {}) == "counted"
    assert current.generation().has("sane")


def test_a_request_in_flight_finishes_in_its_own_generation(site, visitor):
    code = (
        PAGE.format(name="slow")
        .replace('return "hello', 'gate.wait(5)\n    return "hello')
        .replace("pages =", "import threading\ngate = threading.Event()\npages =")
    )
    write_plugin(site, "slow", code)
    enable(site, "slow")
    answers = []
    thread = threading.Thread(target=lambda: answers.append(visitor.get("/slow/").status_code))
    thread.start()
    plugins.disable(site.config, "slow")
    site.refresh()
    current_app_gate = __import__("sys").modules["ecrm_plugins.slow.plugin"].gate
    current_app_gate.set()
    thread.join(5)
    assert answers == [200]
    assert visitor.get("/slow/").status_code == 404


def test_a_circle_of_needs_is_left_out_with_its_reason(site):
    write_plugin(site, "one", manifest='needs = ["two"]')
    write_plugin(site, "two", manifest='needs = ["one"]')
    state.set_enabled("one", "1.0")
    state.set_enabled("two", "1.0")
    site.refresh()
    assert "circle" in current.generation().left_out["one"] + current.generation().left_out["two"]


def test_swaps_leave_no_old_app_and_no_thread_behind(site):
    write_plugin(site, "greeter", PAGE.format(name="greeter"))
    enable(site, "greeter")
    threads = threading.active_count()
    seen = []
    for _ in range(10):
        state.bump()
        site.refresh()
        seen.append(weakref.ref(current.generation().app))
    gc.collect()
    assert sum(ref() is not None for ref in seen) <= 2
    assert threading.active_count() == threads


def test_safe_mode_starts_with_every_plugin_off(make_site):
    site = make_site(safe_mode=True)
    write_plugin(site, "greeter", PAGE.format(name="greeter"))
    plugins.enable(site.config, "greeter")
    site.refresh()
    assert current.generation().plugins == []


def test_what_a_part_declares_twice_is_refused(site):
    """The second would silently take the first one's place: a subscriber that never hears anything."""
    code = """
        from ecrm_server.api import Permission, hookimpl

        @hookimpl
        def permissions():
            return [Permission("twice.do_it", "One"), Permission("twice.do_it", "Two")]
    """
    write_plugin(site, "twice", code)
    enable(site, "twice")
    assert "declared by twice already" in current.generation().left_out["twice"]
