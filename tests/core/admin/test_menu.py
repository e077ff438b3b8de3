"""The administration's menu stands below headings, and its pages belong to the administration in the sidebar."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ecrm_server.identity.testing import COOKIE, make_account, session_key
from ecrm_server.kernel.site import Site
from ecrm_server.testing import Browser

MANIFEST = 'name = "depot"\ntitle = "Depot"\nversion = "1.0"\n'
CODE = """
from ecrm_server.api import NavItem, hookimpl


@hookimpl
def navigation():
    return [
        NavItem("depot.docks", "Docks", "/admin/docks", permission="admin.enter", place="admin", group="Logistics"),
        NavItem("depot.crates", "Crates", "/admin/crates", permission="admin.enter", place="admin"),
    ]
"""


def menu(page: str) -> dict[str, list[str]]:
    """heading -> labels of its entries, both in the page's order."""
    part = page[page.index('<nav class="side-menu"') :].partition("</nav>")[0]
    groups = part.split('class="side-menu-group"')[1:]
    return {
        re.findall(r"<span[^>]*>([^<]+)</span>", group)[0]: re.findall(r"<span>([^<]+)</span>", group)
        for group in groups
    }


def marked(page: str) -> list[str]:
    """The sidebar's entries that are marked as where one is."""
    sidebar = page[page.index('<nav id="sidebar"') :].partition("</nav>")[0]
    return re.findall(r'aria-current="page" data-nav="([^"]+)"', sidebar)


@pytest.mark.plugins("forums")
def test_the_menu_stands_below_headings(sign_in: Callable[..., Browser]) -> None:
    page = sign_in("Ada", "admin").get("/admin").text
    found = menu(page)
    assert list(found) == ["Site", "People", "Content", "System"]
    assert found["Site"] == ["Features", "Settings", "Set up the site"]
    assert found["People"][:4] == ["People", "Invitations", "Groups", "Roles"]
    assert "Forum categories" in found["Content"]
    assert {"Jobs", "Outbox", "Audit log", "Health", "Failed deliveries"} <= set(found["System"])


def test_a_plugin_names_its_heading_or_stands_below_features(
    tmp_path: Path, make_site: Callable[..., Site]
) -> None:
    folder = tmp_path / "instance" / "plugins" / "depot"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text(MANIFEST)
    (folder / "plugin.py").write_text(CODE)
    admin = Browser(make_site("depot"))
    admin.client.set_cookie(COOKIE, session_key(make_account("Ada", roles=["admin"])), domain="localhost")
    found = menu(admin.get("/admin").text)
    assert (found["Logistics"], found["Features"]) == (["Docks"], ["Crates"])


@pytest.mark.plugins("forums")
@pytest.mark.parametrize(
    "path, entry",
    [
        ("/forums/admin/categories/new", "admin"),
        ("/admin/people", "admin"),
        ("/admin", "admin"),
        ("/forums", "forums"),
        ("/organisations", "customers"),
        ("/organisations/plans", "customers"),
    ],
)
def test_the_sidebar_marks_the_area_of_a_page(sign_in: Callable[..., Browser], path: str, entry: str) -> None:
    assert marked(sign_in("Ada", "admin").get(path).text) == [entry]
