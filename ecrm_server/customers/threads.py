"""What was logged as the timeline shows it: one entry each, and mails with the answers to them as one."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.content.cooked import as_markup
from ecrm_server.content.names import email_key
from ecrm_server.customers import activities, reading
from ecrm_server.customers.facts import Subject
from ecrm_server.customers.timeline import Entry, Received
from ecrm_server.customers.visibility import hidden
from ecrm_server.data import Prepared

LONGEST = 200
"""Mails of all the threads of a page that are shown, the last ones."""

_SELECT = (
    "SELECT a.id, a.uid, a.kind, a.subject, a.html, a.at, a.shown_at, a.thread_id, a.minutes, a.due_at, a.done_at,"
    " a.pinned, a.author_id, a.edited_at, w.name AS author_name, s.name AS assignee_name, m.answers_id,"
    " m.nature, m.reason, m.name AS sender, m.address, m.quoted, m.files, m.cut"
    " FROM activity a LEFT JOIN profile w ON w.account_id = a.author_id"
    " LEFT JOIN profile s ON s.account_id = a.assignee_id"
    " LEFT JOIN received_mail m ON m.activity_id = a.id"
)
_PAGE = {
    column: Prepared(
        f"{_SELECT} WHERE a.{column} = ? AND a.thread_id IS NULL AND a.shown_at < ? ORDER BY a.shown_at DESC LIMIT ?"
    )
    for column in ("customer_id", "organisation_id")
}
_KNOWN = {
    "customer_id": "SELECT email_key FROM customer WHERE id = ? AND email_key IN ({marks}) UNION"
    " SELECT value_key FROM contact_point WHERE customer_id = ? AND kind = 'email' AND value_key IN ({marks})",
    "organisation_id": "SELECT email_key FROM organisation WHERE id = ? AND email_key IN ({marks}) UNION"
    " SELECT value_key FROM contact_point WHERE organisation_id = ? AND kind = 'email' AND value_key IN ({marks})"
    " UNION SELECT c.email_key FROM membership k JOIN customer c ON c.id = k.customer_id WHERE k.organisation_id = ?"
    " AND c.email_key IN ({marks})",
}


def entries(actor: Actor, subject: Subject, row_id: int, before: int, limit: int) -> list[Entry]:
    """What was logged, newest first; a thread stands where its last mail does, its mails in their order."""
    rows = _PAGE[subject.column].rows(row_id, before, limit)
    roots = [row["id"] for row in rows if row["kind"] == "mail"]
    following = _following(roots)
    mails = [*rows, *(row for answers in following.values() for row in answers)]
    draw = _Drawn(actor, subject, row_id, mails)
    found = []
    for row in rows:
        entry = draw(row)
        if row["id"] in following:
            thread = (entry, *(draw(answer) for answer in following[row["id"]]))
            entry = replace(entry, at=row["shown_at"], thread=thread)
        found.append(entry)
    return found


def _following(roots: list[int]) -> dict[int, list[dict[str, Any]]]:
    """The mails after the first one of each thread."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    if roots:
        marks = ", ".join("?" * len(roots))
        order = "a.at DESC, a.created_at DESC, a.id DESC"
        sql = f"{_SELECT} WHERE a.thread_id IN ({marks}) ORDER BY {order} LIMIT {LONGEST}"
        for row in reversed(reading.prepared(sql).rows(*roots)):
            found[row["thread_id"]].append(row)
    return found


class _Drawn:
    """Rows as entries for one reader."""

    def __init__(self, actor: Actor, subject: Subject, row_id: int, rows: list[dict[str, Any]]) -> None:
        self._actor = actor
        self._known = _known(subject, row_id, (row["address"] for row in rows if row["address"]))
        self._without_address = "email" in hidden(actor, subject)
        self._faults = {
            row["answers_id"]: row["reason"] or "The mail server gave no reason."
            for row in rows
            if row["nature"] == "bounce"
        }

    def __call__(self, row: dict[str, Any]) -> Entry:
        changeable = activities.may_change(self._actor, row)
        return Entry(
            part="customers",
            kind=row["kind"],
            at=row["at"],
            title=row["subject"] or activities.KINDS[row["kind"]],
            icon=activities.ICONS[row["kind"]],
            actor_name=row["author_name"] or "",
            html=as_markup(row["html"]),
            ref=row["uid"],
            state=_state(row),
            minutes=row["minutes"] or 0,
            due_at=row["due_at"],
            for_name=row["assignee_name"] or "",
            edited_at=row["edited_at"],
            editable=changeable and row["kind"] != "mail",
            deletable=changeable,
            fault=self._faults.get(row["id"], ""),
            received=self._received(row) if row["nature"] else None,
        )

    def _received(self, row: dict[str, Any]) -> Received:
        return Received(
            name=row["sender"],
            address="" if self._without_address else row["address"],
            known=_key(row["address"]) in self._known,
            nature=row["nature"],
            quoted=row["quoted"],
            files=tuple(json.loads(row["files"])),
            cut=bool(row["cut"]),
        )


def _known(subject: Subject, row_id: int, addresses: Iterable[str]) -> frozenset[str]:
    """Which of these addresses are the customer's, or the organisation's and its people's, as keys."""
    keys = sorted({_key(address) for address in addresses} - {""})
    if not keys:
        return frozenset()
    sql = _KNOWN[subject.column]
    params = [row_id, *keys] * sql.count("{marks}")
    marks = ", ".join("?" * len(keys))
    return frozenset(row[0] for row in reading.prepared(sql.format(marks=marks)).tuples(*params))


def _key(address: str) -> str:
    try:
        return email_key(address)
    except ValueError:
        return ""


def _state(row: dict[str, Any]) -> str:
    if row["kind"] == "task":
        if row["done_at"] is not None:
            return "done"
        return "overdue" if row["due_at"] is not None and row["due_at"] < clock.now() else "open"
    return "pinned" if row["pinned"] else ""
