"""The documentation's pages and how they are found."""

from __future__ import annotations

from ecrm_server.access import ANYONE
from ecrm_server.hookspecs import hookimpl
from ecrm_server.reference import footer, views
from ecrm_server.web.blueprint import CoreBlueprint
from ecrm_server.web.navigation import NavItem
from ecrm_server.web.slots import Slot


@hookimpl
def blueprints() -> list[CoreBlueprint]:
    return [views.pages]


@hookimpl
def navigation() -> list[NavItem]:
    return [NavItem("reference", "Documentation", "/docs", icon="book", permission=ANYONE, order=90, place="command")]


@hookimpl
def slots() -> list[Slot]:
    return [Slot("footer.links", footer.link)]
