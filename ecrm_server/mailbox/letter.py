"""What is taken out of a message that somebody sent: plain data, safe to store and to show."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Literal

from ecrm_server import clock
from ecrm_server.content.text import printable
from ecrm_server.mailbox import bodies, headers, reports
from ecrm_server.mailbox.imap import Message as Arrived
from ecrm_server.notices import threads

_NAMED = re.compile(r"(?P<name>.*?)\s*<(?P<address>[^<>\s]+@[^<>\s]+)>")
_BARE = re.compile(r"(?P<address>[^<>()\s]+@[^<>()\s]+)(\s+\((?P<name>[^()]*)\))?")

Nature = Literal["answer", "automatic", "bounce"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message that quotes a mail of ours.

    key: tells it from every other one, and is the same when it is read again. message_id: its own.
    quotes: public ids of the mails of ours that it quotes, the one it answers first. nature: a person wrote it, a
    program did, or it says that our mail did not arrive; then ``reason`` says why.
    name, address: who sent it, as the message says; nobody proved it. at: when it arrived.
    text: what was written, ``html`` the same, safe; ``quoted``: what it repeats of earlier mails.
    files: the names of what was attached; that itself stays in the mailbox. cut: it was too long to be kept whole.
    """

    key: str
    message_id: str
    quotes: tuple[str, ...]
    nature: Nature
    reason: str
    name: str
    address: str
    subject: str
    at: int
    text: str
    html: str
    quoted: str
    files: tuple[str, ...]
    cut: bool


def is_promising(raw: bytes, own_address: str) -> bool:
    """Whether the headers of a message quote a mail that may be ours, or it is a report, which quotes in its body.

    A mail of ours, sent to this mailbox too, answers nothing.
    """
    message = _parsed(raw)
    if threads.quoted(headers.raw(message, "Message-ID")):
        return False
    if own_address and _sender(message)[1].casefold() == own_address.casefold():
        return False
    return reports.is_report(message) or bool(_quotes(message))


def read(arrived: Arrived) -> Letter:
    """Read a message. Broken ones are read as far as they can be."""
    message = _parsed(arrived.raw)
    report = reports.read(message)
    quoted = _quotes(message) + ([] if report is None else threads.quoted(report.quoted))
    name, address = _sender(message)
    body = bodies.read(message)
    return Letter(
        key=hashlib.sha256(arrived.raw).hexdigest(),
        message_id=headers.first_id(message, "Message-ID"),
        quotes=tuple(dict.fromkeys(quoted)),
        nature=_nature(message, report),
        reason=report.reason if report else "",
        name=name,
        address=address,
        subject=headers.line(message, "Subject", 200),
        at=min(arrived.at, clock.now()),
        text=body.text,
        html=body.html,
        quoted=body.quoted,
        files=() if report else body.files,
        cut=body.cut or arrived.size > len(arrived.raw),
    )


def _parsed(raw: bytes) -> Message:
    # Not the newer policy: its parsers of headers take minutes for headers that are made to be slow.
    try:
        return message_from_bytes(raw)
    except RecursionError:  # thousands of parts in each other
        return BytesHeaderParser().parsebytes(raw)


def _quotes(message: Message) -> list[str]:
    """What In-Reply-To names comes before References."""
    return [
        *threads.quoted(headers.raw(message, "In-Reply-To")),
        *threads.quoted(headers.raw(message, "References")),
    ]


def _nature(message: Message, report: reports.Report | None) -> Nature:
    if report is not None and report.failed:
        return "bounce"
    return "automatic" if report is not None or reports.is_automatic(message) else "answer"


def _sender(message: Message) -> tuple[str, str]:
    """Name and address. What is no address is shown as a name."""
    written = headers.raw(message, "From")[:1000]
    # Not parseaddr: it follows brackets into each other until Python gives up.
    found = _NAMED.fullmatch(written) or _BARE.fullmatch(written)
    if found is None:
        return headers.decoded(written, 160), ""
    name = found["name"] or ""
    if name.startswith('"') and name.endswith('"'):
        name = name[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return headers.decoded(name, 160), printable(found["address"])[:254]
