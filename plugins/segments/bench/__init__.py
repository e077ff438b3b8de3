"""Benchmarks of segments."""

from __future__ import annotations

from ecrm_server.bench import Case

from .cases import segments

CASES = [
    Case("segments", "Segments of a million customers: built, kept by events, previewed, evaluated", segments)
]
