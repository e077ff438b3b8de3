"""The permission on every route: declared beside the view, applied by the generation, checked before the view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

ANYONE = "*"
"""Everybody, signed in or not."""
SIGNED_IN = "+"
"""Any signed-in person."""

ATTRIBUTE = "ecrm_needs"
_OWN_EYES = "ecrm_own_eyes"
_View = TypeVar("_View", bound=Callable[..., Any])


def needs(permission: str) -> Callable[[_View], _View]:
    """Declare what a view, REST endpoint or socket message asks for.

    ``permission`` is a declared permission, ``ANYONE`` or ``SIGNED_IN``. A route without it keeps the generation
    from being built, so nothing is open by accident.
    """

    def mark(view: _View) -> _View:
        setattr(view, ATTRIBUTE, permission)
        return view

    return mark


def needed_by(view: Callable[..., Any]) -> str | None:
    """What a view declared, or None."""
    value = getattr(view, ATTRIBUTE, None)
    if value is None and hasattr(view, "view_class"):
        value = getattr(view.view_class, ATTRIBUTE, None)
    return value


def own_eyes(view: _View) -> _View:
    """Mark a view that shows a person's secrets or private words: nobody who views the site as them gets in."""
    setattr(view, _OWN_EYES, True)
    return view


def is_for_own_eyes(view: Callable[..., Any]) -> bool:
    """Whether a view is marked so."""
    return bool(getattr(view, _OWN_EYES, False) or getattr(getattr(view, "view_class", None), _OWN_EYES, False))
