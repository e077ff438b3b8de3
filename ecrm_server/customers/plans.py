"""Account plans: what we want to reach with an organisation, by which steps, and when we look at it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.audit.services import record
from ecrm_server.customers import facts, people, reading, removed, visibility
from ecrm_server.customers.events import PlanChanged
from ecrm_server.customers.facts import ORGANISATION
from ecrm_server.customers.visibility import EDIT
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Conflict, Forbidden, NotFound, Refusal
from ecrm_server.events import emit

STATES = {"open": "Open", "reached": "Reached", "dropped": "Dropped"}
MAX_PLANS, MAX_STEPS = 50, 100

_PLANS = Prepared(
    "SELECT p.id, p.uid, p.title, p.goal, p.review_on, p.state, p.version, w.uid AS owner_uid, w.name AS owner_name"
    " FROM account_plan p LEFT JOIN profile w ON w.account_id = p.owner_id WHERE p.organisation_id = ?"
    " ORDER BY CASE p.state WHEN 'open' THEN 0 ELSE 1 END, p.review_on IS NULL, p.review_on, p.id"
)
_STEPS = Prepared(
    "SELECT s.uid, s.plan_id, s.title, s.due_on, s.done_at, s.version, w.uid AS owner_uid, w.name AS owner_name"
    " FROM account_plan_step s"
    " JOIN account_plan p ON p.id = s.plan_id LEFT JOIN profile w ON w.account_id = s.owner_id"
    " WHERE p.organisation_id = ? ORDER BY s.position, s.id"
)
_DUE = (
    "SELECT p.title, p.review_on, w.uid AS owner_uid, w.name AS owner_name, t.uid, t.name,"
    " (SELECT COUNT(*) FROM account_plan_step s WHERE s.plan_id = p.id) AS steps,"
    " (SELECT COUNT(*) FROM account_plan_step s WHERE s.plan_id = p.id AND s.done_at IS NOT NULL) AS done"
    " FROM account_plan p JOIN organisation t ON t.id = p.organisation_id"
    " LEFT JOIN profile w ON w.account_id = p.owner_id WHERE p.state = 'open' AND t.merged_into_id IS NULL AND {scope}"
    " ORDER BY p.review_on IS NULL, p.review_on, p.id LIMIT 200"
)
_INSERT = Prepared(
    "INSERT INTO account_plan (uid, organisation_id, title, goal, owner_id, review_on, state, created_at, updated_at,"
    " version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)"
)
_FIND = Prepared(
    "SELECT id, uid, title, goal, owner_id, review_on, told_on, state, version, created_at FROM account_plan"
    " WHERE uid = ? AND organisation_id = ?",
    lock=True,
)
_CHANGE = Prepared(
    "UPDATE account_plan SET title = ?, goal = ?, owner_id = ?, review_on = ?, state = ?, updated_at = ?,"
    " version = version + 1 WHERE id = ?"
)
_DELETE = Prepared("DELETE FROM account_plan WHERE id = ?")
_COUNT = Prepared("SELECT COUNT(*) FROM account_plan_step WHERE plan_id = ?")
_ADD_STEP = Prepared(
    "INSERT INTO account_plan_step (uid, plan_id, title, owner_id, due_on, position) VALUES (?, ?, ?, ?, ?, ?)"
)
_DONE = Prepared("UPDATE account_plan_step SET done_at = ? WHERE uid = ? AND plan_id = ?")
_DROP_STEP = Prepared("DELETE FROM account_plan_step WHERE id = ?")
_STORED_STEP = "uid, title, owner_id, due_on, told_on, done_at, position, version"
_STEP = Prepared(f"SELECT id, {_STORED_STEP} FROM account_plan_step WHERE uid = ? AND plan_id = ?", lock=True)
_ALL_STEPS = Prepared(f"SELECT {_STORED_STEP} FROM account_plan_step WHERE plan_id = ?")
_CHANGE_STEP = Prepared(
    "UPDATE account_plan_step SET title = ?, owner_id = ?, due_on = ?, version = version + 1 WHERE id = ?"
)
_PUT_STEP_BACK = Prepared(
    f"INSERT INTO account_plan_step (plan_id, {_STORED_STEP}) VALUES (?{', ?' * len(_STORED_STEP.split(','))})"
)
_PUT_BACK = Prepared(
    "INSERT INTO account_plan (uid, organisation_id, title, goal, owner_id, review_on, told_on, state, created_at,"
    " updated_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A plan as staff describe it. owner: a profile's public id. review_on: ``YYYY-MM-DD``."""

    title: str
    goal: str = ""
    owner: str = ""
    review_on: str = ""
    state: str = "open"


