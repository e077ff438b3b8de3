"""Real mail servers for the tests, loaded as a pytest plugin: one that takes mail, and Dovecot, in which mail lies.

Dovecot runs without root's rights, on loopback ports of its own, with its mail in a folder of its own.
"""

from __future__ import annotations

import base64
import getpass
import grp
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.requirements import dovecot_path, require

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP

ELSEWHERE = "127.0.0.2"
"""To the product this address is another machine, so that everything must be encrypted and proven."""
CARELESS = "127.0.0.3"
"""Here the server offers no encryption."""
PASSWORD = "p@ss:wörd"
QUOTED = "p%40ss%3Aw%C3%B6rd"

_OLD = """
mail_location = maildir:~/Maildir
disable_plaintext_auth = no
ssl_cert = <{certificate}
ssl_key = <{certificate}
passdb {{
  driver = passwd-file
  args = scheme=plain username_format=all {folder}/passwords
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
"""
_NEW = """dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
mail_driver = maildir
mail_path = ~/Maildir
auth_allow_cleartext = yes
ssl_server_cert_file = {certificate}
ssl_server_key_file = {certificate}
passdb passwd-file {{
  passwd_file_path = {folder}/passwords
  auth_username_format = all
  default_password_scheme = plain
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {folder}/mail/%{{user}}
  }}
}}
"""
"""From 2.4 on (Debian 13) settings have other names."""
_COMMON = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1, {elsewhere}, {careless}
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
mail_fsync = never
auth_mechanisms = plain
auth_failure_delay = 0
ssl = yes
local {careless} {{
  ssl = no
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {encrypted}
    ssl = yes
  }}
}}
service stats {{
  chroot =
}}
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
    from aiosmtpd.controller import Controller

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    handler = MailServer()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    handler.url = f"smtp://127.0.0.1:{port}"  # type: ignore[attr-defined]
    yield handler
    controller.stop()


@dataclass(frozen=True)
class ImapServer:
    """A running server. Every login exists, has ``PASSWORD`` and a mailbox of its own."""

    plain: int
    encrypted: int
    certificate: Path

    def url(self, login: str, folder: str = "", *, password: str = QUOTED, host: str = "127.0.0.1") -> str:
        """The address of a mailbox."""
        return f"imap://{login.replace('@', '%40')}:{password}@{host}:{self.plain}/{folder}"

    def client(self, login: str) -> imaplib.IMAP4:
        """A mail program, signed in."""
        client = imaplib.IMAP4("127.0.0.1", self.plain, timeout=10)
        client.authenticate("PLAIN", lambda _: f"\0{login}\0{PASSWORD}".encode())
        return client


def _free_ports(number: int) -> list[int]:
    """Ports that are free on both addresses."""
    found = [socket.socket() for _ in range(number)]
    for item in found:
        item.bind(("0.0.0.0", 0))
    ports = [item.getsockname()[1] for item in found]
    for item in found:
        item.close()
    return ports


def _configured(folder: Path, person: pwd.struct_passwd) -> ImapServer:
    """Write the settings."""
    (folder / "run").mkdir()
    (folder / "mail").mkdir()
    secret = base64.b64encode(PASSWORD.encode()).decode()
    (folder / "passwords").write_text(f"all:{{PLAIN.b64}}{secret}::::::\n")
    from tests.core.notices import certificates

    certificate = certificates.write(folder, ELSEWHERE)
    plain, encrypted = _free_ports(2)
    values = {
        "folder": folder, "user": person.pw_name, "group": grp.getgrgid(person.pw_gid).gr_name, "uid": person.pw_uid,
        "gid": person.pw_gid, "certificate": certificate, "plain": plain, "encrypted": encrypted,
        "elsewhere": ELSEWHERE, "careless": CARELESS,
    }  # fmt: skip
    version = subprocess.run(
        [str(dovecot_path()), "--version"], capture_output=True, text=True, check=True
    ).stdout
    special = _OLD if version.startswith("2.3.") else _NEW
    (folder / "dovecot.conf").write_text((special + _COMMON).format(**values))
    return ImapServer(plain, encrypted, certificate)


def _wait(port: int, folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Until the server answers."""
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as connection:
                if connection.recv(4) == b"* OK":
                    return
        except OSError:
            if process.poll() is not None:
                break
        time.sleep(0.05)
    told = [(folder / name).read_text() for name in ("errors", "log") if (folder / name).exists()]
    pytest.fail("Dovecot does not answer: " + "\n".join(told)[-2000:], pytrace=False)


@pytest.fixture(scope="session")
def imap_server() -> Iterator[ImapServer]:
    """Dovecot, once for all tests of a process."""
    require("dovecot")
    # Dovecot gives root no mailbox: where the tests run as root, it runs as nobody.
    person = pwd.getpwnam("nobody" if os.geteuid() == 0 else getpass.getuser())
    folder = Path(tempfile.mkdtemp(prefix="ecrm-imap-", dir="/tmp"))
    try:
        server = _configured(folder, person)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, person.pw_uid, person.pw_gid)
        lower: dict[str, Any] = {}
        if os.geteuid() == 0:
            lower = {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
        command = [str(dovecot_path()), "-F", "-c", str(folder / "dovecot.conf")]
        with (folder / "errors").open("w") as errors:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, cwd=folder, **lower
            )
        try:
            _wait(server.plain, folder, process)
            yield server
        finally:
            process.terminate()
            process.wait(10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
