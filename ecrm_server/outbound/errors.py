"""How a request to another server ends without an answer."""

from __future__ import annotations

from ecrm_server.errors import EcrmError, Refusal


class OutboundRefused(Refusal):
    """The address is one that this server must not ask; nothing was sent."""


class OutboundFailed(EcrmError):
    """The other server could not be found or reached, was too slow, or answered too much."""

    status = 502
