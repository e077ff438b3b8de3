"""eCRM Server: a plugin-based collaborative CRM and community server."""

from __future__ import annotations

__version__ = "0.1.0"
