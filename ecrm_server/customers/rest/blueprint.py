"""The blueprint that the modules of this package fill."""

from __future__ import annotations

from ecrm_server.customers.facts import AREA
from ecrm_server.rest import RestBlueprint

api = RestBlueprint("customers", __name__, description="Customers and organisations, and what hangs on them")

ONE = f"{AREA}/<uid>"
"""The beginning of what customers and organisations have in common."""
