"""The segments' pages, all below ``/segments``."""

from __future__ import annotations

from .blueprint import pages

from . import showing, writing  # isort: skip

__all__ = ["pages", "showing", "writing"]
