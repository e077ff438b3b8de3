"""The client for every request that this server sends to another."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from ecrm_server.outbound.addresses import IPAddress, Resolver, Target, addresses, parse, system_resolver
from ecrm_server.outbound.connection import Deadline, PinnedConnection
from ecrm_server.outbound.errors import OutboundFailed, OutboundRefused

TIMEOUT = 5.0
"""Seconds for everything: looking up, connecting, sending and reading."""

MAX_BYTES = 1024 * 1024
"""Bytes of an answer's body."""

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"))
_OURS = frozenset(("host", "content-length", "transfer-encoding", "connection", "upgrade", "expect"))


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; header names are in lower case. A redirect is an answer like any other: it is not followed."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the status is 200 to 299."""
        return 200 <= self.status < 300


class OutboundClient:
    """Asks public servers over http and https; holds no state between requests."""

    def __init__(
        self,
        *,
        allow_loopback: bool = False,
        resolver: Resolver = system_resolver,
        timeout: float = TIMEOUT,
        max_bytes: int = MAX_BYTES,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._allow_loopback, self._resolver = allow_loopback, resolver
        self._timeout, self._max_bytes = timeout, max_bytes
        self._context = ssl_context

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Response:
        """Fetch an address. Raises OutboundRefused and OutboundFailed."""
        return self.request("GET", url, headers=headers)

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Response:
        """Send one request to the address that the host resolves to now, and to no other.

        Raises OutboundRefused before anything is sent, OutboundFailed when there is no whole answer in time.
        """
        if method not in _METHODS:
            raise OutboundRefused(f"The method {method[:20]} cannot be used.")
        target = parse(url)
        deadline = Deadline(self._timeout)
        found = addresses(
            target, self._resolver, allow_loopback=self._allow_loopback, timeout=deadline.left()
        )
        connection = self._connection(target, found[0], deadline)
        try:
            connection.request(method, target.path, body=body, headers=_allowed(headers))
            return self._answer(connection.getresponse())
        except TimeoutError as error:
            raise OutboundFailed(f"{target.host} was too slow.") from error
        except ssl.SSLError as error:
            raise OutboundFailed(f"{target.host} shows no valid certificate.") from error
        except (OSError, http.client.HTTPException) as error:
            raise OutboundFailed(f"{target.host} could not be reached or broke off.") from error
        except ValueError as error:
            raise OutboundRefused("A header of the request is not valid.") from error
        finally:
            connection.release()

    def _connection(self, target: Target, address: IPAddress, deadline: Deadline) -> PinnedConnection:
        context = None
        if target.scheme == "https":
            context = self._context or ssl.create_default_context()
        return PinnedConnection(
            target.host,
            target.port,
            address=str(address),
            deadline=deadline,
            context=context,
            max_bytes=self._max_bytes,
        )

    def _answer(self, response: http.client.HTTPResponse) -> Response:
        if (response.length or 0) > self._max_bytes:
            raise OutboundFailed("The other server's answer is too large.")
        body = response.read(self._max_bytes + 1)
        if len(body) > self._max_bytes:
            raise OutboundFailed("The other server's answer is too large.")
        if response.length:
            raise OutboundFailed("The other server broke off in the middle of its answer.")
        return Response(response.status, {name.lower(): value for name, value in response.getheaders()}, body)


def _allowed(headers: Mapping[str, str] | None) -> dict[str, str]:
    """The caller's headers without those that decide how the message is framed and where it goes."""
    kept = {name: value for name, value in (headers or {}).items() if name.lower() not in _OURS}
    return {"User-Agent": "eCRM-Server", **kept, "Connection": "close"}
