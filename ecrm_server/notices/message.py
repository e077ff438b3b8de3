"""From a row of the outbox to a message on the wire."""

from __future__ import annotations

import json
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from typing import Any

from ecrm_server import clock
from ecrm_server.config import Config
from ecrm_server.notices import threads
from ecrm_server.notices.mail import sender


class _Whole(UnstructuredHeader, BaseHeader):
    """Message-IDs and addresses, one on each line. Python would encode a long one, and nobody reads it then."""

    max_count = 1

    def fold(self, *, policy: Policy) -> str:
        lines = f"{policy.linesep} ".join(str(self).split())
        return f"{self.name}: {lines}{policy.linesep}"


_registry = HeaderRegistry()
for _name in ("references", "in-reply-to", "list-unsubscribe"):
    _registry.map_to_type(_name, _Whole)
_POLICY = SMTP.clone(header_factory=_registry)


def build(row: dict[str, Any], config: Config, site_name: str) -> EmailMessage:
    """The message of a mail row. A mail that a person wrote says so by ``Auto-Submitted: no`` among its headers."""
    message = EmailMessage(policy=_POLICY)
    more = {"Auto-Submitted": "auto-generated"} | json.loads(row["headers"])
    earlier = more.pop("References", "")
    message["Message-ID"] = threads.message_id(row["uid"], config)
    message["Date"] = format_datetime(clock.to_datetime(row["created_at"]))
    message["From"] = _address(sender(config, site_name))
    message["To"] = row["recipient"]
    message["Subject"] = row["subject"]
    message["References"] = f"{earlier} {threads.thread_id(row['uid'], config)}".lstrip()
    for name, value in more.items():
        message[name] = value
    message.set_content(row["text"])
    if row["html"]:
        message.add_alternative(row["html"], subtype="html")
    return message


def _address(text: str) -> Address:
    name, address = parseaddr(text)
    return Address(display_name=name, addr_spec=address)
