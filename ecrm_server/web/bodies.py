"""How large a request a view takes, where that is more than the usual."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

_LIMIT = "ecrm_body_limit"
_View = TypeVar("_View", bound=Callable[..., Any])


def takes(limit: Callable[[], int]) -> Callable[[_View], _View]:
    """Let a view take bodies of up to ``limit()`` bytes; who may not call it is told so before anything is read."""

    def mark(view: _View) -> _View:
        setattr(view, _LIMIT, limit)
        return view

    return mark


def limit_of(view: Callable[..., Any] | None) -> int | None:
    """What a view takes, or None for the usual."""
    limit = getattr(view, _LIMIT, None)
    return None if limit is None else int(limit())
