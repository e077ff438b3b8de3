from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from ecrm_server.kernel.site import Site

MANIFEST = 'name = "club"\ntitle = "Club"\nversion = "1.0"\n'
CODE = """
from ecrm_server.api import NoticeKind, hookimpl


@hookimpl
def notice_kinds():
    return [
        NoticeKind("club.news", "News of the club"),
        NoticeKind("club.quiet", "Quiet things", default=("site",)),
        NoticeKind("club.alarm", "Alarms", required=True),
    ]
"""


class MailServer:
    """A real SMTP server; ``answers`` maps an address to the line it is answered with."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.answers: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802  (the library calls it so)
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        self.messages.append(envelope)
        return "250 OK"


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A running SMTP server; its address is ``.url``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    handler = MailServer()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    handler.url = f"smtp://127.0.0.1:{port}"  # type: ignore[attr-defined]
    yield handler
    controller.stop()


@pytest.fixture
def site(
    request: pytest.FixtureRequest, tmp_path: Path, make_site: Callable[..., Site], both_engines: str
) -> Site:
    """The site of these tests, on each engine, with a plugin that sends notices."""
    folder = tmp_path / "instance" / "plugins" / "club"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text(MANIFEST)
    (folder / "plugin.py").write_text(CODE)
    with_mail = "club" in request.fixturenames
    return make_site("club", smtp_url=request.getfixturevalue("mail_server").url if with_mail else "")


@pytest.fixture
def club(site: Site, mail_server: MailServer) -> Site:
    """The site with a mail server."""
    return site


@pytest.fixture
def club_without_mail(site: Site) -> Site:
    """The site without a mail server."""
    return site
