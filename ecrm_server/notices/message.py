"""From a row of the outbox to a message on the wire."""

from __future__ import annotations

import json
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any

from ecrm_server import clock
from ecrm_server.config import Config
from ecrm_server.notices.mail import host, sender


def build(row: dict[str, Any], config: Config, site_name: str) -> EmailMessage:
    """The message of a mail row. Its Message-ID never changes, so a mail sent twice is recognised as one."""
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = f"<{row['uid']}@{host(config)}>"
    message["Date"] = format_datetime(clock.to_datetime(row["created_at"]))
    message["From"] = _address(sender(config, site_name))
    message["To"] = row["recipient"]
    message["Subject"] = row["subject"]
    message["Auto-Submitted"] = "auto-generated"
    for name, value in json.loads(row["headers"]).items():
        message[name] = value
    message.set_content(row["text"])
    if row["html"]:
        message.add_alternative(row["html"], subtype="html")
    return message


def _address(text: str) -> Address:
    name, address = parseaddr(text)
    return Address(display_name=name, addr_spec=address)
