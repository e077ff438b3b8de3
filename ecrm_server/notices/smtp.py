"""The connection to the mail server behind ``SMTP_URL``."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from types import TracebackType
from urllib.parse import unquote, urlsplit

from ecrm_server.errors import ConfigError

SECONDS = 20
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Connection:
    """An open connection, for a ``with`` block. ``smtps://`` speaks TLS at once; ``smtp://`` as soon as it is offered.

    Raises OSError or smtplib.SMTPException when the server cannot be reached, ConfigError when it offers no
    encryption for a password that would cross a network.
    """

    def __init__(self, url: str, local_name: str) -> None:
        self._url = urlsplit(url)
        self._local_name = local_name
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Connection:
        self._server = self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            try:
                self._server.quit()
            except (OSError, smtplib.SMTPException):
                self._server.close()

    def send(self, message: EmailMessage) -> None:
        """Hand one message over; raises smtplib.SMTPException when the server refuses it."""
        assert self._server is not None
        self._server.send_message(message)

    def _open(self) -> smtplib.SMTP:
        url = self._url
        name = url.hostname or "localhost"
        if url.scheme == "smtps":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                name, url.port or 465, self._local_name, timeout=SECONDS, context=context
            )
        else:
            server = smtplib.SMTP(
                name, url.port or (587 if url.username else 25), self._local_name, timeout=SECONDS
            )
        try:
            self._secure(server, name)
        except BaseException:
            server.close()
            raise
        return server

    def _secure(self, server: smtplib.SMTP, name: str) -> None:
        server.ehlo()
        encrypted = self._url.scheme == "smtps"
        # On the same machine nothing crosses a network, and a local server's certificate names no public host.
        if not encrypted and name not in _LOOPBACK and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
            encrypted = True
        if self._url.username:
            if not encrypted and name not in _LOOPBACK:
                raise ConfigError(
                    "The mail server offers no encryption, so the password of SMTP_URL is not sent."
                )
            server.login(unquote(self._url.username), unquote(self._url.password or ""))
