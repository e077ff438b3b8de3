"""The generation in force: that of the request being served, else the newest of the process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecrm_server.kernel.generation import Generation

_newest: Generation | None = None
_serving: ContextVar[Generation | None] = ContextVar("serving", default=None)


def generation() -> Generation:
    """The generation whose request is being served, else the newest. Raises RuntimeError before the first one."""
    found = _serving.get() or _newest
    if found is None:
        raise RuntimeError("no generation has been built yet")
    return found


def newest() -> Generation | None:
    """The newest generation of the process, or None before the first."""
    return _newest


def publish(new: Generation | None) -> None:
    """Make a generation the newest; requests in flight finish in theirs."""
    global _newest
    _newest = new


@contextmanager
def serving(which: Generation) -> Iterator[None]:
    """Pin a generation for the block (one request, one socket message)."""
    token = _serving.set(which)
    try:
        yield
    finally:
        _serving.reset(token)
