"""Running CPU-bound work outside gevent's event loop."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

_Result = TypeVar("_Result")

_USUAL = sys.getswitchinterval()
_FAIR = 0.0005
"""Seconds after which the working thread lets the event loop go on. With Python's usual 5 ms each read from a socket
or a database would wait so long."""


def is_gevent() -> bool:
    """Whether gevent has patched this process."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("threading"))


def run(work: Callable[[], _Result]) -> _Result:
    """Run ``work`` in a real thread while other greenlets go on; without gevent simply call it."""
    if not is_gevent():
        return work()
    import gevent

    sys.setswitchinterval(_FAIR)
    try:
        return gevent.get_hub().threadpool.apply(work)
    finally:
        sys.setswitchinterval(_USUAL)
