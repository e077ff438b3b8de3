"""Pages of imports."""

from __future__ import annotations

from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("importing", __name__)
