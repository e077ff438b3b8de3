from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import pytest

from ecrm_server.access import Actor
from ecrm_server.customers import activities, services, timeline
from ecrm_server.customers.activities import Wanted
from ecrm_server.customers.facts import CUSTOMER
from ecrm_server.customers.timeline import Entry
from ecrm_server.identity.testing import actor_of, make_account
from ecrm_server.jobs.run import Run
from ecrm_server.kernel.site import Site
from ecrm_server.mailbox.reading import read
from ecrm_server.notices.delivery import deliver
from tests.mailserver import ImapServer, MailServer


@dataclass
class Office:
    """A site whose mails go out over a real server, and whose answers lie in a real mailbox."""

    site: Site
    imap: ImapServer
    smtp: MailServer
    login: str
    staff: Actor = field(init=False)
    customer: str = field(init=False)

    def __post_init__(self) -> None:
        self.staff = actor_of(make_account("Stella", roles=["staff"]))
        self.customer = services.create(self.staff, "Bo", email="bo@cogs.example")

    def send(self, text: str = "Shall we deliver?", **more: Any) -> Any:
        """Send a mail from the page of the customer. Returns it as the customer's mail program gets it."""
        activities.log(
            self.staff,
            CUSTOMER,
            self.customer,
            Wanted(**{"kind": "mail", "subject": "Your quote", "text": text} | more),
        )
        deliver(Run("none", {}, None, 1))
        return email.message_from_bytes(self.smtp.messages[-1].content, policy=email.policy.default)

    def arrive(self, message: EmailMessage | bytes, folder: str = "INBOX") -> None:
        """Put a message into the mailbox, as a mail server would."""
        client = self.imap.client(self.login)
        raw = message if isinstance(message, bytes) else message.as_bytes()
        state, told = client.append(folder, "", None, raw)  # type: ignore[arg-type]
        client.logout()
        assert state == "OK", told

    def read(self) -> None:
        """Let the job look into the mailbox."""
        read(Run("none", {}, None, 1))

    def entries(self, actor: Actor | None = None) -> list[Entry]:
        """The mails on the timeline, as staff see them."""
        person = actor or self.staff
        row = services.get(person, self.customer)
        return timeline.collect(person, customer_id=row["id"], only="customers.mail")[0]

    def thread(self, title: str) -> tuple[Entry, ...]:
        """The mails of the exchange with this title, the first one first."""
        return next(entry for entry in self.entries() if entry.title == title).thread


def answer_to(
    mail: Any, text: str = "Yes, please.", *, sender: str = "Bo Derek <bo@cogs.example>", **headers: str
) -> EmailMessage:
    """What a mail program makes of "answer"; ``headers`` such as ``Auto_Submitted`` are added."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail["Reply-To"]
    message["Subject"] = f"Re: {mail['Subject']}"
    message["Message-ID"] = f"<{uuid4()}@cogs.example>"
    message["In-Reply-To"] = mail["Message-ID"]
    message["References"] = f"{mail['References'] or ''} {mail['Message-ID']}".strip()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


@pytest.fixture
def open_office(
    make_site: Callable[..., Site], imap_server: ImapServer, mail_server: MailServer
) -> Callable[..., Office]:
    """``open_office(folder="Answers")``: an office with a mailbox nobody used before."""

    def made(folder: str = "", **settings: Any) -> Office:
        login = f"{uuid4().hex[:12]}@shop.example"
        url = imap_server.url(login, folder)
        values = {"smtp_url": mail_server.url, "imap_url": url} | settings  # type: ignore[attr-defined]
        return Office(make_site(**values), imap_server, mail_server, login)

    return made


@pytest.fixture
def opened(open_office: Callable[..., Office]) -> Office:
    return open_office()


@pytest.fixture
def site(opened: Office) -> Site:
    """The one site of these tests, which fixtures such as ``emitted`` look at."""
    return opened.site


@pytest.fixture
def office(opened: Office, site: Site) -> Office:
    """An office with a customer; ask for ``both_engines`` beside it where the database matters."""
    return opened
