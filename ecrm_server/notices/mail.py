"""Writing a mail into the outbox. A job sends it after the transaction commits; without a mail server it is held."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from email.utils import formataddr, parseaddr
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ecrm_server import clock, ids
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Refusal
from ecrm_server.jobs import services as jobs
from ecrm_server.kernel import current

if TYPE_CHECKING:
    from ecrm_server.config import Config

DELIVER = "notices.deliver"

_INSERT = Prepared(
    "INSERT INTO mail (uid, state, kind, account_id, recipient, subject, text, html, headers, attempts, next_at, error,"
    " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, '', ?)"
)
_SPACE = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,189}")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_OURS = frozenset({"from", "to", "cc", "bcc", "subject", "date", "message-id", "mime-version", "sender"})


def send(
    to: str,
    subject: str,
    text: str,
    html: str | None = None,
    *,
    kind: str = "",
    account_id: int | None = None,
    headers: Mapping[str, str] | None = None,
    unsubscribe_url: str | None = None,
) -> str:
    """Send a mail to one address, once the surrounding transaction (or its own) commits. Returns its uid.

    text, html: the same content, ready; a mail with both is multipart. kind: notice kind or another name for the outbox
    page. account_id: whose mail it is (export and erasure). headers: further ones. unsubscribe_url: where one POST
    unsubscribes (RFC 8058). Line breaks in subject and headers become spaces; an address that is none raises Refusal.
    """
    if not _ADDRESS.fullmatch(to):
        raise Refusal("This is no e-mail address.", field="to")
    more = {_name(name): one_line(value) for name, value in (headers or {}).items()}
    if unsubscribe_url:
        more["List-Unsubscribe"] = f"<{one_line(unsubscribe_url)}>"
        more["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    state = "waiting" if current.generation().config.smtp_url else "held"
    uid, now = ids.public_id(), clock.now()
    with transaction():
        _INSERT.run(
            uid, state, kind, account_id, to, one_line(subject), text, html, json.dumps(more), now, now
        )  # fmt: skip
        if state == "waiting":
            jobs.enqueue(DELIVER, unique=True)
    return uid


def _name(name: str) -> str:
    if not _HEADER.fullmatch(name) or name.lower() in _OURS:
        raise ValueError(f"{name!r} cannot be set on a mail")
    return name


def one_line(text: str) -> str:
    """Text that can be a header's value: control characters and line breaks become one space."""
    return _SPACE.sub(" ", text).strip()


def sender(config: Config, site_name: str) -> str:
    """The From header: the configured one, else the site's name and noreply at the site's host."""
    name, address = parseaddr(config.mail_from)
    return formataddr((one_line(name or site_name), address or f"noreply@{host(config)}"))


def host(config: Config) -> str:
    """The site's host name, as mails name it."""
    return urlsplit(config.base_url).hostname or "localhost"
