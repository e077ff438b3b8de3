"""What a plugin needs to keep a record is in ``ecrm_server.api``."""

from __future__ import annotations

import importlib
import textwrap
from typing import Any

import pytest

from ecrm_server.access import SYSTEM
from ecrm_server.data import Prepared, transaction
from ecrm_server.identity import counters
from ecrm_server.identity.testing import actor_of
from ecrm_server.kernel import plugins

MIGRATION = """
    from ecrm_server.api import append_only, changeable


    def up(migrator, db):
        db.execute_sql(
            "CREATE TABLE ledger_entry (id INTEGER PRIMARY KEY, uid TEXT UNIQUE, text TEXT, seal BIGINT)"
        )
        append_only(db, "ledger_entry", may_change=("seal",))


    def down(migrator, db):
        changeable(db, "ledger_entry")
        db.execute_sql("DROP TABLE ledger_entry")
"""
CODE = """
    from ecrm_server.api import (
        SIGNED_IN, JobKind, JobRun, PluginBlueprint, Prepared, audit_record, enqueue_job, hookimpl, limited, needs,
        public_id, seal_pending, seal_soon, sealed, transaction, verify_seals,
    )

    CHAIN = sealed("ledger_entry", ("text",))
    INSERT = Prepared("INSERT INTO ledger_entry (id, uid, text) VALUES (?, ?, ?)")
    pages = PluginBlueprint("ledger", __name__)


    def write(actor, number, text):
        with transaction():
            uid = public_id()
            INSERT.run(number, uid, text)
            audit_record("ledger.written", actor=actor, obj_kind="ledger.entry", obj_uid=uid)
            seal_soon(CHAIN)
            enqueue_job("ledger.seal")


    def seal(run: JobRun):
        seal_pending(CHAIN)


    def verify():
        return verify_seals(CHAIN)


    @pages.post("/")
    @limited("2/minute")
    @needs(SIGNED_IN)
    def post():
        return "", 204


    @hookimpl
    def blueprints():
        return [pages]


    @hookimpl
    def jobs():
        return [JobKind("ledger.seal", seal, "Seal the ledger")]
"""


def test_a_plugin_keeps_a_record_that_shows_when_it_was_altered(site: Any, both_engines: str, sign_in: Any) -> None:
    folder = site.config.instance / "plugins" / "ledger"
    for path, text in {
        "plugin.toml": 'name = "ledger"\ntitle = "Ledger"\nversion = "1.0"\n',
        "plugin.py": CODE,
        "migrations/0001_entry.py": MIGRATION,
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(textwrap.dedent(text))
    plugins.enable(site.config, "ledger")
    site.refresh()
    ledger = importlib.import_module("ecrm_plugins.ledger.plugin")
    ada = sign_in("Ada")
    ledger.write(actor_of(ada.account), 1, "ten shoes sold")
    ledger.write(SYSTEM, 2, "one shoe came back")
    ledger.seal(None)
    assert (ledger.verify().ok, ledger.verify().records) == (True, 2)
    assert Prepared("SELECT COUNT(*) FROM audit_entry WHERE action = 'ledger.written'").value() == 2
    assert Prepared("SELECT COUNT(*) FROM job WHERE kind = 'ledger.seal'").value() == 2
    with pytest.raises(Exception, match="append-only"), transaction():
        Prepared("DELETE FROM ledger_entry").run()
    counters.reset()  # it outlives a site: the other engine's test has called too
    assert [ada.post("/ledger/").status_code for _ in range(3)] == [204, 204, 429]
