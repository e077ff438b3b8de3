"""Customers and organisations for programs, below ``/api/v1/customers``."""

from __future__ import annotations

from ecrm_server.customers.rest import contacts, fields, log, members, merging, plans, records
from ecrm_server.customers.rest.blueprint import api

__all__ = ["api", "contacts", "fields", "log", "members", "merging", "plans", "records"]
