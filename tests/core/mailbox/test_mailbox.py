"""The mailbox itself: how it is reached, what is said when it is not, and messages that are made to break things."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecrm_server import clock
from ecrm_server.data import Prepared, database
from ecrm_server.errors import Refusal
from ecrm_server.jobs.run import Run, Stopped, stopping
from ecrm_server.kernel.site import Site
from ecrm_server.mailbox import services as mailbox
from ecrm_server.mailbox.health import check_mailbox
from ecrm_server.mailbox.reading import read
from ecrm_server.testing import MovableClock
from tests.core.mailbox.conftest import Office, answer_to
from tests.core.notices import certificates
from tests.mailserver import CARELESS, ELSEWHERE, QUOTED, ImapServer

pytestmark = pytest.mark.imap

ROW = Prepared("SELECT * FROM mailbox")


def look() -> str:
    """Let the job look into the mailbox. Returns what is wrong with it."""
    read(Run("none", {}, None, 1))
    row = ROW.row()
    assert row is not None
    return str(row["error"])


def health() -> tuple[str, str]:
    found = check_mailbox()
    return found.state, found.detail


@pytest.fixture
def trusted(imap_server: ImapServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the server's certificate during the test."""
    monkeypatch.setenv("SSL_CERT_FILE", str(imap_server.certificate))


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
def test_the_mailbox_is_read_over_tls(
    make_site: Callable[..., Site], imap_server: ImapServer, trusted: None, scheme: str
) -> None:
    port = imap_server.plain if scheme == "imap" else imap_server.encrypted
    make_site(imap_url=f"{scheme}://ann%40example.org:{QUOTED}@{ELSEWHERE}:{port}/")
    assert health() == (
        "attention", "The mailbox was not read yet. The job 'Read answers' does it each minute.",
    )  # fmt: skip
    assert look() == ""
    assert health() == ("well", f"Answers are read from INBOX at {ELSEWHERE}.")


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
def test_an_unknown_certificate_gets_no_password(
    make_site: Callable[..., Site], imap_server: ImapServer, scheme: str
) -> None:
    port = imap_server.plain if scheme == "imap" else imap_server.encrypted
    make_site(imap_url=f"{scheme}://ann:{QUOTED}@{ELSEWHERE}:{port}/")
    error = look()
    assert error.startswith(f"{ELSEWHERE}:{port} shows no valid certificate: ")
    assert health() == ("broken", error)


def test_a_certificate_of_another_server_is_none(
    make_site: Callable[..., Site], imap_server: ImapServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.write(tmp_path, "127.0.0.9")))
    make_site(imap_url=f"imaps://ann:{QUOTED}@{ELSEWHERE}:{imap_server.encrypted}/")
    assert "shows no valid certificate" in look()


def test_the_password_does_not_cross_a_network_in_the_clear(
    make_site: Callable[..., Site], imap_server: ImapServer
) -> None:
    make_site(imap_url=imap_server.url("ann", host=CARELESS))
    assert look() == f"{CARELESS} offers no encryption, so the password of IMAP_URL is not sent."


@pytest.mark.parametrize("where, sentence", [
    ({"password": "wrong"}, "127.0.0.1 refuses the login or the password of IMAP_URL."),
    ({"folder": "Gone"}, "The mailbox has no folder 'Gone' that can be read."),
])  # fmt: skip
def test_what_is_wrong_is_one_sentence_without_the_password(
    make_site: Callable[..., Site], imap_server: ImapServer, where: dict[str, str], sentence: str
) -> None:
    make_site(imap_url=imap_server.url("ann@example.org", **where))
    with pytest.raises(Refusal) as refused:
        mailbox.test()
    assert refused.value.message == sentence
    assert health() == ("broken", sentence)


def test_a_mailbox_that_is_away_is_tried_less_and_less_often(
    make_site: Callable[..., Site], movable_clock: MovableClock
) -> None:
    make_site(imap_url="imap://ann:secret@127.0.0.1:9/")
    tried = []
    for minute in range(30):
        look()
        row = ROW.row()
        assert row is not None
        if row["failures"] > len(tried):
            tried.append(minute)
        movable_clock.advance(clock.MINUTE)
    assert tried == [0, 1, 6, 21]
    assert row["error"] == "127.0.0.1:9 cannot be reached: Connection refused."


def test_the_mailbox_is_tested_from_its_page(office: Office, sign_in: Any) -> None:
    admin = sign_in("Ada", "admin")
    page = admin.get("/admin/mailbox").text
    assert office.login in page
    assert "this machine, not encrypted" in page
    assert QUOTED not in page
    office.arrive(b"Subject: x\r\n\r\nx")
    answer = admin.post("/admin/mailbox/test")
    assert answer.location == "/admin/mailbox"
    assert "1 message lies in it" in admin.get("/admin/mailbox").text
    assert Prepared("SELECT kind FROM job WHERE kind = 'mailbox.read'").value() == "mailbox.read"
    assert sign_in("Stan", "staff").get("/admin/mailbox").status_code == 403