def listed(organisation_id: int) -> list[dict[str, Any]]:
    """The plans of an organisation with their ``steps``, open ones first, by the day of their review."""
    plans = _PLANS.rows(organisation_id)
    steps: dict[int, list[dict[str, Any]]] = {plan["id"]: [] for plan in plans}
    if plans:
        for step in _STEPS.rows(organisation_id):
            steps[step["plan_id"]].append(step)
    return [plan | {"steps": steps[plan["id"]]} for plan in plans]


def due(actor: Actor) -> list[dict[str, Any]]:
    """The open plans of all organisations that the actor sees, by the day of their review (at most 200)."""
    if not visibility.sees_any(actor):
        raise Forbidden()
    seen = visibility.scope(actor)
    return reading.prepared(_DUE.format(scope=seen.text)).rows(*seen.params)


def create(actor: Actor, organisation: str, wanted: Wanted) -> str:
    """Make a plan. Returns its public id."""
    row = _organisation(actor, organisation)
    values = _checked(row, wanted)
    if len(_PLANS.rows(row["id"])) >= MAX_PLANS:
        raise Refusal(f"Keep at most {MAX_PLANS} plans.")
    uid, now = ids.public_id(), clock.now()
    with transaction():
        _INSERT.run(uid, row["id"], *values, now, now)
        _tell(actor, row, uid, "made", after={"title": wanted.title})
    return uid


def change(actor: Actor, organisation: str, plan: str, wanted: Wanted, version: int | None = None) -> None:
    """Change a plan, or close it as reached or dropped. Raises Conflict when somebody else changed it since."""
    row = _organisation(actor, organisation)
    with transaction():
        found = _plan(row, plan)
        _check_version(found, version)
        values = _checked(row, wanted, found["owner_id"])
        _CHANGE.run(*values, clock.now(), found["id"])
        before = {name: found[name] for name in ("title", "review_on", "state")}
        after = {"title": values[0], "review_on": values[3], "state": values[4]}
        _tell(actor, row, plan, "changed", before, after)


def delete(actor: Actor, organisation: str, plan: str) -> str:
    """Delete a plan with its steps. Returns the id by which it is put back, for a day."""
    row = _organisation(actor, organisation)
    with transaction():
        found = _plan(row, plan)
        kept = found | {"steps": _ALL_STEPS.rows(found["id"])}
        _DELETE.run(found["id"])
        _tell(actor, row, plan, "deleted", before={"title": found["title"]})
        return removed.keep(actor, ORGANISATION, row["id"], "plan", kept)


def put_back(actor: Actor, organisation: str, data: dict[str, Any]) -> None:
    """Put back a deleted plan with its steps, in the caller's transaction."""
    row = _organisation(actor, organisation)
    values = [
        data[name] for name in ("title", "goal", "owner_id", "review_on", "told_on", "state", "created_at")
    ]
    plan_id = _PUT_BACK.value(data["uid"], row["id"], *values, clock.now(), data["version"])
    for step in data["steps"]:
        _insert_step(plan_id, step)
    _tell(actor, row, data["uid"], "made", after={"title": data["title"]})


def _insert_step(plan_id: int, step: dict[str, Any]) -> None:
    _PUT_STEP_BACK.run(plan_id, *(step[name.strip()] for name in _STORED_STEP.split(",")))


def one(actor: Actor, organisation: str, plan: str) -> dict[str, Any]:
    """A plan that the actor may change, with its ``steps``."""
    row = _organisation(actor, organisation)
    found = next((item for item in listed(row["id"]) if item["uid"] == plan), None)
    if found is None:
        raise NotFound()
    return found


def one_step(actor: Actor, organisation: str, plan: str, step: str) -> dict[str, Any]:
    """A step that the actor may change."""
    found = next((item for item in one(actor, organisation, plan)["steps"] if item["uid"] == step), None)
    if found is None:
        raise NotFound()
    return found


def add_step(
    actor: Actor, organisation: str, plan: str, *, title: str, owner: str = "", due_on: str = ""
) -> str:
    """Add a step. Returns its public id."""
    row = _organisation(actor, organisation)
    title = _title(title)
    with transaction():
        found = _plan(row, plan)
        position = int(_COUNT.value(found["id"]))
        if position >= MAX_STEPS:
            raise Refusal(f"Use at most {MAX_STEPS} steps.")
        uid = ids.public_id()
        _ADD_STEP.run(uid, found["id"], title, _owner(row, owner), _day(due_on, "due_on"), position)
        _tell(actor, row, plan, "step added", after={"title": title})
    return uid


