"""The administration: features, settings, health, wizard, demo company, backups."""

from __future__ import annotations

import io
import tarfile

import pytest
from PIL import Image

from ecrm_server import config
from ecrm_server.access import SYSTEM
from ecrm_server.admin import backup, demo, services
from ecrm_server.data import Prepared, database, engine
from ecrm_server.errors import EcrmError
from ecrm_server.identity import demo as identity_demo
from ecrm_server.kernel import current, state
from ecrm_server.kernel.site import Site

ADMIN_PAGES = [
    "/admin",
    "/admin/features",
    "/admin/settings",
    "/admin/settings/admin",
    "/admin/health",
    "/admin/events",
]


@pytest.mark.parametrize("path", ADMIN_PAGES)
def test_pages_of_the_administration_are_for_admins_only(sign_in, visitor, path):
    assert sign_in("Ada", "admin").get(path).status_code == 200
    assert sign_in("Mia").get(path).status_code == 403
    assert visitor.get(path).status_code == 302


def test_staff_see_only_the_pages_that_are_theirs(sign_in):
    page = sign_in("Sam", "staff").get("/admin")
    assert page.status_code == 200
    assert "/admin/features" not in page.text


@pytest.mark.plugins("forums")
def test_a_feature_is_switched_off_and_on_from_its_card(sign_in, visitor):
    admin = sign_in("Ada", "admin")
    assert visitor.get("/forums").status_code == 200
    assert admin.post("/admin/features/forums/disable").status_code == 303
    assert visitor.get("/forums").status_code == 404
    assert "Off" in admin.get("/admin/features").text
    assert admin.post("/admin/features/forums/enable").status_code == 303
    assert visitor.get("/forums").status_code == 200
    rows = Prepared("SELECT action FROM audit_entry WHERE action LIKE 'admin.feature%' ORDER BY id").tuples()
    assert rows == [("admin.feature_disabled",), ("admin.feature_enabled",)]


@pytest.mark.plugins("forums")
def test_purging_asks_for_the_name(sign_in):
    admin = sign_in("Ada", "admin")
    admin.post("/admin/features/forums/disable")
    admin.post("/admin/features/forums/purge", {"confirm": "something else"})
    assert "forums_topic" in database.get_tables()
    admin.post("/admin/features/forums/purge", {"confirm": "forums"})
    assert "forums_topic" not in database.get_tables()


def test_a_folder_that_is_no_plugin_is_named_with_its_fault(site, sign_in):
    folder = site.config.instance / "plugins" / "odd"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text("name = 'odd'\ntitle = 'Odd'\n")
    state.bump()
    site.refresh()
    assert "lacks &#39;version&#39;" in sign_in("Ada", "admin").get("/admin/features").text


def test_settings_take_effect_at_once_and_are_audited(sign_in, visitor):
    admin = sign_in("Ada", "admin")
    answer = admin.post("/admin/settings", _site(site_name="Brightwater"))
    assert answer.status_code == 303
    assert "Brightwater" in visitor.get("/terms").text
    assert Prepared("SELECT count(*) FROM audit_entry WHERE action = 'admin.settings_changed'").value() == 1


def _site(**changed: str) -> dict[str, str]:
    return {"site_name": "eCRM Server", "tagline": "", "logo_url": "", "accent": "", "theme": "", **changed}


def test_a_wrong_setting_is_refused_beside_its_field_and_nothing_is_lost(sign_in):
    admin = sign_in("Ada", "admin")
    answer = admin.post("/admin/settings", _site(accent="purple", site_name="Kept"))
    assert answer.status_code == 422
    assert "Write a colour as #" in answer.text
    assert 'value="Kept"' in answer.text
    assert current.generation().settings["web.site_name"] == "eCRM Server"


def test_an_unknown_setting_is_refused(sign_in):
    assert sign_in("Ada", "admin").post("/admin/settings", _site(secret="1")).status_code == 422


@pytest.mark.plugins("forums")
def test_every_step_of_the_wizard_can_be_skipped_and_it_can_be_run_again(sign_in):
    admin = sign_in("Ada", "admin")
    for step, following in (("name", "look"), ("look", "features"), ("features", "mail"), ("mail", "done")):
        assert admin.get(f"/admin/setup/{step}").status_code == 200
        answer = admin.post(f"/admin/setup/{step}", {"skip": "1"})
        assert answer.location == f"/admin/setup/{following}"
    assert admin.get("/admin/setup/done").status_code == 200
    assert "This site is new" in admin.get("/admin").text
    assert admin.post("/admin/setup/done").location == "/admin"
    assert "This site is new" not in admin.get("/admin").text
    admin.post("/admin/setup/name", {"site_name": "Again"})
    assert current.generation().settings["web.site_name"] == "Again"
    assert current.generation().left_out == {}
    assert current.generation().has("forums")


