"""What is due is told once to whoever it is for: tasks, steps of plans, and plans whose day of review has come.

A day has come when it is morning in the calendar of the person; a task is due at its time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.customers import reading
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, Subject
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import NotFound
from ecrm_server.identity import actors
from ecrm_server.notices.kind import NoticeKind
from ecrm_server.notices.services import notify

if TYPE_CHECKING:
    from ecrm_server.jobs.run import Run

TASK_DUE, PLAN_DUE = "customers.task_due", "customers.plan_due"
KINDS = [
    NoticeKind(TASK_DUE, "A task of yours is due"),
    NoticeKind(PLAN_DUE, "An account plan of yours, or a step of one, is due"),
]
MORNING = 6
"""The hour from which a day's things are told."""
FARTHEST = timedelta(hours=14)
"""So far ahead of Greenwich may somebody's calendar be."""
PAGE = 200

_REVIEWS = Prepared(
    "SELECT p.id, p.uid, p.title, p.review_on AS due, t.uid AS page_uid, t.name, a.id AS account_id, a.timezone"
    " FROM account_plan p JOIN organisation t ON t.id = p.organisation_id"
    " JOIN account a ON a.id = COALESCE(p.owner_id, t.owner_id) WHERE p.state = 'open' AND p.review_on <= ?"
    f" AND (p.told_on IS NULL OR p.told_on <> p.review_on) AND p.id > ? ORDER BY p.id LIMIT {PAGE}"
)
_STEPS = Prepared(
    "SELECT s.id, s.uid, s.title, s.due_on AS due, t.uid AS page_uid, t.name, a.id AS account_id, a.timezone"
    " FROM account_plan_step s JOIN account_plan p ON p.id = s.plan_id JOIN organisation t ON t.id = p.organisation_id"
    " JOIN account a ON a.id = COALESCE(s.owner_id, p.owner_id, t.owner_id)"
    " WHERE s.done_at IS NULL AND s.due_on IS NOT NULL AND p.state = 'open' AND s.due_on <= ?"
    f" AND (s.told_on IS NULL OR s.told_on <> s.due_on) AND s.id > ? ORDER BY s.id LIMIT {PAGE}"
)
_TASKS = Prepared(
    "SELECT k.id, k.uid, k.subject AS title, k.due_at AS due, c.uid AS customer, COALESCE(c.uid, t.uid) AS page_uid,"
    " COALESCE(c.name, t.name) AS name, k.assignee_id AS account_id FROM activity k"
    " LEFT JOIN customer c ON c.id = k.customer_id LEFT JOIN organisation t ON t.id = k.organisation_id"
    " WHERE k.kind = 'task' AND k.done_at IS NULL AND k.due_at IS NOT NULL AND k.due_at <= ?"
    " AND k.assignee_id IS NOT NULL AND (k.told_at IS NULL OR k.told_at <> k.due_at) AND k.id > ?"
    f" ORDER BY k.id LIMIT {PAGE}"
)


@dataclass(frozen=True, slots=True)
class _Due:
    """One sort of things that come due.

    words: before the title. find: those up to a time, after an id. told: marks one as told. anchor: where it stands.
    """

    kind: str
    words: str
    find: Prepared
    told: Prepared
    anchor: str = ""


_SORTS = {
    "review": _Due(
        PLAN_DUE, "Review the plan", _REVIEWS,
        Prepared(
            "UPDATE account_plan SET told_on = ? WHERE id = ? AND review_on = ? AND (told_on IS NULL OR told_on <> ?)"
        ),
        "#plans",
    ),
    "step": _Due(
        PLAN_DUE, "Step due", _STEPS,
        Prepared(
            "UPDATE account_plan_step SET told_on = ? WHERE id = ? AND due_on = ? AND (told_on IS NULL OR told_on <> ?)"
        ),
        "#plans",
    ),
    "task": _Due(
        TASK_DUE, "Task due", _TASKS,
        Prepared("UPDATE activity SET told_at = ? WHERE id = ? AND due_at = ? AND (told_at IS NULL OR told_at <> ?)"),
    ),
}  # fmt: skip


def tell(run: Run) -> None:
    """Tell everybody what has come due since the last time."""
    now = clock.now()
    latest = (clock.to_datetime(now) + FARTHEST).date().isoformat()
    _each(run, _SORTS["review"], latest, lambda row: _has_come(row, now))
    _each(run, _SORTS["step"], latest, lambda row: _has_come(row, now))
    _each(run, _SORTS["task"], now, lambda row: True)


def _each(run: Run, sort: _Due, until: int | str, has_come: Callable[[dict[str, Any]], bool]) -> None:
    last = 0
    while rows := sort.find.rows(until, last):
        last = rows[-1]["id"]
        for row in rows:
            run.check()
            if has_come(row):
                _tell(sort, row)


def _has_come(row: dict[str, Any], now: int) -> bool:
    """Whether it is the morning of the day, or later, where the person lives."""
    there = clock.to_datetime(now).astimezone(ZoneInfo(row["timezone"] or "UTC"))
    day = there.date().isoformat()
    return bool(row["due"] < day or (row["due"] == day and there.hour >= MORNING))


def _tell(sort: _Due, row: dict[str, Any]) -> None:
    """Tell it once, and only to somebody who still sees the page."""
    subject = CUSTOMER if row.get("customer") else ORGANISATION
    with transaction():
        if sort.told.run(row["due"], row["id"], row["due"], row["due"]) and _sees(row, subject):
            notify(
                [row["account_id"]],
                sort.kind,
                title=f"{sort.words}: {row['title']}",
                url=f"{subject.url}/{row['page_uid']}{sort.anchor}",
                excerpt=row["name"],
                group_key=f"due:{row['uid']}:{row['due']}",
            )


def _sees(row: dict[str, Any], subject: Subject) -> bool:
    somebody: Actor = actors.of_account(row["account_id"])
    try:
        reading.one(somebody, subject, row["page_uid"])
    except NotFound:
        return False
    return True
