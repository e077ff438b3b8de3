"""Pages, places in pages, settings and the REST API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.hookspecs import hookspec

if TYPE_CHECKING:
    import marshmallow

    from ecrm_server.rest import RestBlueprint
    from ecrm_server.web.blueprint import PluginBlueprint
    from ecrm_server.web.navigation import NavItem
    from ecrm_server.web.slots import Slot


@hookspec
def blueprints() -> list[PluginBlueprint]:
    """Declaration. The pages of the part.

    Returns a list of ``PluginBlueprint``; its URLs lie below ``/<plugin>``.

    Example::

        @hookimpl
        def blueprints():
            return [views.pages]
    """


@hookspec
def rest() -> list[RestBlueprint]:
    """Declaration. The REST endpoints of the part, below ``/api/v1/<plugin>``.

    Example::

        @hookimpl
        def rest():
            return [rest_module.api]
    """


@hookspec
def navigation() -> list[NavItem]:
    """Declaration. Entries for the sidebar, the admin's menu, the person's menu, the plus menu and the command palette.

    Each entry names the permission of those who see it.

    Example::

        @hookimpl
        def navigation():
            return [NavItem("forums", "Forums", "/forums", icon="messages", order=10)]
    """


@hookspec
def slots() -> list[Slot]:
    """Declaration. Fragments for places in other parts' pages; each is rendered inside its own fence and timed.

    Example::

        @hookimpl
        def slots():
            return [Slot("customer.panel", views.customer_panel, permission="customers.read")]
    """


@hookspec
def settings_schema() -> type[marshmallow.Schema]:
    """Declaration. The part's settings as one marshmallow schema: form, check and defaults (``load_default``).

    Read a setting with ``setting("plugin.name")``. Metadata ``title``, ``help`` and ``widget`` shape the form.

    Example::

        @hookimpl
        def settings_schema():
            return schemas.SettingsSchema
    """


@hookspec
def page_modules() -> list[str]:
    """Declaration. JavaScript modules, paths below the plugin's ``static/``, that every page loads.

    Prefer loading a module only on the pages that need it: ``{% block scripts %}``.

    Example::

        @hookimpl
        def page_modules():
            return ["js/badge.js"]
    """
