"""Answers to mails that staff sent: logged with the mail, and told to whoever wrote it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ecrm_server import clock, ids
from ecrm_server.customers import mailing, reading
from ecrm_server.customers.events import Logged
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, Subject
from ecrm_server.data import Prepared
from ecrm_server.errors import NotFound
from ecrm_server.events import emit
from ecrm_server.identity.actors import of_account
from ecrm_server.notices.services import notify

if TYPE_CHECKING:
    from ecrm_server.mailbox.letter import Letter

ANSWER = "customers.answer"
"""The kind of notice that tells somebody of an answer."""
MOST_QUOTED = 20

_ANSWERED = (
    "SELECT a.id, a.mail, a.subject, a.at, a.author_id, a.customer_id, a.organisation_id,"
    " COALESCE(r.id, a.id) AS root_id, COALESCE(r.uid, a.uid) AS root_uid, COALESCE(c.uid, o.uid) AS owner_uid,"
    " COALESCE(c.name, o.name) AS owner_name FROM activity a LEFT JOIN activity r ON r.id = a.thread_id"
    " LEFT JOIN customer c ON c.id = a.customer_id LEFT JOIN organisation o ON o.id = a.organisation_id"
    " WHERE a.mail IN ({marks})"
)
_INSERT = Prepared(
    "INSERT INTO activity (uid, customer_id, organisation_id, kind, subject, text, html, at, pinned, thread_id,"
    " shown_at, created_at, updated_at, version) VALUES (?, ?, ?, 'mail', ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) RETURNING id"
)
_RECEIVED = Prepared(
    "INSERT INTO received_mail (activity_id, answers_id, message_id, nature, reason, name, address, quoted, files, cut)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def answered(quotes: Sequence[str]) -> dict[str, Any] | None:
    """The logged mail that is answered: the first of these mails of the outbox that staff sent; None without one."""
    asked = quotes[:MOST_QUOTED]
    if not asked:
        return None
    marks = ", ".join("?" * len(asked))
    found = {row["mail"]: row for row in reading.prepared(_ANSWERED.format(marks=marks)).rows(*asked)}
    return next((found[uid] for uid in asked if uid in found), None)


def take(row: dict[str, Any], letter: Letter) -> str:
    """Log a letter that answers a logged mail, in the caller's transaction. Returns its public id.

    The customer is the one that the mail stands with now, whoever the sender says to be.
    """
    uid, now = ids.public_id(), clock.now()
    # Mailboxes know the second alone, and some the wrong one: no answer comes before its mail.
    at = max(letter.at, row["at"])
    activity_id = _INSERT.value(
        uid, row["customer_id"], row["organisation_id"], letter.subject, letter.text, letter.html, at, False,
        row["root_id"], at, now, now,
    )  # fmt: skip
    _RECEIVED.run(
        activity_id, row["id"], letter.message_id, letter.nature, letter.reason, letter.name, letter.address,
        letter.quoted, json.dumps(letter.files, ensure_ascii=False), letter.cut,
    )  # fmt: skip
    mailing.settle(row["root_id"])
    if letter.nature != "automatic":
        _notify(row, letter)
    customer = row["customer_id"] is not None
    change = "undelivered" if letter.nature == "bounce" else "received"
    emit(
        Logged(
            customer=row["owner_uid"] if customer else None,
            organisation=None if customer else row["owner_uid"],
            activity=uid, kind="mail", change=change,
        )
    )  # fmt: skip
    return uid


def _notify(row: dict[str, Any], letter: Letter) -> None:
    """Tell whoever wrote the mail, while that person sees the customer."""
    subject: Subject = CUSTOMER if row["customer_id"] is not None else ORGANISATION
    if row["author_id"] is None:
        return
    try:
        reading.one(of_account(row["author_id"]), subject, row["owner_uid"])
    except NotFound:
        return
    title = letter.subject or row["subject"]
    if letter.nature == "bounce":
        title = f"Not delivered: {row['subject']}"
    notify(
        [row["author_id"]],
        ANSWER,
        title=title,
        url=f"{subject.url}/{row['owner_uid']}",
        excerpt=row["owner_name"],
        group_key=f"{ANSWER}:{row['root_uid']}",
    )