@pytest.fixture
def site(request: pytest.FixtureRequest, make_site: Callable[..., Site]) -> Site:
    """The office's site, or one with the settings of the test."""
    if "opened" in request.fixturenames:
        found: Site = request.getfixturevalue("opened").site
        return found
    marker = request.node.get_closest_marker("settings")
    return make_site(**(marker.kwargs if marker else {}))


@pytest.mark.settings(imap_url="imap://ann:secret@127.0.0.1:9/")
def test_a_fault_is_shown_where_the_mailbox_is_tested(sign_in: Any) -> None:
    answer = sign_in("Ada", "admin").post("/admin/mailbox/test")
    assert answer.status_code == 422
    assert "127.0.0.1:9 cannot be reached: Connection refused." in answer.text
    assert "secret" not in answer.text


def test_without_a_mailbox_the_page_says_how_to_set_one(sign_in: Any) -> None:
    admin = sign_in("Ada", "admin")
    assert 'imap_url = "imaps://' in admin.get("/admin/mailbox").text.replace("&#34;", '"')
    assert health() == ("not needed", "No mailbox is set. Answers go to whoever wrote the mail.")
    read(Run("none", {}, None, 1))
    assert ROW.row() is None


BROKEN = (
    b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n",
    b"Content-Type: multipart/report; report-type=delivery-status\r\n\r\nno parts\r\n",
    b'Content-Type: text/plain; charset="\xff\xfe"\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%=\r\n',
    b"Content-Type: text/plain; charset=punycode\r\nSubject: =?idna?b?//8=?= =?utf-8?q?=00=ff?=\r\n\r\n\x00\xff\r\n",
    b"Content-Type: text/html\r\n\r\n" + b"<div>" * 5000 + b"<script>alert(1)</script>",
    b"Content-Disposition: attachment; filename*0*=utf-8''%ff; filename*x=\x00\r\nFrom: <<<>>> \"\r\n\r\nx\r\n",
    b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000)),
)


def test_broken_messages_are_passed_over_and_the_next_one_is_read(office: Office) -> None:
    mail = office.send()
    for raw in BROKEN:
        office.arrive(b"In-Reply-To: " + mail["Message-ID"].encode() + b"\r\n" + raw)
    office.arrive(answer_to(mail, "The good one"))
    office.read()
    row = ROW.row()
    assert row is not None
    assert (row["answers"], row["unreadable"], row["error"]) == (len(BROKEN) + 1, 0, "")
    answers = office.thread("Your quote")[1:]
    assert answers[-1].html.striptags() == "The good one"
    assert answers[0].received is not None
    assert [answer.received.cut for answer in answers if answer.received][-2] is True
    assert "<script" not in "".join(answer.html for answer in answers)


def test_of_a_very_large_message_the_beginning_is_read(office: Office) -> None:
    answer = answer_to(office.send(), "See the plan.")
    answer.add_attachment(b"x" * 2_000_000, maintype="application", subtype="pdf", filename="plan.pdf")
    office.arrive(answer)
    office.read()
    received = office.thread("Your quote")[1].received
    assert received is not None
    assert (received.files, received.cut) == (("plan.pdf",), True)
    assert office.thread("Your quote")[1].html.striptags() == "See the plan."


def test_what_cannot_be_stored_is_tried_again_and_then_passed_over(office: Office) -> None:
    mail = office.send()
    office.arrive(answer_to(mail, "Poison"))
    office.arrive(answer_to(mail, "The good one"))
    database.execute_sql(
        "CREATE TRIGGER poison BEFORE INSERT ON activity WHEN NEW.text LIKE 'Poison%'"
        " BEGIN SELECT RAISE(ABORT, 'no room for this'); END"
    )
    for _ in range(2):
        with pytest.raises(Exception, match="no room for this") as failed:
            office.read()
        assert isinstance(failed.value.__cause__ or failed.value.__context__, sqlite3.Error)
        assert office.thread("Your quote") == ()
    office.read()
    assert [mail.html.striptags() for mail in office.thread("Your quote")[1:]] == ["The good one"]
    row = ROW.row()
    assert row is not None
    assert (row["answers"], row["unreadable"]) == (1, 1)


def test_a_reader_that_is_stopped_goes_on_where_it_was(office: Office) -> None:
    mail = office.send()
    for text in ("One", "Two"):
        office.arrive(answer_to(mail, text))
    stopping.set()
    try:
        with pytest.raises(Stopped):
            office.read()
    finally:
        stopping.clear()
    office.read()
    assert [mail.html.striptags() for mail in office.thread("Your quote")[1:]] == ["One", "Two"]
