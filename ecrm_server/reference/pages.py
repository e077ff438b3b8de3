"""The reference of a generation: documents made once, rendered when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable

from ecrm_server.kernel.generation import Generation
from ecrm_server.reference import declared, reach
from ecrm_server.reference.document import Document, Shown, show

MAKERS: dict[str, Callable[[Generation], Document]] = {
    "hooks": declared.hooks,
    "events": declared.events,
    "permissions": reach.permissions,
    "channels": declared.channels,
    "services": declared.services,
    "settings": declared.settings,
    "commands": reach.commands,
    "api": reach.api,
}
"""Page -> what makes it, in the order of the index."""

_KEPT = "ecrm_reference"


def page(generation: Generation, name: str) -> tuple[Document, Shown]:
    """A page and its rendered form, kept as long as the generation. Raises KeyError."""
    kept: dict[str, tuple[Document, Shown]] = generation.app.extensions.setdefault(_KEPT, {})
    if name not in kept:
        document = MAKERS[name](generation)
        kept[name] = (document, show(document.body))
    return kept[name]


def index(generation: Generation) -> list[Document]:
    """Every page of the reference."""
    return [page(generation, name)[0] for name in MAKERS]
