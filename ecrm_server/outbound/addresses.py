"""Which addresses may be asked: an URL is taken apart, its host resolved once, and every answer judged."""

from __future__ import annotations

import ipaddress
import queue
import re
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ecrm_server.outbound.errors import OutboundFailed, OutboundRefused

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Sequence[str]]
"""Gets host and port and returns addresses as text. Raises OSError."""

_PORTS = {"http": 80, "https": 443}
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?")
_NUMERIC = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\.?")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
# Reserved ranges that some releases of Python call global.
_RESERVED = [
    ipaddress.ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "3fff::/20", "5f00::/16", "fec0::/10")
]


@dataclass(frozen=True, slots=True)
class Target:
    """An URL taken apart; `host` is ASCII and without brackets, `path` includes the query."""

    scheme: str
    host: str
    port: int
    path: str


def parse(url: str) -> Target:
    """Take an absolute http or https URL apart. Raises OutboundRefused."""
    if _UNSAFE.search(url):
        raise OutboundRefused("The address contains spaces, control characters or a backslash. Remove them.")
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError as error:
        raise OutboundRefused(
            "This is no web address. It should look like https://example.org/path."
        ) from error
    if scheme not in _PORTS:
        raise OutboundRefused("Only addresses that start with https:// or http:// can be used.")
    if "@" in parts.netloc:
        raise OutboundRefused("Leave the user name and password out of the address.")
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    if not path.isascii():
        raise OutboundRefused("Letters outside ASCII must be percent-encoded in an address.")
    return Target(scheme, _host(host), _PORTS[scheme] if port is None else port, path)


def _host(host: str) -> str:
    if ":" in host:
        return host  # an IPv6 literal; literal() judges it
    try:
        name = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise OutboundRefused("The host name in the address is not valid.") from error
    if not _HOST.fullmatch(name.lower()):
        raise OutboundRefused("The host name in the address is not valid.")
    return name.lower()


def addresses(target: Target, resolver: Resolver, *, allow_loopback: bool, timeout: float) -> list[IPAddress]:
    """The addresses of the target's host, resolved once.

    One that is not global refuses them all: a name that answers both is built to deceive. Raises OutboundRefused
    or OutboundFailed.
    """
    literal = _literal(target.host)
    found = [literal] if literal else _resolved(target, resolver, timeout)
    for address in found:
        if not is_allowed(address, allow_loopback=allow_loopback):
            raise OutboundRefused("The address leads into a private network. Use one that is public.")
    return found


def is_allowed(address: IPAddress, *, allow_loopback: bool) -> bool:
    """Whether the address, and each one wrapped in it, is global (or loopback, where that is allowed)."""
    return all(
        (allow_loopback and inner.is_loopback)
        or (inner.is_global and not inner.is_multicast and not any(inner in network for network in _RESERVED))
        for inner in _unwrapped(address)
    )


def _unwrapped(address: IPAddress) -> list[IPAddress]:
    """The address itself, or the IPv4 addresses that an IPv6 form of them leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    if address.sixtofour is not None:
        return [address, address.sixtofour]
    if address.teredo is not None:
        return [address, *address.teredo]
    return [address]


def _literal(host: str) -> IPAddress | None:
    """The address that the host is written as. Raises OutboundRefused for numbers in unusual forms (0, 0x7f.1)."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        if ":" in host or _NUMERIC.fullmatch(host):
            raise OutboundRefused(
                "The host in the address is not a name and not a plain IP address."
            ) from None
        return None


def _resolved(target: Target, resolver: Resolver, timeout: float) -> list[IPAddress]:
    """Asks in a thread, because the system's resolver knows no time limit."""
    answers: queue.SimpleQueue[Sequence[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolver(target.host, target.port))
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError(str(error)))

    threading.Thread(target=ask, daemon=True, name="resolve").start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        raise OutboundFailed(f"Looking up {target.host} took too long.") from None
    if isinstance(answer, OSError) or not answer:
        raise OutboundFailed(f"The host {target.host} was not found.")
    try:
        return [ipaddress.ip_address(text) for text in answer]
    except ValueError as error:
        raise OutboundFailed(f"The host {target.host} has no usable address.") from error


def system_resolver(host: str, port: int) -> Sequence[str]:
    """The system's answer, each address once, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
