"""Measuring speed and memory: ``ecrm bench``. A part adds cases of its own: ``CASES`` in its module ``bench``.

What it knows of a customer it adds to the one whose page is measured: ``known_of_customer(customer_id, account_id)`` in
the same module.
"""

from __future__ import annotations

from ecrm_server.bench.case import Case, Figure, Skip, at_least, at_most, reported
from ecrm_server.bench.context import Bench, Instance, opened
from ecrm_server.bench.datasets import Dataset
from ecrm_server.bench.forms import FormClient, post_forms
from ecrm_server.bench.load import Load, LoadResult, get, run_load
from ecrm_server.bench.million import CUSTOMERS, MILLION
from ecrm_server.bench.people import cookie_of, member
from ecrm_server.bench.redis import redis_server
from ecrm_server.bench.servers import Bare, Running, Site
from ecrm_server.bench.sockets import Listener
from ecrm_server.bench.statements import Statements

__all__ = [
    "CUSTOMERS",
    "MILLION",
    "Bare",
    "Bench",
    "Case",
    "Dataset",
    "Figure",
    "FormClient",
    "Instance",
    "Listener",
    "Load",
    "LoadResult",
    "Running",
    "Site",
    "Skip",
    "Statements",
    "at_least",
    "at_most",
    "cookie_of",
    "get",
    "member",
    "opened",
    "post_forms",
    "redis_server",
    "reported",
    "run_load",
]
