"""Search: the page, and forgetting a person's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.access import ANYONE
from ecrm_server.hookspecs import hookimpl
from ecrm_server.search import privacy, views
from ecrm_server.web.navigation import NavItem

if TYPE_CHECKING:
    from ecrm_server.web.blueprint import CoreBlueprint


@hookimpl
def blueprints() -> list[CoreBlueprint]:
    return [views.pages]


@hookimpl
def navigation() -> list[NavItem]:
    return [NavItem("search", "Search", "/search", "search", ANYONE, 15, "command")]


@hookimpl
def erase_account(account_id: int, profile_id: int) -> None:
    privacy.forget(profile_id)
