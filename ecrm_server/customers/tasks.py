"""What waits for a person: tasks, steps of plans, and plans to look at again, by the day they are due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.customers import reading, visibility
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, Subject
from ecrm_server.customers.visibility import PRESENT, READ_OWN

MOST = 200
"""Of each sort; what is due first comes first."""

_TASKS = (
    "SELECT k.uid, k.subject, k.due_at, t.uid, t.name FROM activity k JOIN {table} t ON t.id = k.{column}"
    f" WHERE k.assignee_id = ? AND k.kind = 'task' AND k.done_at IS NULL AND {PRESENT} AND {{scope}}"
    f" ORDER BY k.due_at IS NULL, k.due_at, k.id LIMIT {MOST}"
)
_PLANS = "FROM account_plan p JOIN organisation t ON t.id = p.organisation_id"
_STEPS = (
    f"SELECT p.uid || '/steps/' || s.uid, s.title, s.due_on, t.uid, t.name {_PLANS}"
    " JOIN account_plan_step s ON s.plan_id = p.id WHERE COALESCE(s.owner_id, p.owner_id, t.owner_id) = ?"
    f" AND p.state = 'open' AND s.done_at IS NULL AND {PRESENT} AND {{scope}}"
    f" ORDER BY s.due_on IS NULL, s.due_on, s.id LIMIT {MOST}"
)
_REVIEWS = (
    f"SELECT p.uid, p.title, p.review_on, t.uid, t.name {_PLANS} WHERE COALESCE(p.owner_id, t.owner_id) = ?"
    f" AND p.state = 'open' AND p.review_on IS NOT NULL AND {PRESENT} AND {{scope}}"
    f" ORDER BY p.review_on, p.id LIMIT {MOST}"
)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing. kind: task, step or review. page: of whom it is about. done: where it is marked as done, or empty.

    at: the time a task is due, in milliseconds; day: that time's day, or the day of the others; empty without one.
    """

    kind: str
    title: str
    page: str
    name: str
    done: str
    at: int | None
    day: str


def mine(actor: Actor, zone: tzinfo) -> list[Task]:
    """What waits for the actor about customers and organisations that he sees: by day, those without a day last."""
    require(actor, READ_OWN)
    found = [*_tasks(actor, CUSTOMER, zone), *_tasks(actor, ORGANISATION, zone)]
    for kind, select in (("step", _STEPS), ("review", _REVIEWS)):
        for ref, title, day, uid, name in _rows(actor, select):
            page = f"/organisations/{uid}"
            done = f"{page}/plans/{ref}/done" if kind == "step" else ""
            found.append(Task(kind, title, f"{page}#plans", name, done, None, day or ""))
    return sorted(found, key=lambda task: (not task.day, task.day, task.at or 0, task.title))


def _tasks(actor: Actor, subject: Subject, zone: tzinfo) -> list[Task]:
    found = []
    select = _TASKS.format(table=subject.table, column=subject.column, scope="{scope}")
    for task, title, due, uid, name in _rows(actor, select):
        page = f"{subject.url}/{uid}"
        day = "" if due is None else clock.to_datetime(due).astimezone(zone).date().isoformat()
        found.append(Task("task", title, page, name, f"{page}/activities/{task}/done", due, day))
    return found


def _rows(actor: Actor, select: str) -> list[tuple[Any, ...]]:
    scope = visibility.scope(actor)
    return reading.prepared(select.format(scope=scope.text)).tuples(actor.account_id, *scope.params)
