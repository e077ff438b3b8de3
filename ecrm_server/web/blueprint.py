"""The blueprint of a part's pages: name, URL prefix and template folder are its own, and it touches nothing else."""

from __future__ import annotations

from typing import Any, NoReturn

from flask import Blueprint

from ecrm_server.errors import PluginError


class PluginBlueprint(Blueprint):
    """Pages of a plugin, below ``/<plugin>``.

    >>> pages = PluginBlueprint("forums", __name__)
    >>> @pages.get("/")
    ... @needs(ANYONE)
    ... def index(): ...

    What would reach other parts' requests (``before_app_request``, app-wide error handlers and so on) is refused.
    """

    def __init__(self, plugin: str, import_name: str, *, url_prefix: str | None = None) -> None:
        super().__init__(
            plugin, import_name, url_prefix=url_prefix if url_prefix is not None else f"/{plugin}"
        )


class CoreBlueprint(Blueprint):
    """Pages of a core domain, at any URL."""


def _refused(name: str) -> Any:
    def refuse(self: PluginBlueprint, *args: Any, **kwargs: Any) -> NoReturn:
        raise PluginError(f"{self.name}: {name} would change pages of other parts; a plugin cannot use it.")

    refuse.__name__ = name
    return refuse


for _name in (
    "before_app_request",
    "after_app_request",
    "teardown_app_request",
    "app_context_processor",
    "app_errorhandler",
    "app_template_filter",
    "app_template_test",
    "app_template_global",
    "app_url_value_preprocessor",
    "app_url_defaults",
    "record_once",
    "register_blueprint",
):
    setattr(PluginBlueprint, f"{_name}", _refused(_name))
