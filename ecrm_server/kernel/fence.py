"""A stand-in for a plugin's hooks, so that one plugin's fault never reaches another or the site."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

from ecrm_server.data import is_away
from ecrm_server.errors import EcrmError

MARKER = "ecrm_impl"
"""Attribute that pluggy's HookimplMarker("ecrm") sets on an implementation."""


def implementations(module: types.ModuleType) -> dict[str, Callable[..., Any]]:
    """The hook implementations of a module by hook name (an explicit ``specname`` wins)."""
    found = {}
    for name, value in vars(module).items():
        # Only functions: looking at an imported proxy such as flask.request would need a request.
        options = vars(value).get(MARKER) if isinstance(value, types.FunctionType) else None
        if options is not None:
            found[options.get("specname") or name] = value
    return found


def fenced(
    plugin: str,
    module: types.ModuleType,
    strict: frozenset[str],
    on_fault: Callable[[str, str, BaseException], None],
) -> types.SimpleNamespace:
    """An object with the plugin's hooks wrapped: a raise is counted and that one result skipped.

    Deliberate errors (Refusal and its kin), a database that is away, and the ``strict`` hooks pass through: those
    fail closed.
    """
    stand_in = types.SimpleNamespace()
    for hook, function in implementations(module).items():
        wrapped = function if hook in strict else _wrap(plugin, hook, function, on_fault)
        setattr(wrapped, MARKER, getattr(function, MARKER))
        setattr(stand_in, hook, wrapped)
    return stand_in


def _wrap(
    plugin: str, hook: str, function: Callable[..., Any], on_fault: Callable[[str, str, BaseException], None]
) -> Callable[..., Any]:
    @functools.wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except EcrmError:
            raise
        except Exception as error:  # the fence's purpose: any fault of a plugin
            if is_away(error):
                raise
            on_fault(plugin, hook, error)
            return None

    return guarded
