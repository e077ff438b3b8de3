"""Messages as other programs write them."""

from __future__ import annotations

from typing import Any


def bounce_of(mail: Any, reason: str, *, action: str = "failed") -> bytes:
    """A report as Postfix sends it (RFC 3464)."""
    return "\r\n".join(
        [
            "Return-Path: <>",
            "Date: Mon, 3 Mar 2025 10:00:00 +0000 (UTC)",
            "From: MAILER-DAEMON@cogs.example (Mail Delivery System)",
            "Subject: Undelivered Mail Returned to Sender",
            "To: noreply@localhost",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="B"',
            "Message-ID: <20250303100000.1@cogs.example>",
            "",
            "This is a MIME-encapsulated message.",
            "",
            "--B",
            "Content-Description: Notification",
            "Content-Type: text/plain; charset=us-ascii",
            "",
            "I'm sorry to have to inform you that your message could not",
            "be delivered to one or more recipients.",
            "",
            "--B",
            "Content-Description: Delivery report",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; cogs.example",
            "",
            "Final-Recipient: rfc822; bo@cogs.example",
            f"Action: {action}",
            "Status: 5.1.1",
            "Remote-MTA: dns; mx.cogs.example",
            f"Diagnostic-Code: smtp; {reason}",
            "",
            "--B",
            "Content-Description: Undelivered Message",
            "Content-Type: message/rfc822",
            "",
            f"Message-ID: {mail['Message-ID']}",
            f"References: {mail['References']}",
            "From: Shop <noreply@localhost>",
            "Subject: Your quote",
            "",
            "Shall we deliver?",
            "--B--",
            "",
        ]
    ).encode()
