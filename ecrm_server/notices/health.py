"""Does mail leave this site?"""

from __future__ import annotations

from ecrm_server import clock
from ecrm_server.admin.health import HealthCheck, Result
from ecrm_server.data import Prepared
from ecrm_server.kernel import current

_HELD = Prepared("SELECT count(*) FROM mail WHERE state = 'held'")
_FAILED = Prepared("SELECT count(*) FROM mail WHERE state = 'failed' AND created_at > ?")


def check_mail() -> Result:
    """A mail server is set, and takes what it is given; without one the outbox is read by hand."""
    if not current.generation().config.smtp_url:
        held = _HELD.value()
        if held:
            return Result("attention", f"No mail server is set. Mails that wait in the outbox: {held}.")
        return Result("not needed", "No mail server is set. What would be sent waits in the outbox.")
    failed = _FAILED.value(clock.now() - clock.DAY)
    if failed:
        return Result("attention", f"Mails that failed within a day: {failed}. Look at them in the outbox.")
    return Result("well", "The mail server takes what is sent.")


CHECKS = [HealthCheck("notices.mail", "Mail", check_mail)]
