"""An answer from outside: it appears on the open page of the customer, and is answered there."""

from __future__ import annotations

import email
import email.policy
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.core.mailbox.conftest import answer_to
from tests.core.mailbox.samples import bounce_of
from tests.mailserver import ImapServer, MailServer
from tests.system.browser import PHONE, axe, chromium_browser, sideways, visiting
from tests.system.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.imap, pytest.mark.slow]

LOGIN = "answers@shop.example"
LONG = "A colleague with quite a long name <purchasing.department.of.a.very.long.company@subsidiary.couriers.example>"


@pytest.fixture
def server(tmp_path: Path, imap_server: ImapServer, mail_server: MailServer) -> Iterator[Server]:
    server = Server(tmp_path / "instance", demo=True)
    server.environment |= {"IMAP_URL": imap_server.url(LOGIN), "SMTP_URL": mail_server.url}  # type: ignore[attr-defined]
    server.start()
    yield server
    server.stop()


def sent(mail_server: MailServer, *, answers: bool) -> Any:
    """The mail to the customer that answers one or not, as soon as it was sent. Notices go out beside it."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for message in list(mail_server.messages):
            mail = email.message_from_bytes(message.content, policy=email.policy.default)
            if "bo@cogs.example" in mail["To"] and bool(mail["In-Reply-To"]) is answers:
                return mail
        time.sleep(0.1)
    raise AssertionError("no such mail was sent")


def arrive(imap_server: ImapServer, message: bytes) -> None:
    client = imap_server.client(LOGIN)
    client.append("INBOX", "", None, message)  # type: ignore[arg-type]
    client.logout()


def test_an_answer_appears_on_the_open_page_and_is_answered_there(
    server: Server, chromium: Path, imap_server: ImapServer, mail_server: MailServer
) -> None:
    with chromium_browser(chromium) as browser, visiting(browser, server) as staff:
        staff.try_as("admin")
        staff.go("/customers/new")
        staff.fill(name="Bo Derek", email="bo@cogs.example")
        staff.submit()
        page, path = staff.page, staff.page.url.removeprefix(server.base)
        page.wait_for_load_state("networkidle")
        page.locator("#log > summary").click()
        page.locator("#log").get_by_role("radio", name="Mail").check()
        expect(page.locator("#log")).to_contain_text("Answers come back to this page.")
        page.locator("#log").get_by_label("Subject").fill("Your quote")
        page.locator("#log").get_by_label("Text").fill("Shall we deliver?")
        page.locator("#log").get_by_role("button", name="Log").click()
        first = sent(mail_server, answers=False)
        arrive(imap_server, answer_to(first, "Yes, please.\n\n> Shall we deliver?").as_bytes())
        long = answer_to(first, "By the back door.", sender=LONG)
        long.add_attachment(b"x", maintype="application", subtype="pdf", filename=f"{'plan-' * 20}.pdf")
        arrive(imap_server, long.as_bytes())
        arrive(imap_server, bounce_of(first, "550 5.1.1 no such user"))
        tab = staff.context.new_page()
        tab.goto(f"{server.base}/admin/mailbox")
        tab.get_by_role("button", name="Test the mailbox").click()
        expect(tab.get_by_text("3 messages lie in it")).to_be_visible()
        mails = page.locator(".thread-mail")
        expect(mails).to_have_count(4)
        expect(mails.first).to_contain_text("550 5.1.1 no such user")
        expect(mails.nth(2)).to_contain_text("Not an address known here")
        mails.nth(1).get_by_role("link", name="Answer").click()
        text = mails.nth(1).get_by_label("Text")
        expect(text).to_be_focused()
        expect(mails.nth(1)).to_contain_text("Yes, please.")
        text.fill("See you on Friday.")
        page.keyboard.press("Control+Enter")
        expect(mails.nth(4)).to_contain_text("See you on Friday.")
        second = sent(mail_server, answers=True)
        assert second["References"].split()[0] == first["Message-ID"]
        page.evaluate("scrollTo(0, 0)")
        assert axe(page) == []
        tab.reload()
        assert axe(tab) == []
        with visiting(browser, server, viewport=PHONE, color_scheme="dark") as phone:
            phone.try_as("admin")
            for where in (path, "/admin/mailbox"):
                assert sideways(phone.go(where)) == []
                assert axe(phone.page) == []
