"""Benchmarks of customers: their lists, their page, duplicates."""

from __future__ import annotations

from ecrm_server.bench import Case
from ecrm_server.customers.bench.duplicates import look_for_duplicates
from ecrm_server.customers.bench.lists import lists
from ecrm_server.customers.bench.page import page

CASES = [
    Case("customers-list", "Ten filters, each with its order, over a million customers", lists),
    Case("customers-page", "The page of a customer of whom much is known, among a million", page),
    Case("duplicates", "Looking for duplicates among 100,000 customers", look_for_duplicates),
]
