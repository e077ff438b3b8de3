"""The Message-IDs of our mails, and finding them in what others send."""

from __future__ import annotations

import re

from ecrm_server.config import Config
from ecrm_server.notices.mail import host

_OURS = re.compile(r"<([1-9A-HJ-NP-Za-km-z]{12})(?:\.thread)?@[^<>\s]{1,255}>")


def message_id(uid: str, config: Config) -> str:
    """The Message-ID of a mail of the outbox. It never changes, so a mail sent twice is recognised as one.

    The public id in it has 70 random bits: who quotes it has seen the mail.
    """
    return f"<{uid}@{host(config)}>"


def thread_id(uid: str, config: Config) -> str:
    """What the mail itself refers to. Some mail services put a Message-ID of their own in the place of ours; an answer
    repeats this one all the same."""
    return f"<{uid}.thread@{host(config)}>"


def quoted(header: str) -> list[str]:
    """The public ids of mails of ours that In-Reply-To or References name, the last first, each once.

    The host is not compared: the site may have moved since the mail was sent.
    """
    return list(dict.fromkeys(reversed(_OURS.findall(header))))
