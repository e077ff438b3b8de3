"""Benchmarks of segments."""

from __future__ import annotations

from ecrm_server.bench import Case

from .cases import known_of_customer, segments

__all__ = ["CASES", "known_of_customer"]

CASES = [
    Case("segments", "Segments of a million customers: built, kept by events, previewed, evaluated", segments)
]
