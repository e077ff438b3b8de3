"""What is due is told once to whoever it is for, and stands on their page of tasks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.customers import activities, dues, merging, organisations, plans, services, tasks
from ecrm_server.customers.activities import Wanted
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION
from ecrm_server.data import Prepared
from ecrm_server.errors import Forbidden
from ecrm_server.jobs.run import Run

Person = Callable[..., Actor]


@pytest.fixture
def at(movable_clock: Any) -> Callable[[str], None]:
    """``at("2026-05-04 07:00")``: the clock of the server, in UTC."""

    def move(text: str) -> None:
        movable_clock.ms = clock.from_datetime(datetime.fromisoformat(text).replace(tzinfo=UTC))

    return move


def told() -> list[tuple[str, str]]:
    """(name, title) of the notices that the job sent, all in all."""
    dues.tell(Run("job", {}, None, 1))
    return Prepared(
        "SELECT p.name, n.title FROM notice n JOIN profile p ON p.account_id = n.account_id WHERE n.kind IN"
        " ('customers.plan_due', 'customers.task_due') ORDER BY n.id"
    ).tuples()


def test_a_plan_is_told_once_on_the_morning_of_its_review(person: Person, at: Any, mails: Any) -> None:
    at("2026-05-01 12:00")
    staff, tokyo = person("Stella", "staff"), person("Taro", "staff", timezone="Asia/Tokyo")
    uid = organisations.create(staff, "Cogs", owner=staff.uid)
    plan = plans.create(staff, uid, plans.Wanted(title="Grow", owner=tokyo.uid or "", review_on="2026-05-04"))
    plans.create(staff, uid, plans.Wanted(title="Keep", review_on="2026-05-04"))
    closed = plans.create(staff, uid, plans.Wanted(title="Over", review_on="2026-05-02"))
    plans.change(staff, uid, closed, plans.Wanted(title="Over", review_on="2026-05-02", state="dropped"))
    at("2026-05-03 20:59")
    assert told() == []
    at("2026-05-03 21:00")  # six in the morning of the fourth in Tokyo
    assert told() == [("Taro", "Review the plan: Grow")]
    at("2026-05-04 06:00")  # nobody was chosen for this one: whoever looks after the organisation
    expected = [("Taro", "Review the plan: Grow"), ("Stella", "Review the plan: Keep")]
    assert told() == expected
    at("2026-05-09 12:00")
    assert told() == expected
    assert [mail["subject"] for mail in mails() if "Review" in mail["subject"]]
    plans.change(staff, uid, plan, plans.Wanted(title="Grow", owner=tokyo.uid or "", review_on="2026-06-01"))
    assert told() == expected
    at("2026-06-02 12:00")
    assert told()[2:] == [("Taro", "Review the plan: Grow")]


def test_a_step_and_a_task_are_told_until_they_are_done(person: Person, at: Any) -> None:
    at("2026-05-01 12:00")
    staff, stan = person("Stella", "staff"), person("Stan", "staff")
    firm, uid = organisations.create(staff, "Cogs"), services.create(staff, "Bo")
    plan = plans.create(staff, firm, plans.Wanted(title="Grow"))
    plans.add_step(staff, firm, plan, title="Visit", owner=stan.uid or "", due_on="2026-05-02")
    done = plans.add_step(staff, firm, plan, title="Done", owner=stan.uid or "", due_on="2026-05-02")
    plans.add_step(staff, firm, plan, title="Of nobody", due_on="2026-05-02")
    plans.finish_step(staff, firm, plan, done, True)
    due = clock.now() + clock.HOUR
    activities.log(
        staff, CUSTOMER, uid, Wanted(kind="task", subject="Call", due_at=due, assignee=stan.uid or "")
    )
    finished = activities.log(staff, ORGANISATION, firm, Wanted(kind="task", subject="Paid", due_at=due))
    activities.finish(staff, ORGANISATION, firm, finished, True)
    assert told() == []
    at("2026-05-01 13:00")
    assert told() == [("Stan", "Task due: Call")]
    at("2026-05-02 08:00")
    assert told() == [("Stan", "Task due: Call"), ("Stan", "Step due: Visit")]
    notice = Prepared("SELECT url, excerpt FROM notice WHERE title = 'Step due: Visit'").row()
    assert notice == {"url": f"/organisations/{firm}#plans", "excerpt": "Cogs"}
    assert len(told()) == 2


def test_who_sees_the_customer_no_more_is_told_nothing(person: Person, seller: Person, at: Any) -> None:
    at("2026-05-01 12:00")
    staff, olaf = person("Stella", "staff"), seller("Olaf", "customers.read_own", "customers.edit")
    uid = services.create(staff, "Bo", owner=olaf.uid)
    task = Wanted(kind="task", subject="Call", due_at=clock.now(), assignee=olaf.uid or "")
    activities.log(staff, CUSTOMER, uid, task)
    services.change(staff, uid, owner=staff.uid)
    assert told() == []
    assert tasks.mine(olaf, UTC) == []


def test_what_waits_is_listed_by_day_and_led_to_whom_it_is_about(person: Person, at: Any) -> None:
    at("2026-05-04 12:00")
    staff, stan, ada = person("Stella", "staff"), person("Stan", "staff"), person("Ada")
    firm, uid, twin = (
        organisations.create(staff, "Cogs"),
        services.create(staff, "Bo"),
        services.create(staff, "Bo 2"),
    )
    plan = plans.create(staff, firm, plans.Wanted(title="Grow", owner=stan.uid or "", review_on="2026-05-05"))
    plans.add_step(staff, firm, plan, title="Visit", due_on="2026-05-04")
    for subject, due in (("Undated", None), ("Late", clock.now() - 2 * clock.DAY), ("Mine", clock.now())):
        who = staff if subject == "Mine" else stan
        wanted = Wanted(kind="task", subject=subject, due_at=due, assignee=who.uid or "")
        activities.log(staff, CUSTOMER, twin, wanted)
    merging.merge(staff, CUSTOMER, uid, twin)
    found = [(task.kind, task.title, task.day, task.name) for task in tasks.mine(stan, UTC)]
    assert found == [
        ("task", "Late", "2026-05-02", "Bo"),
        ("step", "Visit", "2026-05-04", "Cogs"),
        ("review", "Grow", "2026-05-05", "Cogs"),
        ("task", "Undated", "", "Bo"),
    ]
    with pytest.raises(Forbidden):
        tasks.mine(ada, UTC)


def test_the_page_of_tasks_marks_them_as_done_and_stays(sign_in: Any, visitor: Any) -> None:
    staff = sign_in("Stella", "staff")
    assert "Nothing waits for you" in staff.get("/tasks").text
    path = staff.post("/customers/new", {"name": "Bo <b>", "stage": "lead"}).headers["Location"]
    staff.post(f"{path}/activities", {"kind": "task", "subject": "Call <i>", "due_at": "2020-01-01T10:00"})
    page = staff.get("/tasks").text
    assert "Overdue" in page
    assert "Call &lt;i&gt;" in page
    done = page.partition(f'action="{path}/activities/')[2].partition('"')[0]
    answer = staff.post(f"{path}/activities/{done}", {"next": "/tasks"})
    assert answer.headers["Location"] == "/tasks"
    assert "Nothing waits for you" in staff.get("/tasks").text
    assert staff.post(f"{path}/activities/{done}", {"next": "//evil.example"}).headers["Location"] == path
    assert visitor.get("/tasks").status_code == 302
