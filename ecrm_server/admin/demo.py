"""The demo company: every part loads and removes its share."""

from __future__ import annotations

import logging

from ecrm_server.data import Prepared, transaction
from ecrm_server.events.outbox import importing
from ecrm_server.kernel import current, state
from ecrm_server.settings import store

log = logging.getLogger(__name__)

MARK = "admin.demo_loaded"
_MARKED = Prepared("SELECT value FROM setting WHERE name = ?")
_REMOVE_MARK = Prepared("DELETE FROM setting WHERE name = ?")


def is_loaded() -> bool:
    """Whether the demo company is in this instance."""
    return _MARKED.value(MARK) == "true"


def load() -> bool:
    """Load the demo company; False when it is there already. Its events mail nobody and call nothing outside."""
    with transaction():
        if is_loaded():
            return False
        generation = current.generation()
        with importing():
            for part in generation.parts.values():
                function = part.hooks.get("load_demo")
                if function is not None:
                    function()
        store.put(MARK, True)
        state.bump()
    return True


def describe() -> list[str]:
    """Sentences with what removing the demo company would delete and what would stay, from every part that says so."""
    parts = current.generation().parts.values()
    found = [part.hooks["describe_demo"]() for part in parts if "describe_demo" in part.hooks]
    return [sentence for sentences in found for sentence in sentences]


def remove() -> None:
    """Remove the demo company: last loaded, first removed. All or nothing."""
    with transaction():
        for part in reversed(list(current.generation().parts.values())):
            function = part.hooks.get("remove_demo")
            if function is not None:
                function()
        _REMOVE_MARK.run(MARK)
        state.bump()