@pytest.mark.plugins("forums")
def test_the_demo_company_leaves_nothing_behind(site, both_engines, sign_in):
    admin = sign_in("Ada", "admin")
    before = _contents()
    assert demo.load()
    assert not demo.load()
    site.refresh()
    assert _contents() != before
    assert admin.post("/admin/demo/remove").status_code == 303
    assert _contents() == before


def test_the_wizard_says_where_the_mail_server_is_named(site, sign_in):
    page = sign_in("Ada", "admin").get("/admin/setup/mail").text
    assert 'smtp_url = "smtp://' in page
    assert str(site.config.instance / "ecrm.toml") in page
    assert "Send me a test mail" not in page


@pytest.mark.settings(smtp_url="smtp://127.0.0.1:9")
def test_the_wizard_sends_a_test_mail(sign_in, mails):
    admin = sign_in("Ada", "admin")
    answer = admin.post("/admin/setup/mail", {"test": "1"})
    assert answer.location == "/admin/setup/mail"
    assert [(mail["kind"], mail["state"]) for mail in mails()] == [("admin.test_mail", "waiting")]


@pytest.mark.settings(demo=True)
def test_the_demo_company_stays_until_somebody_real_administrates(site, sign_in):
    demo.load()
    site.refresh()
    invented = sign_in(account=identity_demo.person("admin"))
    answer = invented.post("/admin/demo/remove")
    assert answer.status_code == 422
    assert "Nobody but the demo&#39;s people" in answer.text
    assert demo.is_loaded()
    assert "invented people" in invented.get("/admin/demo/remove").text
    assert sign_in("Ada", "admin").post("/admin/demo/remove").status_code == 303
    assert not demo.is_loaded()


def test_a_command_removes_the_demo_company_all_the_same(site):
    demo.load()
    services.remove_demo(SYSTEM)
    assert not demo.is_loaded()


def _contents() -> dict[str, int]:
    """Rows of every table that holds content (not what records that something happened)."""
    records = (
        "_migration",
        "event",
        "audit",
        "seal",
        "setting",
        "plugin_state",
        "site_state",
        "channel",
        "session",
        "fts",
        "search_",
    )
    tables = [name for name in database.get_tables() if not any(word in name for word in records)]
    return {name: Prepared(f'SELECT count(*) FROM "{name}"').value() for name in tables}


def test_figures_are_for_this_machine_or_the_holder_of_the_token(site, visitor):
    local = {"REMOTE_ADDR": "127.0.0.1"}
    far = {"REMOTE_ADDR": "203.0.113.9"}
    assert "ecrm_generation" in visitor.get("/metrics", environ_base=local).text
    assert (
        visitor.get("/metrics", environ_base=local, headers={"X-Forwarded-For": "1.2.3.4"}).status_code == 404
    )
    assert visitor.get("/metrics", environ_base=far).status_code == 404


def test_a_foreign_host_is_refused_and_127_0_0_1_is_sent_to_localhost(visitor):
    assert visitor.get("/terms", base_url="http://evil.example").status_code == 400
    answer = visitor.get("/terms?a=1", base_url="http://127.0.0.1:8000")
    assert (answer.status_code, answer.location) == (302, "http://localhost:8000/terms?a=1")
    assert visitor.get("/healthz", base_url="http://10.0.0.5:8000").status_code == 200


def test_backup_and_restore_give_the_same_content(make_site, both_engines, tmp_path, request):
    site = make_site()
    (site.config.instance / "files").mkdir(exist_ok=True)
    (site.config.instance / "files" / "picture.webp").write_bytes(b"picture")
    Prepared("INSERT INTO setting (name, value, changed_at) VALUES ('web.site_name', '\"Kept\"', 1)").run()
    archive = tmp_path / "backup.tar.gz"
    summary = backup.backup(site.config, archive)
    assert summary["files"] >= 2
    assert archive.stat().st_mode & 0o077 == 0
    with pytest.raises(EcrmError, match="not empty"):
        backup.restore(site.config, archive)
    with tarfile.open(archive) as content:
        assert any(name.startswith("database.") for name in content.getnames())


