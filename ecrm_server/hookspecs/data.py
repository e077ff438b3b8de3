"""Events, services between plugins, search, files."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ecrm_server.hookspecs import hookspec

if TYPE_CHECKING:
    from ecrm_server.events import Event, Subscription
    from ecrm_server.search.kind import SearchKind, SearchSource
    from ecrm_server.storage.kind import FileKind


@hookspec
def events() -> list[type[Event]]:
    """Declaration. The events the part emits.

    Example::

        @hookimpl
        def events():
            return [events_module.TopicOpened, events_module.Replied]
    """


@hookspec
def subscriptions() -> list[Subscription]:
    """Declaration. The events the part wants to hear of, usually ``declared(subscribers)``.

    Handlers run in a transaction that also records the delivery: their effects in the database happen exactly once.

    Example::

        @hookimpl
        def subscriptions():
            return declared(subscribers)
    """


@hookspec
def services() -> dict[str, Callable[..., Any]]:
    """Declaration. What other plugins may ask this one: ``{"orders.purchases@1": function}``, plain data in and out.

    Example::

        @hookimpl
        def services():
            return {"forums.topic_count@1": services_module.topic_count}
    """


@hookspec
def search_kinds() -> list[SearchKind]:
    """Declaration. The kinds of documents the part puts into the one search index.

    Example::

        @hookimpl
        def search_kinds():
            return [search.POSTS]
    """


@hookspec
def search_sources() -> list[SearchSource]:
    """Declaration. What the search finds by the part's own query instead of documents in the index.

    Example::

        @hookimpl
        def search_sources():
            return [SearchSource("orders.order", "Orders", "list", "orders.read", finding.by_number)]
    """


@hookspec
def file_kinds() -> list[FileKind]:
    """Declaration. The kinds of objects that uploaded files hang on; each says who may read the files of one object.

    A file that hangs on nothing is its owner's alone and is swept after a day: ``attach_files`` hangs it on an object.

    Example::

        @hookimpl
        def file_kinds():
            return [FileKind("forums.post", services.may_read_post)]
    """
