"""What a process may remember while one generation is in force: it is gone with the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from ecrm_server.api import generation

_kept: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()
_Kept = TypeVar("_Kept")


def kept(name: str, make: Callable[[], _Kept]) -> _Kept:
    """The thing of this name that belongs to the generation in force, made at the first call."""
    serving = generation()
    things = _kept.get(serving)
    if things is None:
        things = _kept.setdefault(serving, {})
    found: _Kept | None = things.get(name)
    if found is None:
        found = things.setdefault(name, make())
    return found


class Bounded(dict[Any, Any]):
    """A dictionary that forgets everything when it grows over its limit: enough where filling it again is cheap."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def __setitem__(self, key: Any, value: Any) -> None:
        if len(self) >= self._limit:
            self.clear()
        super().__setitem__(key, value)
