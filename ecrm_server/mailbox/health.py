"""Are answers to our mails read?"""

from __future__ import annotations

from ecrm_server import clock
from ecrm_server.admin.health import HealthCheck, Result
from ecrm_server.mailbox import services

LATE = 20 * clock.MINUTE


def check_mailbox() -> Result:
    """The mailbox is set, and was read lately."""
    found = services.status()
    if found is None:
        return Result("not needed", "No mailbox is set. Answers go to whoever wrote the mail.")
    row = found.row
    if row is not None and row["error"]:
        return Result("broken", row["error"])
    if row is None or row["looked_at"] is None:
        return Result(
            "attention", "The mailbox was not read yet. The job 'Read answers' does it each minute."
        )
    if row["looked_at"] < clock.now() - LATE:
        return Result(
            "attention", "The mailbox was not read for 20 minutes. Look at 'Read answers' under Jobs."
        )
    return Result("well", f"Answers are read from {found.place.folder} at {found.place.host}.")


CHECKS = [HealthCheck("mailbox.read", "Mailbox", check_mailbox)]