def test_a_backup_is_closed_to_others_from_its_first_byte(make_site, tmp_path, monkeypatch):
    site, archive, modes = make_site(), tmp_path / "backup.tar.gz", []
    archive.touch(0o644)
    add = tarfile.TarFile.add

    def watched(self, *arguments, **options):
        modes.append(archive.stat().st_mode & 0o077)
        return add(self, *arguments, **options)

    monkeypatch.setattr(tarfile.TarFile, "add", watched)
    backup.backup(site.config, archive)
    assert set(modes) == {0}


@pytest.mark.parametrize(
    "url, address, password",
    [
        ("postgresql://ecrm:p%40ss@db:5432/ecrm?a=b", "postgresql://ecrm@db:5432/ecrm?a=b", "p@ss"),
        ("postgresql://ecrm@db/ecrm", "postgresql://ecrm@db/ecrm", ""),
        ("postgresql:///ecrm", "postgresql:///ecrm", ""),
    ],
)
def test_no_command_line_shows_the_databases_password(url, address, password):
    assert engine._without_password(url) == (address, password)


def test_restore_into_an_empty_instance(make_site, tmp_path):
    site = make_site()
    Prepared("INSERT INTO setting (name, value, changed_at) VALUES ('web.site_name', '\"Kept\"', 1)").run()
    archive = tmp_path / "backup.tar.gz"
    backup.backup(site.config, archive)
    database.close_all()
    fresh = Site(config.load(tmp_path / "fresh", environ={}, secret_key="x"))
    fresh.connect()
    backup.restore(fresh.config, archive)
    with database.connection_context():
        assert Prepared("SELECT value FROM setting WHERE name = 'web.site_name'").value() == '"Kept"'
    with pytest.raises(EcrmError, match=r"no backup|cannot be read"):
        backup.restore(fresh.config, site.config.instance / "ecrm.db")


def _cut(content: bytes) -> bytes:
    return content[:-100]


def _bent(content: bytes) -> bytes:
    middle = len(content) // 2
    # Several bytes: a single bit may be one of those that fill a byte up, which mean nothing.
    bent = bytes(byte ^ 255 for byte in content[middle : middle + 16])
    return content[:middle] + bent + content[middle + 16 :]


@pytest.mark.parametrize("damage", [_cut, _bent])
def test_a_damaged_backup_restores_nothing(make_site, tmp_path, damage):
    archive = tmp_path / "backup.tar.gz"
    backup.backup(make_site().config, archive)
    database.close_all()
    archive.write_bytes(damage(archive.read_bytes()))
    fresh = Site(config.load(tmp_path / "fresh", environ={}, secret_key="x"))
    fresh.connect()
    with pytest.raises(EcrmError):
        backup.restore(fresh.config, archive)
    assert engine.is_empty()


@pytest.mark.parametrize(
    "name,content", [("database.db", b""), ("database.db", b"no database" * 99), ("database.pgdump", b"PGDMP")]
)
def test_what_is_no_database_of_this_kind_is_not_restored(tmp_path, name, content):
    site, dump = Site(config.load(tmp_path / "fresh", environ={}, secret_key="x")), tmp_path / name
    site.connect()
    dump.write_bytes(content)
    with tarfile.open(tmp_path / "backup.tar.gz", "w:gz") as archive:
        archive.add(dump, name)
    with pytest.raises(EcrmError, match=r"damaged|other kind"):
        backup.restore(site.config, tmp_path / "backup.tar.gz")


def test_a_logo_is_uploaded_stored_and_removed(sign_in, visitor):
    admin = sign_in("Ada", "admin")
    picture = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(picture, "PNG")
    upload = {**_site(), "logo_url_file": (io.BytesIO(picture.getvalue()), "logo.png")}
    assert admin.post("/admin/settings", upload).status_code == 303
    address = current.generation().settings["web.logo_url"]
    assert address.startswith("/files/")
    assert visitor.get(address).status_code == 200
    assert f'src="{address}"' in visitor.get("/terms").text
    admin.post("/admin/settings", _site())
    assert address not in visitor.get("/terms").text


def test_what_is_no_picture_is_refused_as_a_logo(sign_in):
    upload = {**_site(), "logo_url_file": (io.BytesIO(b"<svg onload=alert(1)>"), "logo.png")}
    assert sign_in("Ada", "admin").post("/admin/settings", upload).status_code == 422
    assert current.generation().settings["web.logo_url"] == ""


def test_a_theme_changes_the_style_sheets_of_every_page(sign_in, visitor):
    admin = sign_in("Ada", "admin")
    assert admin.post("/admin/settings", _site(theme="harbour")).status_code == 303
    assert "/static/t/harbour/" in visitor.get("/terms").text
