"""What programs send: answers of absent people, and reports that a mail did not arrive."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from ecrm_server.mailbox import bodies, headers

_HELD_BACK = frozenset({"bulk", "junk", "auto_reply"})


@dataclass(frozen=True, slots=True)
class Report:
    """A report about delivery (RFC 3464). ``quoted``: the Message-IDs in what it repeats of the mail."""

    failed: bool
    reason: str
    quoted: str


def is_report(message: Message) -> bool:
    """Whether the headers promise a report."""
    return message.get_content_type() == "multipart/report" or "X-Failed-Recipients" in message


def is_automatic(message: Message) -> bool:
    """Whether a program wrote it (RFC 3834, and what older ones say)."""
    said = headers.raw(message, "Auto-Submitted").partition(";")[0].strip().lower()
    if said and said != "no":
        return True
    if headers.raw(message, "Precedence").lower() in _HELD_BACK:
        return True
    return headers.raw(message, "Return-Path") == "<>" or any(
        name in message for name in ("X-Autoreply", "X-Autorespond")
    )


def read(message: Message) -> Report | None:
    """The report that a message is, or None."""
    if not is_report(message):
        return None
    failed = "X-Failed-Recipients" in message
    reason, quoted = "", ""
    for part in bodies.parts_of(message):
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            for block in bodies.parts_of(part):  # the first about the message, the others about recipients
                if headers.raw(block, "Action").lower() == "failed":
                    failed, reason = True, reason or _reason(block)
        elif kind in ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"):
            quoted = quoted or _original(part)
    return Report(failed, reason, quoted)


def _reason(block: Message) -> str:
    said = headers.line(block, "Diagnostic-Code", 300)
    kind, semicolon, text = said.partition(";")
    if semicolon and kind.strip().isalnum():
        said = text.strip()
    return said or headers.line(block, "Status", 40)


def _original(part: Message) -> str:
    """The Message-IDs of the mail that a report repeats, or of its headers alone."""
    inner = bodies.parts_of(part)
    original = inner[0] if inner else message_from_bytes(bytes(part.get_payload(decode=True) or b""))
    names = ("References", "Message-ID")
    return " ".join(headers.raw(original, name) for name in names)
