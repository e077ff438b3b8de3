"""Keeping Flask extensions from working in every request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

_LISTS = (
    "before_request_funcs",
    "after_request_funcs",
    "teardown_request_funcs",
    "template_context_processors",
)


@contextmanager
def quiet(app: Flask) -> Iterator[None]:
    """Initialise extensions in the block without what they would run in every request and every template.

    Flask-Principal and Flask-Login load the person, Flask-WTF checks, Flask-Limiter counts; here ``load_actor``, the
    CSRF check and the limits of marked views do that, for those requests that need it.
    """
    before = {name: list(getattr(app, name)[None]) for name in _LISTS}
    yield
    for name, functions in before.items():
        getattr(app, name)[None][:] = functions
