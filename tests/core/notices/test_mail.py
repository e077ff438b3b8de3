"""Mail: the outbox and a real mail server."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from ecrm_server import clock
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Refusal
from ecrm_server.identity.testing import make_account
from ecrm_server.jobs.run import Run
from ecrm_server.kernel.site import Site
from ecrm_server.notices import mail, outbox, privacy
from ecrm_server.notices.delivery import deliver
from ecrm_server.testing import MovableClock
from tests.mailserver import MailServer

ROWS = Prepared("SELECT * FROM mail ORDER BY id")


def send_all() -> None:
    deliver(Run("none", {}, None, 1))


def received(server: MailServer) -> Any:
    (envelope,) = server.messages
    return email.message_from_bytes(envelope.content, policy=email.policy.default)


def test_a_mail_arrives_with_text_and_html_and_a_stable_id(club: Site, mail_server: MailServer) -> None:
    uid = mail.send(
        "ann@example.org", "Grüße", "plain ✓\n", "<p>rich ✓</p>", unsubscribe_url="http://localhost/u/1"
    )
    send_all()
    message = received(mail_server)
    assert message["Subject"] == "Grüße"
    assert message["From"] == "eCRM Server <noreply@localhost>"
    assert message["To"] == "ann@example.org"
    assert message["Message-ID"] == f"<{uid}@localhost>"
    assert message["List-Unsubscribe"] == "<http://localhost/u/1>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.get_content_type() == "multipart/alternative"
    assert message.get_body(("plain",)).get_content().strip() == "plain ✓"
    assert message.get_body(("html",)).get_content().strip() == "<p>rich ✓</p>"
    assert ROWS.row()["state"] == "sent"  # type: ignore[index]
    send_all()
    assert len(mail_server.messages) == 1


def test_long_ids_and_addresses_stay_readable_for_other_programs(club: Site, mail_server: MailServer) -> None:
    site, theirs = f"http://localhost/unsubscribe/{'t' * 90}", f"<{'i' * 90}@customer.example>"
    headers = {"In-Reply-To": theirs, "References": f"<first@customer.example> {theirs}"}
    uid = mail.send("ann@example.org", "Hello", "x", headers=headers, unsubscribe_url=site)
    send_all()
    raw = mail_server.messages[0].content.decode()
    head = raw.partition("\r\n\r\n")[0].replace("\r\n ", " ").split("\r\n")
    assert f"List-Unsubscribe: <{site}>" in head
    assert f"In-Reply-To: {theirs}" in head
    assert f"References: <first@customer.example> {theirs} <{uid}.thread@localhost>" in head
    assert "Auto-Submitted: auto-generated" in head


def test_a_mail_goes_with_the_transaction_that_it_tells_of(club: Site, mail_server: MailServer) -> None:
    with suppress(ZeroDivisionError), transaction():
        mail.send("ann@example.org", "Never", "never")
        _ = 1 / 0
    send_all()
    assert mail_server.messages == []


def test_headers_cannot_be_injected(club: Site, mail_server: MailServer) -> None:
    mail.send(
        "ann@example.org", "Hello\r\nBcc: eve@evil.example\u2028x", "x", headers={"X-Topic": "a\nBcc: b@c.de"}
    )
    for address in ("a@b.de\nBcc: c@d.de", "a@b.de, c@d.de", "Ann <a@b.de>", "a@b@c.de", "", "@", "a b@c.de"):
        with pytest.raises(Refusal):
            mail.send(address, "x", "x")
    for name in ("Bcc", "From", "X: y", "X\nY", ""):
        with pytest.raises(ValueError, match="cannot be set"):
            mail.send("ann@example.org", "x", "x", headers={name: "x"})
    send_all()
    message = received(mail_server)
    assert message["Bcc"] is None
    assert message["Subject"] == "Hello Bcc: eve@evil.example x"
    assert mail_server.messages[0].rcpt_tos == ["ann@example.org"]


def test_a_passing_refusal_is_tried_again_and_a_final_one_is_not(
    club: Site, mail_server: MailServer, movable_clock: MovableClock
) -> None:
    mail_server.answers = {"later@example.org": "451 try later", "never@example.org": "550 no such user"}
    for name in ("later", "never", "ok"):
        mail.send(f"{name}@example.org", name, "x")
    send_all()
    states = {row["recipient"]: (row["state"], row["error"]) for row in ROWS.rows()}
    assert states["later@example.org"] == ("waiting", "451 try later")
    assert states["never@example.org"] == ("failed", "550 no such user")
    assert states["ok@example.org"] == ("sent", "")
    mail_server.answers = {}
    send_all()
    assert len(mail_server.messages) == 1
    movable_clock.advance(clock.HOUR)
    send_all()
    assert [envelope.rcpt_tos[0] for envelope in mail_server.messages] == [
        "ok@example.org",
        "later@example.org",
    ]


def test_patience_ends(club: Site, mail_server: MailServer, movable_clock: MovableClock) -> None:
    mail_server.answers = {"later@example.org": "451 try later"}
    mail.send("later@example.org", "x", "x")
    for _ in range(10):
        send_all()
        movable_clock.advance(2 * clock.DAY)
    assert ROWS.row()["state"] == "failed"  # type: ignore[index]
    assert ROWS.row()["attempts"] == 8  # type: ignore[index]


def test_mail_waits_while_the_server_is_away(
    make_site: Callable[..., Site], mail_server: MailServer, movable_clock: MovableClock
) -> None:
    make_site(smtp_url="smtp://127.0.0.1:1")
    mail.send("ann@example.org", "x", "x")
    send_all()
    row = ROWS.row()
    assert row is not None
    assert (row["state"], row["attempts"]) == ("waiting", 0)
    assert "cannot be used" in row["error"]
    assert row["next_at"] > clock.now()


def test_without_a_server_mail_is_held_and_readable_in_the_outbox(
    club_without_mail: Site, sign_in: Callable[..., Any]
) -> None:
    admin, member = sign_in("Root", "admin"), sign_in("Bob", "member")
    uid = mail.send(
        "ann@example.org", "Welcome <b>", "Hello & <script>", "<h1>Hello</h1><script>alert(1)</script>"
    )
    assert ROWS.rows()[-1]["state"] == "held"
    assert "No mail server is set" in admin.get("/admin/outbox").text
    page = admin.get(f"/admin/outbox/{uid}").text
    assert "Hello &amp; &lt;script&gt;" in page
    assert "<script>alert" not in page
    frame = admin.get(f"/admin/outbox/{uid}/html")
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    assert "default-src 'none'" in frame.headers["Content-Security-Policy"]
    for path in ("/admin/outbox", f"/admin/outbox/{uid}", f"/admin/outbox/{uid}/html"):
        assert member.get(path).status_code == 403
    assert admin.post(f"/admin/outbox/{uid}/send").status_code == 422


def test_held_mail_is_sent_when_a_server_appears(
    club: Site, mail_server: MailServer, sign_in: Callable[..., Any]
) -> None:
    admin = sign_in("Root", "admin")
    for name in ("a", "b"):
        mail.send(f"{name}@example.org", name, "x")
    Prepared("UPDATE mail SET state = 'held'").run()
    one = ROWS.rows()[0]["uid"]
    assert admin.post(f"/admin/outbox/{one}/send").status_code == 302
    send_all()
    assert [envelope.rcpt_tos[0] for envelope in mail_server.messages] == ["a@example.org"]
    assert admin.post("/admin/outbox/send").status_code == 302
    send_all()
    assert len(mail_server.messages) == 2
    assert admin.post(f"/admin/outbox/{one}/send").status_code == 422
    assert outbox.open_counts() == {}


def test_a_person_s_mail_is_exported_and_erased(club: Site) -> None:
    account = make_account("Ann", email="ann@example.org")
    mail.send("ann@example.org", "Yours", "x", account_id=account.id)
    mail.send("ANN@example.org", "By address", "x")
    mail.send("bob@example.org", "Another's", "x")
    assert [row["subject"] for row in privacy.export(account.id)["mails"] if row["subject"] == "Yours"]
    privacy.erase(account.id, account.profile_id)
    assert [row["recipient"] for row in ROWS.rows()] == ["bob@example.org"]
