"""Search: the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.access import ANYONE
from ecrm_server.hookspecs import hookimpl
from ecrm_server.search import views
from ecrm_server.web.navigation import NavItem

if TYPE_CHECKING:
    from ecrm_server.web.blueprint import CoreBlueprint


@hookimpl
def blueprints() -> list[CoreBlueprint]:
    return [views.pages]


@hookimpl
def navigation() -> list[NavItem]:
    return [NavItem("search", "Search", "/search", "search", ANYONE, 15, "command")]
