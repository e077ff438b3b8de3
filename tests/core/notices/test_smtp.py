"""How mail crosses a network: STARTTLS, implicit TLS and login, against a real server with a certificate of its own.

The server listens on 127.0.0.2: to the product that is another machine, so everything must be encrypted and proven.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from ecrm_server.data import Prepared
from ecrm_server.jobs.run import Run
from ecrm_server.kernel.site import Site
from ecrm_server.notices import mail
from ecrm_server.notices.delivery import deliver
from tests.core.notices import certificates

ELSEWHERE = "127.0.0.2"
LOGIN = "mailer%40example.org:p%40ss%3Aword"
ROW = Prepared("SELECT state, error, attempts FROM mail")


class Postman:
    """Takes mail and remembers how it came: ``taken`` holds (recipients, encrypted, login); ``tried`` every login."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], bool, str]] = []
        self.tried: list[tuple[str, str]] = []
        self.port = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        # Implicit TLS shows on the connection, STARTTLS in the session.
        encrypted = server.transport.get_extra_info("sslcontext") is not None
        self.taken.append((envelope.rcpt_tos, encrypted, session.auth_data or ""))
        return "250 OK"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        login, password = data.login.decode(), data.password.decode()
        self.tried.append((login, password))
        return AuthResult(success=password == "p@ss:word", handled=False, auth_data=login)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return certificates.write(tmp_path, ELSEWHERE)


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The certificate, which this machine trusts during the test."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return certificate


@contextmanager
def serving(address: str = ELSEWHERE, **options: Any) -> Iterator[Postman]:
    """A running mail server with these options of aiosmtpd."""
    with socket.socket() as free:
        free.bind((address, 0))
        port = free.getsockname()[1]
    postman = Postman()
    controller = Controller(
        postman, hostname=address, port=port, authenticator=postman.authenticate, **options
    )
    postman.port = port
    controller.start()
    try:
        yield postman
    finally:
        controller.stop()


def send(make_site: Callable[..., Site], url: str) -> dict[str, Any]:
    """Send one mail over a URL; gives its row."""
    make_site(smtp_url=url)
    mail.send("ann@example.org", "Hello", "text")
    deliver(Run("none", {}, None, 1))
    row = ROW.row()
    assert row is not None
    return row


def test_mail_is_encrypted_by_starttls_before_anything_is_said(
    make_site: Callable[..., Site], both_engines: str, trusted: Path
) -> None:
    with serving(tls_context=certificates.context(trusted), require_starttls=True) as postman:
        row = send(make_site, f"smtp://{ELSEWHERE}:{postman.port}")
    assert row["state"] == "sent", row["error"]
    assert postman.taken == [(["ann@example.org"], True, "")]


def test_the_password_is_given_over_starttls(make_site: Callable[..., Site], trusted: Path) -> None:
    context = certificates.context(trusted)
    with serving(tls_context=context, auth_required=True, auth_require_tls=True) as postman:
        row = send(make_site, f"smtp://{LOGIN}@{ELSEWHERE}:{postman.port}")
    assert row["state"] == "sent", row["error"]
    assert postman.tried == [("mailer@example.org", "p@ss:word")]
    assert postman.taken == [(["ann@example.org"], True, "mailer@example.org")]


def test_implicit_tls_speaks_no_word_in_the_clear(make_site: Callable[..., Site], trusted: Path) -> None:
    # aiosmtpd knows only of STARTTLS: that the connection is encrypted already it must be told.
    with serving(ssl_context=certificates.context(trusted), auth_require_tls=False) as postman:
        row = send(make_site, f"smtps://{LOGIN}@{ELSEWHERE}:{postman.port}")
    assert row["state"] == "sent", row["error"]
    assert postman.taken == [(["ann@example.org"], True, "mailer@example.org")]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_an_unknown_certificate_gets_neither_mail_nor_password(
    make_site: Callable[..., Site], certificate: Path, scheme: str
) -> None:
    context = certificates.context(certificate)
    options = {"ssl_context": context} if scheme == "smtps" else {"tls_context": context}
    with serving(auth_require_tls=False, **options) as postman:
        row = send(make_site, f"{scheme}://{LOGIN}@{ELSEWHERE}:{postman.port}")
    assert (row["state"], row["attempts"]) == ("waiting", 0)
    assert "certificate verify failed" in row["error"]
    assert postman.tried == []
    assert postman.taken == []


def test_a_certificate_of_another_server_is_none(
    make_site: Callable[..., Site], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = certificates.write(tmp_path, "127.0.0.9")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with serving(tls_context=certificates.context(other)) as postman:
        row = send(make_site, f"smtp://{ELSEWHERE}:{postman.port}")
    assert row["state"] == "waiting"
    assert "IP address mismatch" in row["error"]
    assert postman.taken == []


def test_the_password_does_not_cross_a_network_in_the_clear(make_site: Callable[..., Site]) -> None:
    with serving(auth_require_tls=False) as postman:
        row = send(make_site, f"smtp://{LOGIN}@{ELSEWHERE}:{postman.port}")
    assert row["state"] == "waiting"
    assert "offers no encryption" in row["error"]
    assert postman.tried == []


def test_on_the_same_machine_a_password_needs_no_encryption(make_site: Callable[..., Site]) -> None:
    with serving("127.0.0.1", auth_require_tls=False) as postman:
        row = send(make_site, f"smtp://{LOGIN}@127.0.0.1:{postman.port}")
    assert row["state"] == "sent", row["error"]
    assert postman.taken == [(["ann@example.org"], False, "mailer@example.org")]


def test_a_wrong_password_keeps_the_mail_and_tells_why(make_site: Callable[..., Site], trusted: Path) -> None:
    with serving(tls_context=certificates.context(trusted), auth_required=True) as postman:
        row = send(make_site, f"smtp://mailer:wrong@{ELSEWHERE}:{postman.port}")
    assert (row["state"], row["attempts"]) == ("waiting", 0)
    assert "535" in row["error"]
    assert "wrong" not in row["error"]
    assert postman.taken == []
