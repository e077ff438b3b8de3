"""What staff log about a customer or organisation: notes, calls, meetings, tasks, and mails sent from the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.audit.services import record
from ecrm_server.content import markdown
from ecrm_server.content.cooked import as_markup
from ecrm_server.customers import mailing, people, reading, removed
from ecrm_server.customers.events import Logged
from ecrm_server.customers.facts import CUSTOMER, Subject
from ecrm_server.customers.visibility import EDIT
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Conflict, Forbidden, NotFound, Refusal
from ecrm_server.events import emit
from ecrm_server.notices.services import notify

KINDS = {"note": "Note", "call": "Call", "meeting": "Meeting", "mail": "Mail", "task": "Task"}
ICONS = {"note": "bookmark", "call": "phone", "meeting": "users", "mail": "mail", "task": "checks"}
EDIT_LOGGED = "customers.edit_logged"
"""Changing and deleting what others logged; everybody who edits customers may do so with their own."""
TASK = "customers.task"
"""The kind of notice that tells somebody of a task."""
MAX_TEXT = 20_000

_COLUMNS = (
    "a.id, a.uid, a.kind, a.subject, a.text, a.html, a.at, a.minutes, a.due_at, a.done_at, a.pinned, a.author_id,"
    " a.edited_at, a.version, w.name AS author_name, s.name AS assignee_name, s.uid AS assignee_uid"
)
_SELECT = (
    f"SELECT {_COLUMNS} FROM activity a LEFT JOIN profile w ON w.account_id = a.author_id"
    " LEFT JOIN profile s ON s.account_id = a.assignee_id"
)
_INSERTED = (
    "kind, subject, text, html, at, minutes, due_at, pinned, author_id, assignee_id, mail, shown_at, created_at,"
    " updated_at"
)
_STORED = f"uid, {_INSERTED}, done_at, edited_at, told_at, version"
_WORDS = ("subject", "text", "at", "minutes", "due_at", "assignee_id")
"""What can be changed about it."""


@dataclass(frozen=True, slots=True)
class _Statements:
    after: Prepared
    standing: Prepared
    insert: Prepared
    put_back: Prepared
    one: Prepared
    shown: Prepared


def _statements(column: str) -> _Statements:
    return _Statements(
        Prepared(
            f"{_SELECT} WHERE a.{column} = ? AND (a.at < ? OR (a.at = ? AND a.id < ?)) ORDER BY a.at DESC, a.id DESC"
            " LIMIT ?"
        ),
        Prepared(
            f"{_SELECT} WHERE a.{column} = ? AND (a.pinned OR (a.kind = 'task' AND a.done_at IS NULL))"
            " ORDER BY a.due_at IS NULL, a.due_at, a.id LIMIT 50"
        ),
        Prepared(
            f"INSERT INTO activity (uid, {column}, {_INSERTED}, thread_id, version)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)"
        ),
        Prepared(
            f"INSERT INTO activity ({column}, {_STORED}) VALUES (?{', ?' * len(_STORED.split(','))}) RETURNING id"
        ),
        Prepared(f"SELECT id, thread_id, {_STORED} FROM activity WHERE uid = ? AND {column} = ?", lock=True),
        Prepared(f"{_SELECT} WHERE a.uid = ? AND a.{column} = ?"),
    )


_OF = {column: _statements(column) for column in ("customer_id", "organisation_id")}
_PIN = Prepared("UPDATE activity SET pinned = ?, updated_at = ? WHERE id = ?")
_DONE = Prepared("UPDATE activity SET done_at = ?, updated_at = ? WHERE id = ?")
_CHANGE = Prepared(
    "UPDATE activity SET subject = ?, text = ?, at = ?, shown_at = ?, minutes = ?, due_at = ?, assignee_id = ?,"
    " html = ?, edited_at = ?, updated_at = ?, version = version + 1 WHERE id = ?"
)
_DELETE = Prepared("DELETE FROM activity WHERE id = ?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Something to log.

    text: Markdown. at: when it took place (ms; now). due_at, assignee (a profile's public id): of tasks. minutes: how
    long a call or meeting took. pinned: it stands above the timeline. answers: public id of the received mail that a
    mail answers.
    """

    kind: str
    subject: str = ""
    text: str = ""
    at: int | None = None
    minutes: int | None = None
    due_at: int | None = None
    assignee: str = ""
    pinned: bool = False
    answers: str = ""


