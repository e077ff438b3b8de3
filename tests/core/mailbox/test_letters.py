"""Messages as mail programs write them: what is taken out of them, and what is not."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecrm_server.config import load
from ecrm_server.errors import ConfigError
from ecrm_server.mailbox import letter
from ecrm_server.mailbox.folding import unfolded
from ecrm_server.mailbox.imap import WHOLE, Message
from ecrm_server.mailbox.letter import Letter
from ecrm_server.mailbox.place import address, place, wire_name
from tests.core.mailbox.samples import bounce_of

OURS = "<8fJk2LmN9pQr@localhost>"


def read(head: str, body: str | bytes = "x") -> Letter:
    """A letter with these headers beside In-Reply-To."""
    content = body if isinstance(body, bytes) else body.encode()
    raw = f"In-Reply-To: {OURS}\r\n{head.strip()}\r\n\r\n".encode() + content
    return letter.read(Message(raw, len(raw), 0))


def of(message: EmailMessage) -> Letter:
    raw = message.as_bytes()
    return letter.read(Message(raw, len(raw), 0))


REPLY = "Yes.\n\nBo"
LEAD = "On Mon, 3 Mar 2025 at 10:00, Shop <noreply@shop.example> wrote:"
QUOTE = "> Shall we deliver?\n>\n> Stella"
OUTLOOK = (
    "From: Shop <noreply@shop.example>\nSent: Monday, March 3, 2025 10:00\nTo: Bo\nSubject: x\n\nShall we?"
)


@pytest.mark.parametrize("quoted", [
    f"{LEAD}\n{QUOTE}",
    f"On Mon, 3 Mar 2025 at 10:00, A Shop With A Very Long Name\n<noreply@shop.example> wrote:\n\n{QUOTE}",
    f"Am 03.03.25 um 10:00 schrieb Shop:\n{QUOTE}",
    f"2025年3月3日(月) 10:00 Shop <noreply@shop.example>：\n{QUOTE}",
    f"-----Original Message-----\n{OUTLOOK}",
    f"-------- Ursprüngliche Nachricht --------\n{OUTLOOK}",
    f"________________________________\n{OUTLOOK}",
    "Von: Shop <noreply@shop.example>\nGesendet: Montag, 3. März 2025 10:00\nAn: Bo\nBetreff: Angebot\n\nLiefern?",
    f"*From:* Shop <noreply@shop.example>\n*Sent:* Monday\n*To:* Bo\n\n{QUOTE}",
    QUOTE,
])  # fmt: skip
def test_what_a_mail_program_repeats_is_folded_away(quoted: str) -> None:
    assert unfolded(f"{REPLY}\n\n{quoted}\n") == (REPLY, quoted)


@pytest.mark.parametrize("text", [
    "> Shall we deliver?\nYes.\n> On Friday?\nFriday is fine.",
    "Please send it\nFrom: Leeds\nTo: Graz\nWeight: 5 kg",
    "--- Option A ---\nThis one, please.",
    "> only a quote",
    "Is 5 > 3?\nYes.",
    "",
])  # fmt: skip
def test_what_somebody_wrote_stays_in_sight(text: str) -> None:
    assert unfolded(text) == (text, "")


def test_an_answer_below_the_quote_is_the_answer() -> None:
    assert unfolded(f"{LEAD}\n{QUOTE}\n\nYes.") == ("Yes.", f"{LEAD}\n{QUOTE}")


@given(st.text(alphabet="> \n-_ab:@1", max_size=200))
def test_folding_loses_no_line(text: str) -> None:
    own, quoted = unfolded(text)
    kept = [line.strip() for line in f"{own}\n{quoted}".split("\n") if line.strip()]
    assert sorted(kept) == sorted(line.strip() for line in text.split("\n") if line.strip())


@pytest.mark.parametrize("head, body, text", [
    ("Content-Type: text/plain; charset=iso-8859-1", "Grüße".encode("latin-1"), "Grüße"),
    ("Content-Type: text/plain; charset=shift_jis", "はい".encode("shift_jis"), "はい"),
    ("Content-Type: text/plain; charset=nonsense", "Grüße".encode(), "Grüße"),
    ("Content-Type: text/plain", "Grüße".encode("cp1252"), "Grüße"),
    ("Content-Type: text/plain; charset=zlib", "ok", "ok"),
    ("Content-Type: text/plain; charset=utf-7", "+ADw-b+AD4-", "+ADw-b+AD4-"),
    ("Content-Transfer-Encoding: base64", "R3LDvMOfZQ==", "Grüße"),
    ("Content-Transfer-Encoding: quoted-printable", "Gr=C3=BC=C3=9F=\r\ne\x00\x1b", "Grüße"),
    ("Content-Type: text/plain; format=flowed", "One \r\nline.\r\n\r\n-- \r\nBo", "One line.\n\n-- \nBo"),
    ("Content-Type: text/plain; format=flowed; delsp=yes", "Do \r\nnau", "Donau"),
])  # fmt: skip
def test_text_is_read_in_whatever_way_it_was_written(head: str, body: str | bytes, text: str) -> None:
    assert read(head, body).text == text


def test_plain_text_keeps_its_lines_and_is_no_markup() -> None:
    found = read("", "# Not a heading\n    *stars*\n<b>x</b> https://shop.example/a?b=1&c=2.\n\nEnd")
    assert found.html == (
        "<p># Not a heading<br>\n    *stars*<br>\n&lt;b&gt;x&lt;/b&gt; "
        '<a href="https://shop.example/a?b=1&amp;c=2" rel="nofollow ugc noopener">https://shop.example/a?b=1&amp;c=2</a>.'
        "</p>\n<p>End</p>\n"
    )


def test_html_alone_is_made_safe_and_asks_no_other_server() -> None:
    html = (
        "<html><head><style>p{}</style></head><body><p onclick='x()'>Hello <b>Ada</b>,</p>"
        "<script>alert(1)</script><a href='javascript:x()'>one</a> <a href='/admin/reload'>two</a>"
        "<img src='https://track.example/p.gif'><img src='cid:logo' alt='Logo'>"
        "<form action='/x'><input name='a'></form>"
        "<blockquote>Shall we?</blockquote></body></html>"
    )
    found = read("Content-Type: text/html; charset=utf-8", html)
    assert "Hello <strong>Ada</strong>," in found.html
    assert found.quoted == "> Shall we?"
    for danger in ("script", "onclick", "style", "img", "track.example", "form", 'href="/'):
        assert danger not in found.html


def test_a_very_large_html_is_cut_and_not_shown_as_source() -> None:
    found = read(
        "Content-Type: text/html", "<p>Yes.</p>" + "<p class='x' style='color:red'>line</p>" * 20_000
    )
    assert found.cut
    assert found.html.startswith("<p>Yes.</p>")
    assert "style" not in found.html


def test_plain_text_is_preferred_and_attachments_are_named() -> None:
    message = EmailMessage()
    message["In-Reply-To"] = OURS
    message.set_content("plain")
    message.add_alternative("<p>rich</p>", subtype="html")
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename="Plän\u202efdp.exe")
    message.add_attachment("a,b", subtype="csv", filename="list.csv")
    message.add_attachment(b"y", maintype="application", subtype="zip")
    found = of(message)
    assert (found.text, found.files) == ("plain", ("Plänfdp.exe", "list.csv", "application/zip"))
    assert not found.cut


@pytest.mark.parametrize("head, name, shown", [
    ("From: Bo Derek <bo@cogs.example>", "Bo Derek", "bo@cogs.example"),
    ("From: =?utf-8?q?B=C3=B6?= =?utf-8?q?_D?= <bo@cogs.example>", "Bö D", "bo@cogs.example"),
    ("From: Bö <bo@cogs.example>", "Bö", "bo@cogs.example"),
    ("From: \"Ada\u202e <ada@shop.example>\" <bo@evil.example>", "Ada <ada@shop.example>", "bo@evil.example"),
    ("From: MAILER-DAEMON@cogs.example (Mail Delivery System)", "Mail Delivery System", "MAILER-DAEMON@cogs.example"),
    ('From: "Bo \\"B\\" D" <bo@cogs.example>', 'Bo "B" D', "bo@cogs.example"),
    ("From: nobody at all", "nobody at all", ""),
    ("Subject: x", "", ""),
])  # fmt: skip
def test_the_sender_is_shown_as_the_message_says(head: str, name: str, shown: str) -> None:
    found = read(head)
    assert (found.name, found.address) == (name, shown)


@pytest.mark.parametrize("head, nature", [
    ("Auto-Submitted: auto-replied", "automatic"),
    ("Auto-Submitted: auto-generated; x=y", "automatic"),
    ("Auto-Submitted: no", "answer"),
    ("Precedence: bulk", "automatic"),
    ("X-Autoreply: yes", "automatic"),
    ("Return-Path: <>", "automatic"),
    ("Return-Path: <bo@cogs.example>", "answer"),
    ("X-Failed-Recipients: bo@cogs.example", "bounce"),
])  # fmt: skip
def test_programs_are_told_from_people(head: str, nature: str) -> None:
    assert read(head).nature == nature


@pytest.mark.parametrize("action, nature, reason", [
    ("failed", "bounce", "550 no such user"), ("delayed", "automatic", ""), ("relayed", "automatic", ""),
])  # fmt: skip
def test_only_a_report_of_failure_says_that_a_mail_did_not_arrive(
    action: str, nature: str, reason: str
) -> None:
    raw = bounce_of({"Message-ID": OURS, "References": ""}, "550 no such user", action=action)
    found = letter.read(Message(raw, len(raw), 0))
    assert (found.nature, found.reason, found.quotes) == (nature, reason, ("8fJk2LmN9pQr",))


def test_the_mail_that_is_answered_comes_before_those_it_answered_itself() -> None:
    head = (
        "References: <firstMai1Qwe@a.example> <x@y> <secondMai2Wr.thread@b.example> <secondMai2Wr@b.example>\r\n"
        "X-Other: <third1Mai3We@a.example>"
    )
    raw = f"{head}\r\n\r\nx".encode()
    assert letter.read(Message(raw, len(raw), 0)).quotes == ("secondMai2Wr", "firstMai1Qwe")


@pytest.mark.parametrize("head, promising", [
    (f"In-Reply-To: {OURS}", True),
    ("References: <8fJk2LmN9pQr.thread@localhost>", True),
    ("Content-Type: multipart/report; report-type=delivery-status", True),
    (f"Subject: {OURS}", False),
    ("In-Reply-To: 8fJk2LmN9pQr@localhost", False),
    ("In-Reply-To: <8fJk2LmN9pQ0@localhost>", False),  # a letter that ours never have
    (f"Message-ID: {OURS}\r\nReferences: <8fJk2LmN9pQr.thread@localhost>", False),
    (f"From: Shop <Noreply@shop.example>\r\nIn-Reply-To: {OURS}", False),
])  # fmt: skip
def test_only_messages_that_quote_us_are_fetched(head: str, promising: bool) -> None:
    assert letter.is_promising(head.encode(), "noreply@shop.example") is promising


SLOW = (
    f"References: {'<a@b>' * 300_000}",
    f"From: {'(' * 500_000}",
    f"From: {'a <b@c>,' * 100_000}",
    f"Subject: {'=?utf-8?q?=' * 100_000}",
    f"Content-Type: text/plain; {'a*0*=x;' * 20_000}",
    "Content-Type: text/plain\r\n\r\n" + "-" * 900_000 + "x",
    "Content-Type: text/plain\r\n\r\n" + "> \n" * 300_000,
    "Content-Type: text/html\r\n\r\n" + "<a href='" * 100_000,
)


@pytest.mark.parametrize("raw", SLOW, ids=lambda raw: raw[:20])
def test_a_message_made_to_be_slow_is_read_in_a_moment(raw: str) -> None:
    whole = f"In-Reply-To: {OURS}\r\n{raw}\r\n\r\nx".encode()[:WHOLE]
    began = time.process_time()
    letter.read(Message(whole, len(whole), 0))
    assert time.process_time() - began < 5


@given(st.binary(max_size=400))
def test_no_bytes_bring_it_down(raw: bytes) -> None:
    found = letter.read(Message(b"In-Reply-To: " + OURS.encode() + b"\r\n" + raw, len(raw), 0))
    assert "\x00" not in found.text + found.name + found.subject


@pytest.mark.parametrize("url, sentence", [
    ("pop3://a:b@c", "must begin with imap:// or imaps://"),
    ("imaps://mail.example.org/INBOX", "names no mailbox"),
    ("imaps://ann:hunter2@mail.example.org:port/", "names no mailbox"),
    ("imaps://ann:hunter2%0d%0aDELETE@mail.example.org/", "names no mailbox"),
    ("imaps:/ann:hunter2@mail.example.org/", "names no mailbox"),
])  # fmt: skip
def test_a_setting_that_names_no_mailbox_is_refused_without_its_password(
    tmp_path: object, url: str, sentence: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        load(str(tmp_path), environ={"IMAP_URL": url})
    assert sentence in refused.value.message
    assert "hunter2" not in refused.value.message


def test_the_setting_is_taken_apart(tmp_path: object) -> None:
    url = "imaps://answers%40example.org:p%40ss@mail.example.org/Shop%2FAnswers"
    config = load(str(tmp_path), environ={"IMAP_URL": url})
    found = place(config)
    assert found is not None
    assert (found.host, found.port, found.folder) == ("mail.example.org", 993, "Shop/Answers")
    assert (found.login, found.password, address(config)) == (
        "answers@example.org",
        "p@ss",
        "answers@example.org",
    )
    assert "p@ss" not in repr(found) + found.name + repr(config)
    named = load(
        str(tmp_path), environ={"IMAP_URL": "imap://ann:x@mail", "ECRM_MAIL_FROM": "Shop <ann@shop.example>"}
    )
    assert address(named) == "ann@shop.example"
    assert wire_name('Entwürfe & "Post"') == '"Entw&APw-rfe &- \\"Post\\""'
