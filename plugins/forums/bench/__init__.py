"""Benchmarks of the forums."""

from __future__ import annotations

from ecrm_server.bench import Case

from .data import known_of_customer
from .importing import import_dump
from .live import visible
from .pages import pages
from .reply import reply

__all__ = ["CASES", "known_of_customer"]

CASES = [
    Case("pages", "Topic page and latest list against a bare page of the same size", pages),
    Case("reply", "A reply as a service call against its statements alone, and as a request", reply),
    Case("live", "From a reply in one browser to its text in another, two workers with Redis", visible),
    Case("import", "Rows a second of a Stack Exchange dump, cooking included", import_dump),
]
