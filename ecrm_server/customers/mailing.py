"""Mails from the page of a customer or organisation: sending them, and what belongs to one exchange."""

from __future__ import annotations

from email.utils import formataddr
from typing import Any

from ecrm_server.access import Actor
from ecrm_server.customers import reading
from ecrm_server.customers.facts import Subject
from ecrm_server.customers.visibility import hidden
from ecrm_server.data import Prepared
from ecrm_server.errors import Refusal
from ecrm_server.kernel import current
from ecrm_server.mailbox import place as mailbox
from ecrm_server.notices import mail, threads

SEND_MAIL = "customers.send_mail"

_RECEIVED = {
    column: Prepared(
        "SELECT a.subject, COALESCE(a.thread_id, a.id) AS root_id, r.mail, m.message_id FROM activity a"
        " JOIN received_mail m ON m.activity_id = a.id LEFT JOIN activity r ON r.id = a.thread_id"
        f" WHERE a.uid = ? AND a.{column} = ?"
    )
    for column in ("customer_id", "organisation_id")
}
_SETTLE = Prepared(
    "UPDATE activity SET shown_at = COALESCE((SELECT MAX(x.at) FROM activity x WHERE x.thread_id = activity.id"
    " AND x.at > activity.at), at) WHERE id = ?"
)
_FACTS = "message_id, nature, reason, name, address, quoted, files, cut"
_DETAILS = Prepared(
    f"SELECT {_FACTS}, b.uid AS answers FROM (SELECT m.* FROM received_mail m WHERE m.activity_id = ?) m"
    " LEFT JOIN activity b ON b.id = m.answers_id"
)
_ROOT = Prepared("SELECT r.uid FROM activity a JOIN activity r ON r.id = a.thread_id WHERE a.id = ?")
_FOLLOWING = Prepared("SELECT uid FROM activity WHERE thread_id = ? ORDER BY id")
_ANSWERS = Prepared(
    "SELECT a.uid FROM received_mail m JOIN activity a ON a.id = m.activity_id WHERE m.answers_id = ? ORDER BY a.id"
)
_ID = Prepared("SELECT id FROM activity WHERE uid = ?")
_ROOT_OF = Prepared(
    "SELECT r.id FROM activity r JOIN activity a ON a.customer_id = r.customer_id"
    " OR a.organisation_id = r.organisation_id WHERE r.uid = ? AND r.thread_id IS NULL AND a.id = ?"
)
_JOIN = Prepared("UPDATE activity SET thread_id = ? WHERE id = ?")
_JOIN_FURTHER = Prepared(
    "UPDATE activity SET thread_id = ? WHERE thread_id IN (SELECT x.id FROM activity x WHERE x.thread_id = ?)"
)
_STORE = Prepared(
    f"INSERT INTO received_mail (activity_id, answers_id, {_FACTS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_JOIN_ALL = (
    "UPDATE activity SET thread_id = ? WHERE thread_id IS NULL AND uid IN ({marks}) AND EXISTS (SELECT 1 FROM"
    " activity a WHERE a.id = ? AND (a.customer_id = activity.customer_id"
    " OR a.organisation_id = activity.organisation_id))"
)
_ANSWER_ALL = (
    "UPDATE received_mail SET answers_id = ? WHERE answers_id IS NULL"
    " AND activity_id IN (SELECT id FROM activity WHERE uid IN ({marks}))"
)


def received(subject: Subject, row_id: int, activity: str) -> dict[str, Any] | None:
    """A mail that came in; None when there is none with this public id."""
    return _RECEIVED[subject.column].row(activity, row_id)


def answered(subject: Subject, row_id: int, activity: str) -> dict[str, Any]:
    """The received mail that is to be answered."""
    found = received(subject, row_id, activity)
    if found is None:
        raise Refusal("The mail that you answer was deleted. Send yours as a new one.", field="answers")
    return found


def send(
    actor: Actor,
    subject: Subject,
    row: dict[str, Any],
    words: tuple[str, str, str],
    answered: dict[str, Any] | None,
) -> str:
    """Send a mail (its subject, text and HTML) to the main address through the outbox. Returns its public id there."""
    title, text, html = words
    if "email" in hidden(actor, subject) or not row["email"]:
        raise Refusal("There is no e-mail address to send this to.", field="kind")
    if not text:
        raise Refusal("Write something first.", field="text")
    return mail.send(
        row["email"], title, text, html, kind="customers.mail", account_id=row.get("account_id"),
        headers=_headers(actor, answered),
    )  # fmt: skip


def _headers(actor: Actor, answered: dict[str, Any] | None) -> dict[str, str]:
    """Answers go to the mailbox where one is read, else to whoever writes."""
    config = current.generation().config
    read_at = mailbox.address(config)
    found = {"Auto-Submitted": "no"}
    if read_at:
        found["Reply-To"] = formataddr((mail.one_line(actor.name), read_at))
    elif actor.email:
        found["Reply-To"] = actor.email
    if answered and answered["message_id"]:
        root = [threads.message_id(answered["mail"], config)] if answered["mail"] else []
        found["In-Reply-To"] = answered["message_id"]
        found["References"] = " ".join([*root, answered["message_id"]])
    return found


def settle(root_id: int) -> None:
    """Let an exchange stand where its last mail does."""
    _SETTLE.run(root_id)


def remember(row_id: int) -> dict[str, Any]:
    """What ties a logged mail to others, by public ids, before it is deleted; :func:`restore` ties it again."""
    return {
        "root": _ROOT.value(row_id),
        "received": _DETAILS.row(row_id),
        "following": [row[0] for row in _FOLLOWING.tuples(row_id)],
        "answers": [row[0] for row in _ANSWERS.tuples(row_id)],
    }


def restore(row_id: int, known: dict[str, Any]) -> None:
    """Tie a mail that was put back to what is still there of its exchange."""
    details = known["received"]
    if details is not None:
        answers = details.pop("answers")
        _STORE.run(row_id, _ID.value(answers), *(details[name] for name in _FACTS.split(", ")))
    if known["following"]:
        _among(_JOIN_ALL, known["following"]).run(row_id, *known["following"], row_id)
        _JOIN_FURTHER.run(row_id, row_id)  # one that was answered while it stood alone
    if known["answers"]:
        _among(_ANSWER_ALL, known["answers"]).run(row_id, *known["answers"])
    root_id = _ROOT_OF.value(known["root"], row_id)
    if root_id is not None:
        _JOIN.run(root_id, row_id)
    settle(row_id if root_id is None else root_id)


def _among(statement: str, uids: list[str]) -> Prepared:
    return reading.prepared(statement.format(marks=", ".join("?" * len(uids))))