def change_step(
    actor: Actor, organisation: str, plan: str, step: str, *, title: str, owner: str = "", due_on: str = "",
    version: int | None = None,
) -> None:  # fmt: skip
    """Change a step. Raises Conflict when somebody else changed it since ``version``."""
    row = _organisation(actor, organisation)
    with transaction():
        found = _step(_plan(row, plan), step)
        _check_version(found, version)
        values = (_title(title), _owner(row, owner, found["owner_id"]), _day(due_on, "due_on"))
        _CHANGE_STEP.run(*values, found["id"])
        before = {"title": found["title"], "due_on": found["due_on"]}
        _tell(actor, row, plan, "step changed", before, {"title": values[0], "due_on": values[2]})


def finish_step(actor: Actor, organisation: str, plan: str, step: str, done: bool) -> None:
    """Mark a step as done, or open it again."""
    row = _organisation(actor, organisation)
    with transaction():
        found = _plan(row, plan)
        if not _DONE.run(clock.now() if done else None, step, found["id"]):
            raise NotFound()
        _tell(actor, row, plan, "step done" if done else "step reopened")


def remove_step(actor: Actor, organisation: str, plan: str, step: str) -> str:
    """Remove a step. Returns the id by which it is put back, for a day."""
    row = _organisation(actor, organisation)
    with transaction():
        found = _step(_plan(row, plan), step)
        _DROP_STEP.run(found["id"])
        _tell(actor, row, plan, "step removed", before={"title": found["title"]})
        return removed.keep(actor, ORGANISATION, row["id"], "step", found | {"plan": plan})


def put_step_back(actor: Actor, organisation: str, data: dict[str, Any]) -> None:
    """Put back a removed step, in the caller's transaction. Raises NotFound when its plan is gone by now."""
    row = _organisation(actor, organisation)
    _insert_step(_plan(row, data["plan"])["id"], data)
    _tell(actor, row, data["plan"], "step added", after={"title": data["title"]})


def _organisation(actor: Actor, uid: str) -> dict[str, Any]:
    require(actor, EDIT)
    return reading.organisation(actor, uid)


def _plan(row: dict[str, Any], plan: str) -> dict[str, Any]:
    found = _FIND.row(plan, row["id"])
    if found is None:
        raise NotFound()
    return found


def _step(plan: dict[str, Any], step: str) -> dict[str, Any]:
    found = _STEP.row(step, plan["id"])
    if found is None:
        raise NotFound()
    return found


def _check_version(found: dict[str, Any], version: int | None) -> None:
    if version is not None and found["version"] != version:
        raise Conflict("Somebody else changed this meanwhile. Look at it again before you save.")


def _checked(
    row: dict[str, Any], wanted: Wanted, owner: int | None = None
) -> tuple[str, str, int | None, str | None, str]:
    if wanted.state not in STATES:
        raise Refusal("Choose one of the states.", field="state")
    if len(wanted.goal) > 5000:
        raise Refusal("Use at most 5,000 characters.", field="goal")
    review = _day(wanted.review_on, "review_on")
    return _title(wanted.title), wanted.goal.strip(), _owner(row, wanted.owner, owner), review, wanted.state


def _title(title: str) -> str:
    title = " ".join(title.split())
    if not title or len(title) > 160:
        raise Refusal("A title has from 1 to 160 characters.", field="title")
    return title


def _owner(row: dict[str, Any], uid: str, known: int | None = None) -> int | None:
    """Who looks after it: somebody who sees the organisation, or who did so before (``known``)."""
    if not uid or uid == people.profile_of(known):
        return known if uid else None
    return people.who_sees(ORGANISATION, row["uid"], uid, "owner")


def _day(text: str, field: str) -> str | None:
    if not text:
        return None
    try:
        return facts.day(text)[0]
    except ValueError as error:
        raise Refusal(str(error), field=field) from error


def _tell(
    actor: Actor, row: dict[str, Any], plan: str, change: str, before: Any = None, after: Any = None
) -> None:
    record(
        "customers.plan_changed", actor=actor, obj_kind="account_plan", obj_uid=plan, before=before, after=after,
        note=change,
    )  # fmt: skip
    emit(PlanChanged(organisation=row["uid"], plan=plan, change=change), actor_id=actor.account_id)