def log(actor: Actor, subject: Subject, uid: str, wanted: Wanted) -> str:
    """Write it down; a mail is sent through the outbox to the main address too. Returns its public id."""
    is_mail = wanted.kind == "mail"
    require(actor, mailing.SEND_MAIL if is_mail else EDIT)
    row = reading.one(actor, subject, uid)
    title = _checked(wanted)
    due_at = wanted.due_at if wanted.kind == "task" else None
    assignee = _assignee(actor, subject, row, wanted)
    answered = mailing.answered(subject, row["id"], wanted.answers) if is_mail and wanted.answers else None
    root_id = answered["root_id"] if answered else None
    now, made, html = clock.now(), ids.public_id(), markdown.cook(wanted.text, raw_html=False).html
    at = wanted.at or now
    with transaction():
        sent = (
            mailing.send(actor, subject, row, (title, wanted.text.strip(), html), answered)
            if is_mail
            else None
        )
        _OF[subject.column].insert.run(
            made, row["id"], wanted.kind, title, wanted.text.strip(), html, at, wanted.minutes, due_at, wanted.pinned,
            actor.account_id, assignee, sent, at, now, now, root_id,
        )  # fmt: skip
        if root_id is not None:
            mailing.settle(root_id)
        _give(actor, subject, row, assignee, title)
        _tell(actor, subject, row, made, wanted.kind, "logged")
    return made


def _checked(wanted: Wanted) -> str:
    if wanted.kind not in KINDS:
        raise Refusal("Choose one of the kinds.", field="kind")
    if len(wanted.text) > MAX_TEXT:
        raise Refusal(f"Use at most {MAX_TEXT:,} characters.", field="text")
    title = " ".join(wanted.subject.split())
    if wanted.kind in ("mail", "task") and not title:
        raise Refusal("A subject is needed.", field="subject")
    if not title and not wanted.text.strip():
        raise Refusal("Write something first.", field="text")
    if wanted.minutes is not None and not 0 <= wanted.minutes <= 10_000:
        raise Refusal("Use from 0 to 10,000 minutes.", field="minutes")
    return title[:200]


def _assignee(actor: Actor, subject: Subject, row: dict[str, Any], wanted: Wanted) -> int | None:
    """Who does a task: somebody who sees whom it is about."""
    if wanted.kind != "task":
        return None
    if not wanted.assignee or wanted.assignee == actor.uid:
        return actor.account_id
    return people.who_sees(subject, row["uid"], wanted.assignee, "assignee")


def _give(actor: Actor, subject: Subject, row: dict[str, Any], assignee: int | None, title: str) -> None:
    """Tell somebody of a task that is theirs from now on."""
    if assignee is not None and assignee != actor.account_id:
        notify(
            [assignee], TASK, title=title, url=f"{subject.url}/{row['uid']}", excerpt=row["name"],
            actor_profile_id=actor.profile_id,
        )  # fmt: skip


def _find(actor: Actor, subject: Subject, uid: str, activity: str) -> tuple[dict[str, Any], dict[str, Any]]:
    row = reading.one(actor, subject, uid)
    found = _OF[subject.column].one.row(activity, row["id"])
    if found is None:
        raise NotFound()
    return row, found


def pin(actor: Actor, subject: Subject, uid: str, activity: str, wanted: bool) -> None:
    """Let something stand above the timeline, or not any more."""
    require(actor, EDIT)
    with transaction():
        row, found = _find(actor, subject, uid, activity)
        _PIN.run(wanted, clock.now(), found["id"])
        _tell(actor, subject, row, activity, found["kind"], "pinned" if wanted else "unpinned")


def finish(actor: Actor, subject: Subject, uid: str, activity: str, done: bool) -> None:
    """Mark a task as done, or open it again."""
    require(actor, EDIT)
    with transaction():
        row, found = _find(actor, subject, uid, activity)
        if found["kind"] != "task":
            raise Refusal("Only a task can be done.")
        _DONE.run(clock.now() if done else None, clock.now(), found["id"])
        _tell(actor, subject, row, activity, "task", "done" if done else "reopened")


def may_change(actor: Actor, row: Mapping[str, Any]) -> bool:
    """Whether the actor may change and delete something that was logged: its author may, and whoever is allowed to."""
    own = actor.account_id is not None and row["author_id"] == actor.account_id
    return actor.may(EDIT) and (own or actor.may(EDIT_LOGGED))


def read(actor: Actor, subject: Subject, uid: str, activity: str) -> dict[str, Any]:
    """Something that was logged, for everybody who sees whom it is about."""
    row = _OF[subject.column].shown.row(activity, reading.one(actor, subject, uid)["id"])
    if row is None:
        raise NotFound()
    return row


def one(actor: Actor, subject: Subject, uid: str, activity: str) -> dict[str, Any]:
    """Something that was logged and that the actor may change."""
    row = read(actor, subject, uid, activity)
    _require_change(actor, row)
    return row


def as_wanted(row: Mapping[str, Any], **changes: Any) -> Wanted:
    """What was logged as it is, but for what is to be changed."""
    values = {name: row[name] for name in ("kind", "subject", "text", "at", "minutes", "due_at")}
    return Wanted(**{**values, "assignee": row["assignee_uid"] or "", **changes})


