"""What waits for the signed-in person."""

from __future__ import annotations

from flask import g, render_template
from flask_babel import get_timezone

from ecrm_server.access import needs
from ecrm_server.customers import pieces, tasks
from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("customer_tasks", __name__)


@pages.get(pieces.TASKS)
@needs("customers.read_own")
def index() -> str:
    """Tasks, steps of plans and plans to look at again, by the day they are due."""
    found, today = tasks.mine(g.actor, get_timezone()), pieces.today()
    groups = {
        "late": [task for task in found if task.day and task.day < today],
        "today": [task for task in found if task.day == today],
        "later": [task for task in found if task.day > today],
        "undated": [task for task in found if not task.day],
    }
    return render_template("customers/tasks.html", groups=groups)
