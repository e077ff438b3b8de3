"""The connection to the mailbox. It looks, and changes nothing: the folder is opened read-only."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any

from ecrm_server import clock
from ecrm_server.errors import EcrmError
from ecrm_server.mailbox.place import Place, wire_name

SECONDS = 20
"""How long one answer of the server may take."""
WHOLE = 1024 * 1024
"""Bytes of one message that are read; of a larger one only the beginning."""
HEADERS = 16 * 1024
"""Bytes of the headers that tell whether a message is an answer."""
_MOST = 8 * 1024 * 1024
_WANTED = "MESSAGE-ID IN-REPLY-TO REFERENCES CONTENT-TYPE FROM X-FAILED-RECIPIENTS"

_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_ARRIVED = re.compile(rb'\bINTERNALDATE "([^"]{1,40})"')


class MailboxFailed(EcrmError):
    """The mailbox cannot be read: one sentence for whoever runs the site."""

    status = 502


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as it was opened. UIDs grow while ``validity`` stays; ``following`` is greater than all of them."""

    messages: int
    validity: int
    following: int


@dataclass(frozen=True, slots=True)
class Message:
    """The beginning of a message, at most ``WHOLE`` bytes; ``size`` is that of all of it. ``at``: when it arrived."""

    raw: bytes
    size: int
    at: int


class _Bounded:
    """A server that announces more than was asked for is not believed."""

    def read(self, size: int) -> bytes:
        if size > _MOST:
            raise imaplib.IMAP4.abort("its answer is too large")
        return super().read(size)  # type: ignore[misc]


class _Plain(_Bounded, imaplib.IMAP4):
    pass


class _Encrypted(_Bounded, imaplib.IMAP4_SSL):
    pass


class Connection:
    """An open connection, for a ``with`` block. Everything it does raises MailboxFailed and nothing else."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._server: imaplib.IMAP4 | None = None

    def __enter__(self) -> Connection:
        with _one_sentence(self._place):
            self._server = self._open()
            try:
                self._sign_in(self._server)
            except BaseException:
                self._close()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        if self._server is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                self._server.logout()

    def _open(self) -> imaplib.IMAP4:
        place = self._place
        if place.encrypted:
            context = ssl.create_default_context()
            return _Encrypted(place.host, place.port, ssl_context=context, timeout=SECONDS)
        return _Plain(place.host, place.port, timeout=SECONDS)

    def _sign_in(self, server: imaplib.IMAP4) -> None:
        place = self._place
        # On the same machine nothing crosses a network, and a local server's certificate names no public host.
        if not place.encrypted and not place.is_loopback:
            if "STARTTLS" not in server.capabilities:
                raise MailboxFailed(
                    f"{place.host} offers no encryption, so the password of IMAP_URL is not sent."
                )
            server.starttls(ssl_context=ssl.create_default_context())
        try:
            if "AUTH=PLAIN" in server.capabilities:  # the one of the two that can say letters outside ASCII
                words = f"\0{place.login}\0{place.password}".encode()
                server.authenticate("PLAIN", lambda _challenge: words)
            else:
                server.login(place.login, place.password)
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, UnicodeError) as error:
            raise MailboxFailed(f"{place.host} refuses the login or the password of IMAP_URL.") from error

    def examine(self) -> Folder:
        """Open the folder, read-only."""
        with _one_sentence(self._place):
            state, found = self._asked.select(wire_name(self._place.folder), readonly=True)
            if state != "OK":
                raise MailboxFailed(f"The mailbox has no folder '{self._place.folder}' that can be read.")
            return Folder(int(found[0] or 0), self._number("UIDVALIDITY"), self._number("UIDNEXT"))

    def since(self, at: int) -> list[int]:
        """The UIDs of what arrived on the day of a time (milliseconds) or later."""
        day = clock.to_datetime(at)
        months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905 (not the locale's)
        return self._search("SINCE", f"{day.day}-{months[day.month - 1]}-{day.year}")

    def after(self, uid: int) -> list[int]:
        """The UIDs greater than one, in their order."""
        # "7:*" names the last message too when its UID is less than 7.
        return [found for found in self._search("UID", f"{uid + 1}:*") if found > uid]

    def headers(self, uids: Sequence[int]) -> dict[int, bytes]:
        """The headers of messages that tell whether they are answers, by UID."""
        wanted = f"(UID BODY.PEEK[HEADER.FIELDS ({_WANTED})]<0.{HEADERS}>)"
        return {uid: raw for uid, _more, raw in self._fetch(",".join(map(str, uids)), wanted)}

    def message(self, uid: int) -> Message | None:
        """One message; None when it is gone."""
        wanted = f"(UID RFC822.SIZE INTERNALDATE BODY.PEEK[]<0.{WHOLE}>)"
        for found, more, raw in self._fetch(str(uid), wanted):
            if found == uid:
                size = _SIZE.search(more)
                return Message(raw, int(size[1]) if size else len(raw), _arrived(more))
        return None

    @property
    def _asked(self) -> imaplib.IMAP4:
        assert self._server is not None
        return self._server

    def _number(self, name: str) -> int:
        _, found = self._asked.response(name)
        return int(found[0]) if found and found[0] else 0

    def _search(self, *criteria: str) -> list[int]:
        with _one_sentence(self._place):
            _, found = self._asked.uid("SEARCH", *criteria)
            return sorted(int(word) for line in found if line for word in line.split())

    def _fetch(self, uids: str, wanted: str) -> Iterator[tuple[int, bytes, bytes]]:
        """UID, what else was answered, and the literal of each message that there is."""
        with _one_sentence(self._place):
            _, found = self._asked.uid("FETCH", uids, wanted)
        for number, item in enumerate(found):
            if not isinstance(item, tuple):
                continue
            rest: Any = found[number + 1] if number + 1 < len(found) else b""
            more = item[0] + (rest if isinstance(rest, bytes) else b"")
            uid = _UID.search(more)
            if uid is not None:
                yield int(uid[1]), more, item[1]


def _arrived(answer: bytes) -> int:
    found = _ARRIVED.search(answer)
    try:
        return clock.from_datetime(parsedate_to_datetime(found[1].decode("ascii"))) if found else clock.now()
    except ValueError:
        return clock.now()


@contextmanager
def _one_sentence(place: Place) -> Iterator[None]:
    """Say what is wrong with the mailbox, and never its password."""
    where = f"{place.host}:{place.port}"
    try:
        yield
    except socket.gaierror as error:
        raise MailboxFailed(f"The host {place.host} of the mailbox was not found.") from error
    except ssl.SSLCertVerificationError as error:
        raise MailboxFailed(f"{where} shows no valid certificate: {error.verify_message}.") from error
    except ssl.SSLError as error:
        raise MailboxFailed(f"{where} does not speak TLS as expected: {error.reason or error}.") from error
    except TimeoutError as error:
        raise MailboxFailed(f"{where} was too slow.") from error
    except OSError as error:
        raise MailboxFailed(f"{where} cannot be reached: {error.strerror or error}.") from error
    except imaplib.IMAP4.error as error:
        raise MailboxFailed(f"{where} broke off or answered what was not understood: {error}.") from error