def page(
    subject: Subject, row_id: int, after: Sequence[int] | None, limit: int
) -> tuple[list[dict[str, Any]], list[int] | None]:
    """What was logged, the newest first, and the place after the last one when there are more."""
    at, key = after or (2**62, 2**62)
    rows = _OF[subject.column].after.rows(row_id, at, at, key, limit + 1)
    return rows[:limit], [rows[limit - 1]["at"], rows[limit - 1]["id"]] if len(rows) > limit else None


def _require_change(actor: Actor, row: Mapping[str, Any]) -> None:
    require(actor, EDIT)
    if not may_change(actor, row):
        raise Forbidden("Somebody else logged this.")


def change(
    actor: Actor, subject: Subject, uid: str, activity: str, wanted: Wanted, version: int | None = None
) -> None:
    """Change the words, times and assignee of what was logged; its kind stays, and a mail was sent as it is.

    Raises Conflict when somebody else changed it since ``version``. ``at`` stays when it is not given.
    """
    with transaction():
        row, found = _find(actor, subject, uid, activity)
        _require_change(actor, found)
        if version is not None and found["version"] != version:
            raise Conflict("Somebody else changed this meanwhile. Look at it again before you save.")
        if found["kind"] == "mail":
            raise Refusal("A mail stays as it was sent.")
        wanted = replace(wanted, kind=found["kind"])
        title = _checked(wanted)
        assignee = found["assignee_id"]
        if wanted.assignee and wanted.assignee != people.profile_of(assignee):
            assignee = _assignee(actor, subject, row, wanted)
        at = found["at"] if wanted.at is None else wanted.at
        after = (title, wanted.text.strip(), at, wanted.minutes, wanted.due_at, assignee)
        before = tuple(found[name] for name in _WORDS)
        if before == after:
            return
        html = markdown.cook(wanted.text, raw_html=False).html
        _CHANGE.run(*after[:3], at, *after[3:], html, clock.now(), clock.now(), found["id"])
        if assignee != found["assignee_id"]:
            _give(actor, subject, row, assignee, title)
        about = {"activity": activity}
        record(
            "customers.activity_changed", actor=actor, obj_kind=subject.name, obj_uid=row["uid"],
            before=about | dict(zip(_WORDS, before, strict=True)), after=about | dict(zip(_WORDS, after, strict=True)),
        )  # fmt: skip
        _tell(actor, subject, row, activity, found["kind"], "changed")


def delete(actor: Actor, subject: Subject, uid: str, activity: str) -> str:
    """Delete what was logged; a mail itself stays in the outbox. Returns the id by which it is put back, for a day."""
    require(actor, EDIT)
    with transaction():
        row, found = _find(actor, subject, uid, activity)
        _require_change(actor, found)
        exchange = mailing.remember(found["id"]) if found["kind"] == "mail" else {}
        _DELETE.run(found["id"])
        if found["thread_id"] is not None:
            mailing.settle(found["thread_id"])
        record(
            "customers.activity_deleted", actor=actor, obj_kind=subject.name, obj_uid=row["uid"],
            before={"kind": found["kind"], "subject": found["subject"]},
        )  # fmt: skip
        _tell(actor, subject, row, activity, found["kind"], "deleted")
        return removed.keep(actor, subject, row["id"], "activity", found | {"exchange": exchange})


def put_back(actor: Actor, subject: Subject, uid: str, data: dict[str, Any]) -> None:
    """Put back what was deleted, in the caller's transaction."""
    data = {"shown_at": data["at"], "exchange": {}} | data
    _require_change(actor, data)
    row = reading.one(actor, subject, uid)
    values = (data[name.strip()] for name in _STORED.split(","))
    made = int(_OF[subject.column].put_back.value(row["id"], *values))
    if data["exchange"]:
        mailing.restore(made, data["exchange"])
    record(
        "customers.activity_put_back", actor=actor, obj_kind=subject.name, obj_uid=row["uid"],
        after={"kind": data["kind"], "subject": data["subject"]},
    )  # fmt: skip
    _tell(actor, subject, row, data["uid"], data["kind"], "logged")


def _tell(actor: Actor, subject: Subject, row: dict[str, Any], activity: str, kind: str, change: str) -> None:
    emit(
        Logged(
            customer=row["uid"] if subject is CUSTOMER else None,
            organisation=None if subject is CUSTOMER else row["uid"],
            activity=activity, kind=kind, change=change,
        ),
        actor_id=actor.account_id,
    )  # fmt: skip


def standing(
    actor: Actor, subject: Subject, row_id: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What is pinned, and the open tasks by their due time (at most 50 together), each with ``html`` and ``editable``;
    a task with ``overdue``."""
    now = clock.now()
    found = [
        row
        | {
            "html": as_markup(row["html"]),
            "editable": may_change(actor, row) and row["kind"] != "mail",
            "overdue": row["due_at"] is not None and row["due_at"] < now,
        }
        for row in _OF[subject.column].standing.rows(row_id)
    ]
    tasks = [row for row in found if row["kind"] == "task" and row["done_at"] is None]
    return [row for row in found if row["pinned"]], tasks
