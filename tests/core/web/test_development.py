from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ecrm_server import config
from ecrm_server.cli.server import watched
from ecrm_server.kernel.discovery import discover
from ecrm_server.kernel.plugins import enable

PLUGIN = """\
from ecrm_server.api import ANYONE, PluginBlueprint, hookimpl, needs

pages = PluginBlueprint("clumsy", __name__)

@pages.get("/")
@needs(ANYONE)
def index():
    raise LookupError("the <b>shelf</b> is empty")

@hookimpl
def blueprints():
    return [pages]
"""


@pytest.fixture
def clumsy(site: Any) -> Path:
    """A plugin whose page raises, enabled."""
    folder = site.config.instance / "plugins" / "clumsy"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text('name = "clumsy"\ntitle = "Clumsy"\nversion = "1"\n')
    (folder / "plugin.py").write_text(PLUGIN)
    enable(site.config, "clumsy")
    site.refresh()
    return Path(folder)


@pytest.mark.settings(development=True)
def test_a_developer_sees_plugin_place_and_trace(site: Any, clumsy: Path, visitor: Any) -> None:
    answer = visitor.get("/clumsy/")
    assert answer.status_code == 500
    assert "<dd>clumsy</dd>" in answer.text
    assert "<dd>clumsy.index</dd>" in answer.text
    assert f"{clumsy / 'plugin.py'}, line 8, in index" in answer.text
    assert "LookupError: the &lt;b&gt;shelf&lt;/b&gt; is empty" in answer.text


@pytest.mark.settings(development=True)
def test_a_program_gets_its_problem_document(site: Any, clumsy: Path, visitor: Any) -> None:
    answer = visitor.get("/clumsy/", headers={"Accept": "application/json"})
    assert answer.json["status"] == 500
    assert "shelf" not in answer.text


def test_a_visitor_of_a_site_sees_nothing_of_the_inside(site: Any, clumsy: Path, visitor: Any) -> None:
    answer = visitor.get("/clumsy/")
    assert answer.status_code == 500
    assert "shelf" not in answer.text
    assert "clumsy" not in answer.text


def test_a_saved_template_restarts_a_developers_server(tmp_path: Path) -> None:
    own = tmp_path / "plugins" / "clumsy"
    own.mkdir(parents=True)
    (own / "plugin.toml").write_text('name = "clumsy"\ntitle = "Clumsy"\nversion = "1"\n')
    (own / "page.html").write_text("")
    (own / "notes.txt").write_text("")
    found = watched(config.load(tmp_path, environ={}))
    assert {path for path in found if path.startswith(str(own))} == {str(own / "page.html"), str(own / "plugin.toml")}
    assert len(discover(tmp_path).manifests) > 1, "bundled plugins are watched too"
    assert any("forums" in path for path in found)
