"""Where the mailbox is: ``IMAP_URL`` taken apart."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from ecrm_server.config import Config

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_FOREIGN = re.compile(r"[^\x20-\x7e]+")


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of a mailbox. ``encrypted``: TLS from the first word on (``imaps://``), else STARTTLS, without which no
    password crosses a network."""

    host: str
    port: int
    encrypted: bool
    login: str
    password: str = field(repr=False)
    folder: str

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine, so that nothing crosses a network."""
        return self.host in _LOOPBACK

    @property
    def name(self) -> str:
        """What tells this mailbox from every other one; it holds no secret."""
        return f"{self.login}@{self.host}:{self.port}/{self.folder}"


def place(config: Config) -> Place | None:
    """The mailbox that is set, or None."""
    if not config.imap_url:
        return None
    url = urlsplit(config.imap_url)
    encrypted = url.scheme == "imaps"
    return Place(
        host=url.hostname or "",
        port=url.port or (993 if encrypted else 143),
        encrypted=encrypted,
        login=unquote(url.username or ""),
        password=unquote(url.password or ""),
        folder=unquote(url.path.strip("/")) or "INBOX",
    )


def address(config: Config) -> str:
    """The e-mail address whose mail arrives in the mailbox: its login, or ``mail_from`` where that is no address.

    Empty when no mailbox is set, or neither tells.
    """
    found = place(config)
    if found is None:
        return ""
    return found.login if "@" in found.login else parseaddr(config.mail_from)[1]


def wire_name(folder: str) -> str:
    """A folder's name as IMAP writes it (RFC 3501, 5.1.3), in quotes."""

    def encoded(match: re.Match[str]) -> str:
        letters = base64.b64encode(match[0].encode("utf-16-be")).decode("ascii")
        return f"&{letters.rstrip('=').replace('/', ',')}-"

    name = _FOREIGN.sub(encoded, folder.replace("&", "&-"))
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
