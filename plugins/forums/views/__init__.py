"""The forums' pages, all below ``/forums``."""
from __future__ import annotations

from .blueprint import pages

from . import acting, admin, composing, feeds, history, lists, topic, writing  # isort: skip

__all__ = ["acting", "admin", "composing", "feeds", "history", "lists", "pages", "topic", "writing"]
