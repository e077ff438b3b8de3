"""Requests to other servers: the one client for webhooks, link previews and imports by address."""

from __future__ import annotations

from ecrm_server.outbound.client import OutboundClient, Response
from ecrm_server.outbound.errors import OutboundFailed, OutboundRefused

__all__ = ["OutboundClient", "OutboundFailed", "OutboundRefused", "Response"]
