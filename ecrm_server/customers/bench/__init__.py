"""Benchmarks of customers: their lists, their page, duplicates."""

from __future__ import annotations

from ecrm_server.bench import Case
from ecrm_server.customers.bench.lists import lists

CASES = [
    Case("customers-list", "Ten filters, each with its order, over a million customers", lists),
]
