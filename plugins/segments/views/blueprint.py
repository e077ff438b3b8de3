"""The blueprint that the modules of this folder add their views to."""

from __future__ import annotations

from ecrm_server.api import PluginBlueprint

pages = PluginBlueprint("segments", "ecrm_plugins.segments.views")
