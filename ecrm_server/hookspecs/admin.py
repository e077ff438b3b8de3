"""Administration: moderation, health, command line, demo content, the plugin's life."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.hookspecs import hookspec

if TYPE_CHECKING:
    import click

    from ecrm_server.admin.health import HealthCheck
    from ecrm_server.moderation.kind import ModeratedKind


@hookspec
def moderated_kinds() -> list[ModeratedKind]:
    """Declaration. The kinds of objects people can flag and moderators act on.

    Example::

        @hookimpl
        def moderated_kinds():
            return [moderation.POST]
    """


@hookspec
def health_checks() -> list[HealthCheck]:
    """Declaration. Checks for the health page.

    Example::

        @hookimpl
        def health_checks():
            return [HealthCheck("forums.search", "Forum search", services.search_health)]
    """


@hookspec
def commands() -> list[click.Command]:
    """Declaration. Commands for ``ecrm``; ``command.ecrm_group = "import"`` puts one into a group.

    Example::

        @hookimpl
        def commands():
            return [cli.recount]
    """


@hookspec
def load_demo() -> None:
    """Write the part's share of the demo company, labelled as demo, in one transaction after the parts it needs.

    Example::

        @hookimpl
        def load_demo():
            demo.load()
    """


@hookspec
def describe_demo() -> list[str]:
    """Sentences with what ``remove_demo`` would delete now, counted, and what would stay: an admin reads them first.

    Example::

        @hookimpl
        def describe_demo():
            return demo.describe()
    """


@hookspec
def remove_demo() -> None:
    """Strict. Remove everything that ``load_demo`` wrote, but nothing that members wrote beside it.

    Example::

        @hookimpl
        def remove_demo():
            demo.remove()
    """
